-- Storage policy for PostgreSQL without TimescaleDB: every *_reading table becomes daily partitions on `at`, cut at midnight
-- in Asia/Ho_Chi_Minh. Roll-ups are computed from the span's rows when asked for.
--
-- This file only defines functions; the server then calls apply_storage_policy(), all in one transaction.
--
-- There is no default partition: it would have to be scanned by every query. Instead partitions are made ahead, the server
-- calls ensure_reading_partitions() for the days of a batch that lie outside them, and retention removes them again.

create or replace function reading_partition_name(reading_table name, day_at timestamptz) returns text
  language sql immutable as $$
  select reading_table || '_' || to_char(day_at at time zone 'Asia/Ho_Chi_Minh', 'YYYYMMDD')
$$;

-- Makes the partitions of these days (any moment of each) where they are missing; returns how many it made. Made apart and
-- then attached, because that does not keep readers and writers of the other days waiting.
create or replace function ensure_reading_partitions(reading_table name, moments timestamptz[]) returns integer
  language plpgsql as $$
declare
  day_at timestamptz;
  partition_name text;
  made integer := 0;
begin
  for day_at in
    select distinct date_trunc('day', moment, 'Asia/Ho_Chi_Minh') from unnest(moments) as moment order by 1
  loop
    partition_name := reading_partition_name(reading_table, day_at);
    if not exists (
      select from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = ('public.' || quote_ident(reading_table))::regclass and c.relname = partition_name
    ) then
      -- Two servers may come to the same day at the same moment.
      perform pg_advisory_xact_lock(hashtextextended('ensure_reading_partitions', 0));
      if to_regclass('public.' || quote_ident(partition_name)) is null then
        execute format('create table public.%I (like public.%I including defaults including constraints including indexes)',
                       partition_name, reading_table);
        execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                       reading_table, partition_name, day_at, day_at + interval '1 day');
        made := made + 1;
      elsif not exists (
        select from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = ('public.' || quote_ident(reading_table))::regclass and c.relname = partition_name
      ) then
        raise exception 'the name %, which a partition of % needs, belongs to another relation', partition_name, reading_table;
      end if;
    end if;
  end loop;
  return made;
end $$;

-- Upkeep, at start and every hour: partitions ahead and behind, then retention. Answers with the span in which every day of
-- every table now has its partition.
--
-- Late readings older than raw_retention (but within max_backfill) are taken when they come, into partitions made for them,
-- and removed by the next upkeep.
--
-- Retention counts from the newest day that holds readings, at the latest from now_at: a clock that jumps a year ahead must
-- not delete everything. Days without a single reading are removed by now_at alone.
create or replace function keep_reading_storage(now_at timestamptz)
  returns table (covered_from timestamptz, covered_to timestamptz, partitions_made integer, partitions_dropped integer)
  language plpgsql as $$
declare
  policy public.storage_policy;
  reading_table name;
  part record;
  newest_at timestamptz;
  has_rows boolean;
begin
  select * into strict policy from public.storage_policy;
  covered_from := date_trunc('day', now_at - least(policy.max_backfill, policy.raw_retention), 'Asia/Ho_Chi_Minh');
  covered_to := date_trunc('day', now_at, 'Asia/Ho_Chi_Minh') + interval '4 days';
  partitions_made := 0;
  partitions_dropped := 0;
  for reading_table in select * from public.reading_tables() loop
    partitions_made := partitions_made + public.ensure_reading_partitions(
      reading_table, array(select generate_series(covered_from, covered_to - interval '1 hour', interval '1 day')));
    newest_at := null;
    for part in
      select c.relname, b.until_at
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
      cross join lateral (
        select (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz as until_at
      ) b
      where i.inhparent = ('public.' || quote_ident(reading_table))::regclass
      order by b.until_at desc
    loop
      execute format('select exists (select from public.%I)', part.relname) into has_rows;
      if has_rows and newest_at is null then
        newest_at := part.until_at;
      end if;
      if part.until_at <= covered_from
        and part.until_at <= (case when has_rows then least(now_at, newest_at) else now_at end) - policy.raw_retention
      then
        execute format('drop table public.%I', part.relname);
        partitions_dropped := partitions_dropped + 1;
      end if;
    end loop;
  end loop;
  return next;
end $$;

-- Turns an ordinary table into a partitioned one of the same name, with the rows it may already hold.
create or replace function partition_reading_table(reading_table name) returns void
  language plpgsql as $$
declare
  former text := reading_table || '_unpartitioned';
  table_comment text := obj_description(('public.' || quote_ident(reading_table))::regclass, 'pg_class');
  key_name name;
begin
  execute format('lock table public.%I in access exclusive mode', reading_table);
  select conname into key_name from pg_constraint
  where conrelid = ('public.' || quote_ident(reading_table))::regclass and contype = 'p';
  execute format('alter table public.%I rename to %I', reading_table, former);
  execute format('alter table public.%I rename constraint %I to %I', former, key_name, key_name || '_unpartitioned');
  execute format('create table public.%I (like public.%I including all) partition by range (at)', reading_table, former);
  execute format('comment on table public.%I is %L', reading_table, table_comment);
  execute format('select public.ensure_reading_partitions(%L, array(select distinct date_trunc(''day'', at, ''Asia/Ho_Chi_Minh'') from public.%I))',
                 reading_table, former);
  execute format('insert into public.%I select * from public.%I', reading_table, former);
  execute format('drop table public.%I', former);
end $$;

-- The roll-up functions (catalogue.sql) over the raw readings of the span. The planner puts them in place of their call: only
-- what is selected is computed.
create or replace function create_rollup_functions(reading_table name) returns void
  language plpgsql as $$
declare
  width record;
  outputs text;
  terms text;
begin
  select string_agg(public.rollup_columns(metric_column, is_boolean), ', '),
         string_agg(case when is_boolean
           then format('avg(r.%1$I::integer) filter (where %2$s)::double precision, '
                       '(array_agg(r.%1$I::integer::real order by r.at desc) filter (where r.%1$I is not null))[1], ',
                       metric_column, trusted)
           else format('min(r.%1$I) filter (where %2$s), max(r.%1$I) filter (where %2$s), avg(r.%1$I) filter (where %2$s), '
                       '(array_agg(r.%1$I order by r.at desc) filter (where r.%1$I is not null))[1], ',
                       metric_column, trusted)
           end || format('count(r.%1$I) filter (where %2$s), count(r.%1$I) filter (where not (%2$s))', metric_column, trusted),
           E',\n             ')
  into outputs, terms
  from public.reading_metrics(reading_table)
  cross join lateral (select format('r.suspect is null or %L <> all (r.suspect)', metric_name) as trusted) t;
  for width in
    select * from (values
      ('5min', $w$date_bin('5 minutes', %s, 'epoch')$w$, '5 minutes'),
      ('1h', $w$date_bin('1 hour', %s, 'epoch')$w$, '1 hour'),
      ('1d', $w$date_trunc('day', %s, 'Asia/Ho_Chi_Minh')$w$, '1 day')) as w (suffix, bucket, step)
  loop
    execute format('drop function if exists public.%I(integer[], timestamptz, timestamptz)', reading_table || '_' || width.suffix);
    execute format(
      $f$create function public.%1$I(of_devices integer[], from_at timestamptz, to_at timestamptz)
      returns table (device_no integer, bucket_at timestamptz, readings bigint, %2$s)
      language sql stable parallel safe as $body$
      select r.device_no, %3$s, count(*),
             %4$s
      from public.%5$I r
      where r.device_no = any (of_devices)
        and r.at >= %6$s and r.at < %7$s + interval '%8$s'
      group by 1, 2 $body$ $f$,
      reading_table || '_' || width.suffix, outputs, format(width.bucket, 'r.at'), terms, reading_table,
      format(width.bucket, 'from_at'), format(width.bucket, $m$(to_at - interval '1 microsecond')$m$), width.step);
  end loop;
end $$;

create or replace function apply_storage_policy(now_at timestamptz) returns void
  language plpgsql as $$
declare
  reading_table name;
begin
  for reading_table in select * from public.reading_tables() loop
    if exists (select from pg_class where oid = ('public.' || quote_ident(reading_table))::regclass and relkind = 'r') then
      perform public.partition_reading_table(reading_table);
    end if;
    perform public.create_rollup_functions(reading_table);
  end loop;
  perform public.keep_reading_storage(now_at);
end $$;
