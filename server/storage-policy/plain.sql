-- Storage policy for PostgreSQL without TimescaleDB: every *_reading table becomes daily partitions on `at`, cut at midnight
-- in Asia/Ho_Chi_Minh, and feeds stored roll-ups of 5 minutes, 1 hour and 1 day.
--
-- This file only defines functions; the server then calls apply_storage_policy(), all in one transaction.
--
-- There is no default partition: it would have to be scanned by every query. Instead partitions are made ahead, the server
-- calls ensure_reading_partitions() for the days of a batch that lie outside them, and retention removes them again.
-- The roll-ups are in plain-rollups.sql.

create or replace function reading_partition_name(reading_table name, day_at timestamptz) returns text
  language sql immutable as $$
  select reading_table || '_' || to_char(day_at at time zone 'Asia/Ho_Chi_Minh', 'YYYYMMDD')
$$;

-- Makes a partition for [from_at, to_at) where it is missing; returns whether it did. Made apart and then attached, because
-- that does not keep readers and writers of the other partitions waiting.
create or replace function ensure_partition(parent name, partition_name name, from_at timestamptz, to_at timestamptz) returns boolean
  language plpgsql as $$
begin
  if public.is_partition_of(partition_name, parent) then
    return false;
  end if;
  -- Two servers may come to the same one at the same moment.
  perform pg_advisory_xact_lock(hashtextextended('ensure_reading_partitions', 0));
  if to_regclass('public.' || quote_ident(partition_name)) is null then
    execute format('create table public.%I (like public.%I including defaults including constraints including indexes)',
                   partition_name, parent);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
                   parent, partition_name, from_at, to_at);
    return true;
  elsif not public.is_partition_of(partition_name, parent) then
    raise exception 'the name %, which a partition of % needs, belongs to another relation', partition_name, parent;
  end if;
  return false;
end $$;

create or replace function is_partition_of(partition_name name, parent name) returns boolean
  language sql stable as $$
  select exists (
    select from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ('public.' || quote_ident(parent))::regclass and c.relname = partition_name)
$$;

-- Makes the partitions of these days (any moment of each) where they are missing; returns how many it made.
create or replace function ensure_reading_partitions(reading_table name, moments timestamptz[]) returns integer
  language plpgsql as $$
declare
  day_at timestamptz;
  made integer := 0;
begin
  for day_at in
    select distinct date_trunc('day', moment, 'Asia/Ho_Chi_Minh') from unnest(moments) as moment order by 1
  loop
    if public.ensure_partition(reading_table, public.reading_partition_name(reading_table, day_at), day_at, day_at + interval '1 day') then
      made := made + 1;
    end if;
  end loop;
  return made;
end $$;

-- The partitions of a table, by their bounds.
create or replace function partitions_of(parent name) returns table (partition_name name, from_at timestamptz, until_at timestamptz)
  language sql stable as $$
  select c.relname, (b.bounds)[1]::timestamptz, (b.bounds)[2]::timestamptz
  from pg_inherits i
  join pg_class c on c.oid = i.inhrelid
  cross join lateral (
    select regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') as bounds
  ) b
  where i.inhparent = ('public.' || quote_ident(parent))::regclass
$$;

-- Upkeep, at start and every hour: partitions ahead and behind, then retention. Answers with the span in which every day of
-- every table now has its partition.
--
-- Late readings older than raw_retention (but within max_backfill) are taken when they come, into partitions made for them,
-- and removed by the first upkeep after they were rolled up.
--
-- Retention counts from the newest day that holds readings, at the latest from now_at: a clock that jumps a year ahead must
-- not delete everything. Days without a single reading are removed by now_at alone. A day whose roll-ups are not stored yet
-- waits for them, but not for longer than raw_retention once more: roll-ups that fail must not fill the disk.
create or replace function keep_reading_storage(now_at timestamptz)
  returns table (covered_from timestamptz, covered_to timestamptz, partitions_made integer, partitions_dropped integer)
  language plpgsql as $$
declare
  policy public.storage_policy;
  reading_table name;
  part record;
  newest_at timestamptz;
  rolled_up_to timestamptz;
  removed_before timestamptz;
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
    rolled_up_to := public.rolled_up_to(reading_table);
    newest_at := null;
    for part in select * from public.partitions_of(reading_table) order by until_at desc loop
      execute format('select exists (select from public.%I)', part.partition_name) into has_rows;
      if has_rows and newest_at is null then
        newest_at := part.until_at;
      end if;
      removed_before := (case when has_rows then least(now_at, newest_at) else now_at end) - policy.raw_retention;
      if part.until_at <= covered_from and part.until_at <= removed_before
        and (not has_rows or part.until_at <= rolled_up_to or part.until_at <= removed_before - policy.raw_retention)
      then
        execute format('drop table public.%I', part.partition_name);
        partitions_dropped := partitions_dropped + 1;
      end if;
    end loop;
    partitions_dropped := partitions_dropped
      + public.drop_old_rollups(reading_table, '5min', now_at, policy.rollup_5min_retention)
      + public.drop_old_rollups(reading_table, '1h', now_at, policy.rollup_1h_retention);
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

create or replace function apply_storage_policy(now_at timestamptz) returns void
  language plpgsql as $$
declare
  reading_table name;
begin
  for reading_table in select * from public.reading_tables() loop
    if exists (select from pg_class where oid = ('public.' || quote_ident(reading_table))::regclass and relkind = 'r') then
      perform public.partition_reading_table(reading_table);
    end if;
    perform public.create_rollup_tables(reading_table);
    perform public.create_store_rollup_function(reading_table);
    perform public.create_rollup_functions(reading_table);
  end loop;
  perform public.keep_reading_storage(now_at);
end $$;
