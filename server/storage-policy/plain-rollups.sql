-- Stored roll-ups for PostgreSQL without TimescaleDB. As plain.sql, this file only defines functions.
--
-- Why they are stored: rows come in the order of time over all devices, so each of a device's 8,640 readings of a day lies on
-- a page of its own, and its day cost 32 to 40 ms of CPU; and readings are kept for days where a chart wants a year.
--
-- Every reading table has <table>_rollup_5min, _1h and _1d. roll_up_readings() does one bounded piece of work in its own
-- transaction: an hour of at most so many devices. It goes on where rollup_progress says, hour after hour, once an hour has
-- settled; and it stores again the hours that late_reading_hour names. A piece that fails leaves no trace and is done again.
-- Hours are stored device by device, so that a device's twelve buckets of an hour lie on one page.

-- How a reading becomes a roll-up: for each metric what is stored, from readings `r` and from finer buckets `b`. To save a
-- third of the row a count that equals `readings` and a number of suspect values that is 0 are stored as null; without any
-- value that is not suspect, the sum is null.
create or replace function rollup_terms(reading_table name)
  returns table (metric_column name, is_boolean boolean, stored_columns text[], from_readings text[], from_buckets text[], trusted_count text)
  language sql stable as $$
  select m.metric_column, m.is_boolean,
         case when m.is_boolean then '{}'::text[] else array[format('%I', m.metric_column || '_min'), format('%I', m.metric_column || '_max')] end
           || array[format('%I', m.metric_column || '_sum'), format('%I', m.metric_column || '_last'),
                    format('%I', m.metric_column || '_count'), format('%I', m.metric_column || '_suspect')],
         case when m.is_boolean then '{}'::text[]
           else array[format('min(%s) filter (where %s)', t.value, t.trusted), format('max(%s) filter (where %s)', t.value, t.trusted)] end
           || array[format('sum(%s::double precision) filter (where %s)', t.value, t.trusted),
                    format('(array_agg(%s::real order by r.at desc) filter (where %s is not null))[1]', t.value, t.value),
                    format('nullif(count(%s) filter (where %s), count(*))', t.value, t.trusted),
                    format('nullif(count(%s) filter (where not %s), 0)', t.value, t.trusted)],
         case when m.is_boolean then '{}'::text[]
           else array[format('min(b.%1$I)', m.metric_column || '_min'), format('max(b.%1$I)', m.metric_column || '_max')] end
           || array[format('sum(b.%I)', m.metric_column || '_sum'),
                    format('(array_agg(b.%1$I order by b.bucket_at desc) filter (where b.%1$I is not null))[1]', m.metric_column || '_last'),
                    format('nullif(sum(%s), sum(b.readings))', t.trusted_count),
                    format('sum(b.%I)', m.metric_column || '_suspect')],
         t.trusted_count
  from public.reading_metrics(reading_table) m
  cross join lateral (
    select case when m.is_boolean then format('r.%I::integer', m.metric_column) else format('r.%I', m.metric_column) end as value,
           format('(r.suspect is null or %L <> all (r.suspect))', m.metric_name) as trusted,
           format('case when b.%1$I is null then 0 else coalesce(b.%2$I, b.readings) end',
                  m.metric_column || '_sum', m.metric_column || '_count') as trusted_count
  ) t
$$;

-- The three widths: the start of a moment's bucket, its length, and how much a partition holds.
create or replace function rollup_widths() returns table (width text, bucket_of text, bucket interval, partition interval)
  language sql immutable as $$
  values ('5min', $w$date_bin('5 minutes', %s, 'epoch')$w$, interval '5 minutes', interval '10 days'),
         ('1h', $w$date_bin('1 hour', %s, 'epoch')$w$, interval '1 hour', interval '60 days'),
         ('1d', $w$date_trunc('day', %s, 'Asia/Ho_Chi_Minh')$w$, interval '1 day', interval '730 days')
$$;

create or replace function rollup_table(reading_table name, width text) returns name
  language sql immutable as $$ select (reading_table || '_rollup_' || width)::name $$;

-- A metric that was added later gets its columns here; in older buckets they are null, which is: no value. The columns of 8
-- bytes come first, or a seventh of the row is padding.
create or replace function create_rollup_tables(reading_table name) returns void
  language plpgsql as $$
declare
  storing name;
  added text;
begin
  for storing in select public.rollup_table(reading_table, w.width) from public.rollup_widths() w loop
    if to_regclass('public.' || quote_ident(storing)) is null then
      execute format('create table public.%I (device_no integer not null, readings integer not null, bucket_at timestamptz not null, '
                     'primary key (device_no, bucket_at)) partition by range (bucket_at)', storing);
    end if;
    select string_agg(format('add column %s %s', c.column_name, case c.kind when 1 then 'double precision' when 2 then 'real' else 'integer' end),
                      ', ' order by c.kind, c.metric_no, c.column_name)
    into added
    from (
      select t.column_name, t.metric_no,
             case when t.column_name like '%\_sum' then 1 when t.column_name like any ('{%\\_count,%\\_suspect}') then 3 else 2 end as kind
      from (
        select unnest(r.stored_columns) as column_name, row_number() over () as metric_no from public.rollup_terms(reading_table) r
      ) t
      where not exists (
        select from pg_attribute a
        where a.attrelid = ('public.' || quote_ident(storing))::regclass and quote_ident(a.attname) = t.column_name and not a.attisdropped)
    ) c;
    if added is not null then
      execute format('alter table public.%I %s', storing, added);
    end if;
  end loop;
end $$;

create or replace function ensure_rollup_partition(reading_table name, of_width text, moment timestamptz) returns void
  language sql as $$
  select public.ensure_partition(public.rollup_table(reading_table, of_width),
           (public.rollup_table(reading_table, of_width) || '_' || to_char(b.from_at at time zone 'Asia/Ho_Chi_Minh', 'YYYYMMDD'))::name,
           b.from_at, b.from_at + w.partition)
  from public.rollup_widths() w
  cross join lateral (select date_bin(w.partition, moment, timestamptz '2000-01-01 00:00+07') as from_at) b
  where w.width = of_width
$$;

-- <table>_store_rollup(of_devices, hour_at, whole_day): stores the twelve buckets of 5 minutes and the one of 1 hour of these
-- devices, from their readings; and, when asked for, the day that the hour belongs to.
--
-- A bucket takes the place of a stored one only with at least as many readings: the readings of its time may have been removed
-- since, and a late one alone must not put an end to what they said.
create or replace function create_store_rollup_function(reading_table name) returns void
  language plpgsql as $$
declare
  stored text;
  from_readings text;
  from_buckets text;
  replaced text;
begin
  select string_agg(array_to_string(t.stored_columns, ', '), ', '),
         string_agg(array_to_string(t.from_readings, ', '), ', '),
         string_agg(array_to_string(t.from_buckets, ', '), ', '),
         string_agg((select string_agg(c || ' = excluded.' || c, ', ') from unnest(t.stored_columns) c), ', ')
  into stored, from_readings, from_buckets, replaced
  from public.rollup_terms(reading_table) t;
  execute format(
    $f$create or replace function public.%1$I(of_devices integer[], hour_at timestamptz, whole_day boolean) returns void
    language plpgsql as $body$
    declare
      day_at constant timestamptz := date_trunc('day', hour_at, 'Asia/Ho_Chi_Minh');
    begin
      -- In the order of keep_reading_storage(), or each might wait for the other.
      lock table public.%6$I in access share mode;
      perform public.ensure_rollup_partition(%2$L, '5min', hour_at), public.ensure_rollup_partition(%2$L, '1h', hour_at);
      execute %3$L using of_devices, hour_at, hour_at + interval '1 hour';
      execute %4$L using of_devices, hour_at, hour_at + interval '1 hour', hour_at;
      if whole_day then
        perform public.ensure_rollup_partition(%2$L, '1d', day_at);
        execute %5$L using of_devices, day_at, day_at + interval '1 day', day_at;
      end if;
    end $body$ $f$,
    reading_table || '_store_rollup', reading_table,
    format($s$insert into public.%1$I as stored (device_no, bucket_at, readings, %2$s)
      select r.device_no, date_bin('5 minutes', r.at, 'epoch'), count(*), %3$s
      from public.%4$I r where r.device_no = any ($1) and r.at >= $2 and r.at < $3
      group by 1, 2 order by 1, 2
      on conflict (device_no, bucket_at) do update set readings = excluded.readings, %5$s where excluded.readings >= stored.readings$s$,
      public.rollup_table(reading_table, '5min'), stored, from_readings, reading_table, replaced),
    format($s$insert into public.%1$I as stored (device_no, bucket_at, readings, %2$s)
      select b.device_no, $4, sum(b.readings), %3$s
      from public.%4$I b where b.device_no = any ($1) and b.bucket_at >= $2 and b.bucket_at < $3
      group by 1 order by 1
      on conflict (device_no, bucket_at) do update set readings = excluded.readings, %5$s where excluded.readings >= stored.readings$s$,
      public.rollup_table(reading_table, '1h'), stored, from_buckets, public.rollup_table(reading_table, '5min'), replaced),
    format($s$insert into public.%1$I as stored (device_no, bucket_at, readings, %2$s)
      select b.device_no, $4, sum(b.readings), %3$s
      from public.%4$I b where b.device_no = any ($1) and b.bucket_at >= $2 and b.bucket_at < $3
      group by 1 order by 1
      on conflict (device_no, bucket_at) do update set readings = excluded.readings, %5$s where excluded.readings >= stored.readings$s$,
      public.rollup_table(reading_table, '1d'), stored, from_buckets, public.rollup_table(reading_table, '1h'), replaced),
    reading_table);
end $$;

-- Up to where a reading table needs its readings no longer; null: nowhere yet.
create or replace function rolled_up_to(of_table name) returns timestamptz
  language sql stable as $$
  select least(p.stored_until, (select min(l.hour_at) from public.late_reading_hour l where l.reading_table = of_table))
  from public.rollup_progress p where p.reading_table = of_table
$$;

-- Removes the partitions of a roll-up that are older than retention; returns how many. Counts from what was stored newest, at
-- the latest from now_at: a clock that jumps ahead must not delete everything.
create or replace function drop_old_rollups(of_table name, width text, now_at timestamptz, retention interval) returns integer
  language plpgsql as $$
declare
  newest_at timestamptz;
  part record;
  dropped integer := 0;
begin
  select least(now_at, p.stored_until) into newest_at from public.rollup_progress p where p.reading_table = of_table;
  for part in
    select * from public.partitions_of(public.rollup_table(of_table, width)) where until_at <= newest_at - retention
  loop
    execute format('drop table public.%I', part.partition_name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

-- The devices that have readings in [from_at, to_at), in order, after after_no, at most so many. One probe of the key a device:
-- the span must be whole partitions.
create or replace function reading_devices(of_table name, from_at timestamptz, to_at timestamptz, after_no integer, at_most integer)
  returns integer[]
  language plpgsql stable as $$
declare
  devices integer[];
begin
  execute format(
    $s$with recursive known as (
      (select r.device_no from public.%1$I r where r.device_no > $3 and r.at >= $1 and r.at < $2 order by r.device_no, r.at limit 1)
      union all
      select (select r.device_no from public.%1$I r
              where r.device_no > known.device_no and r.at >= $1 and r.at < $2 order by r.device_no, r.at limit 1)
      from known where known.device_no is not null
    )
    select array(select device_no from known where device_no is not null limit $4)$s$, of_table)
  into devices using from_at, to_at, after_no, at_most;
  return devices;
end $$;

-- Whether there is a reading at or after moment. Rows are not in the order of time, so partitions that begin later are asked
-- first, then each device of the day.
create or replace function has_readings_since(of_table name, moment timestamptz) returns boolean
  language plpgsql stable as $$
declare
  day_at constant timestamptz := date_trunc('day', moment, 'Asia/Ho_Chi_Minh');
  found_one boolean;
begin
  execute format('select exists (select from public.%I where at >= $1)', of_table) into found_one using day_at + interval '1 day';
  if found_one then
    return true;
  end if;
  execute format('select exists (select from unnest($1) as d (no) where exists (select from public.%I r where r.device_no = d.no and r.at >= $2))', of_table)
  into found_one using public.reading_devices(of_table, day_at, day_at + interval '1 day', -2147483648, null), moment;
  return found_one;
end $$;

-- The beginning of the first day with readings that ends after moment; null: there is none.
create or replace function first_reading_day(of_table name, moment timestamptz) returns timestamptz
  language plpgsql stable as $$
declare
  part record;
  has_rows boolean;
begin
  for part in select * from public.partitions_of(of_table) where until_at > moment order by until_at loop
    execute format('select exists (select from public.%I)', part.partition_name) into has_rows;
    if has_rows then
      return part.from_at;
    end if;
  end loop;
  return null;
end $$;

-- One piece of work of one reading table, late hours first; no row: nothing to do by now. An hour settles `settled` after its
-- end: no transaction that brings readings of it unnoted may be under way any more. An hour after which no reading has come is
-- left alone, or a clock that jumps ahead would make all that comes afterwards late.
create or replace function roll_up_readings(now_at timestamptz, settled interval, at_most integer)
  returns table (rolled_table name, rolled_hour_at timestamptz, devices integer, late boolean)
  language plpgsql set work_mem = '32MB' as $$
declare
  of_table name;
  progress public.rollup_progress;
  first_day_at timestamptz;
  day_at timestamptz;
  device_nos integer[];
begin
  for of_table in select * from public.reading_tables() loop
    select * into progress from public.rollup_progress p where p.reading_table = of_table for update;
    if not found then
      first_day_at := public.first_reading_day(of_table, '-infinity');
      continue when first_day_at is null;
      insert into public.rollup_progress (reading_table, stored_until) values (of_table, first_day_at)
      returning * into progress;
    end if;

    -- What is newer than all that is stored will be stored in its turn.
    delete from public.late_reading_hour l where l.reading_table = of_table and l.hour_at > progress.stored_until;
    select min(l.hour_at) into rolled_hour_at from public.late_reading_hour l where l.reading_table = of_table;
    if rolled_hour_at is not null then
      device_nos := array(select distinct l.device_no from public.late_reading_hour l
                          where l.reading_table = of_table and l.hour_at = rolled_hour_at order by 1 limit at_most);
      -- Before its readings are looked at: a note that comes meanwhile stays.
      delete from public.late_reading_hour l
      where l.reading_table = of_table and l.hour_at = rolled_hour_at and l.device_no = any (device_nos);
      execute format('select public.%I($1, $2, $3)', of_table || '_store_rollup')
      using device_nos, rolled_hour_at,
            date_trunc('day', rolled_hour_at, 'Asia/Ho_Chi_Minh') + interval '1 day' <= progress.stored_until;
      rolled_table := of_table; devices := cardinality(device_nos); late := true;
      return next;
      return;
    end if;

    if progress.done_device_no is null then
      continue when progress.stored_until + interval '1 hour' > now_at - settled;
      first_day_at := public.first_reading_day(of_table, progress.stored_until);
      continue when first_day_at is null;
      -- Days without a reading are passed over.
      progress.stored_until := greatest(progress.stored_until, first_day_at);
      continue when progress.stored_until + interval '1 hour' > now_at - settled
        or not public.has_readings_since(of_table, progress.stored_until + interval '1 hour');
    end if;
    rolled_hour_at := progress.stored_until;
    day_at := date_trunc('day', rolled_hour_at, 'Asia/Ho_Chi_Minh');
    device_nos := public.reading_devices(of_table, day_at, day_at + interval '1 day',
                                         coalesce(progress.done_device_no, -2147483648), at_most);
    execute format('select public.%I($1, $2, $3)', of_table || '_store_rollup')
    using device_nos, rolled_hour_at, rolled_hour_at + interval '1 hour' = day_at + interval '1 day';
    update public.rollup_progress p
    set stored_until = case when cardinality(device_nos) < at_most then rolled_hour_at + interval '1 hour' else rolled_hour_at end,
        done_device_no = case when cardinality(device_nos) < at_most then null else device_nos[at_most] end
    where p.reading_table = of_table;
    rolled_table := of_table; devices := cardinality(device_nos); late := false;
    return next;
    return;
  end loop;
end $$;

-- The roll-up functions (catalogue.sql): the stored buckets, and from stored_until on the readings themselves. The planner
-- puts them in place of their call: only what is selected is computed.
create or replace function create_rollup_functions(reading_table name) returns void
  language plpgsql as $$
declare
  outputs text;
  stored_outputs text;
  stored_columns text;
  raw_columns text;
  merged text;
  stored_until text := format($p$coalesce((select p.stored_until from public.rollup_progress p where p.reading_table = %L), '-infinity')$p$, reading_table);
  of_width record;
  span text;
  raw_buckets text;
begin
  select string_agg(public.rollup_columns(t.metric_column, t.is_boolean), ', '),
         string_agg(
           case when t.is_boolean then '' else format('b.%I, b.%I, ', t.metric_column || '_min', t.metric_column || '_max') end
           || format('b.%1$I / nullif(%2$s, 0), b.%3$I, (%2$s)::bigint, coalesce(b.%4$I, 0)::bigint', t.metric_column || '_sum',
                     t.trusted_count, t.metric_column || '_last', t.metric_column || '_suspect'), ', '),
         string_agg((select string_agg('b.' || c, ', ') from unnest(t.stored_columns) c), ', '),
         string_agg((select string_agg(term || case when c like '%\_last' then '' when term like 'nullif%' then '::integer' else '' end || ' as ' || c, ', ')
                     from unnest(t.from_readings, t.stored_columns) as f (term, c)), ', '),
         string_agg((select string_agg(term || case when term like 'nullif%' or c like '%\_suspect' then '::integer' else '' end || ' as ' || c, ', ')
                     from unnest(t.from_buckets, t.stored_columns) as f (term, c)), ', ')
  into outputs, stored_outputs, stored_columns, raw_columns, merged
  from public.rollup_terms(reading_table) t;
  for of_width in select * from public.rollup_widths() loop
    span := format('b.bucket_at >= %s and b.bucket_at < to_at', format(of_width.bucket_of, 'from_at'));
    raw_buckets := format(
      'select r.device_no, %1$s as bucket_at, count(*)::integer as readings, %2$s
       from public.%3$I r
       where r.device_no = any (of_devices) and r.at >= %4$s and r.at >= %5$s and r.at < %6$s + interval ''%7$s''
       group by r.device_no, %8$s',
      -- What is still to be put together with hours stands after them.
      case when of_width.width = '1d' then 'max(r.at)' else format(of_width.bucket_of, 'r.at') end, raw_columns, reading_table, format(of_width.bucket_of, 'from_at'), stored_until,
      format(of_width.bucket_of, $m$(to_at - interval '1 microsecond')$m$), of_width.bucket, format(of_width.bucket_of, 'r.at'));
    execute format('drop function if exists public.%I(integer[], timestamptz, timestamptz)', reading_table || '_' || of_width.width);
    execute format(
      $f$create function public.%1$I(of_devices integer[], from_at timestamptz, to_at timestamptz)
      returns table (device_no integer, bucket_at timestamptz, readings bigint, %2$s)
      language sql stable parallel safe as $body$
      select b.device_no, b.bucket_at, b.readings::bigint, %3$s
      from public.%4$I b
      where b.device_no = any (of_devices) and %5$s and b.bucket_at < %6$s
      union all
      select b.device_no, b.bucket_at, b.readings::bigint, %3$s
      from (%7$s) b
      $body$ $f$,
      reading_table || '_' || of_width.width, outputs, stored_outputs, public.rollup_table(reading_table, of_width.width), span,
      -- The day that is under way is put together of its stored hours and the readings after them.
      case when of_width.width = '1d' then format(of_width.bucket_of, stored_until) else stored_until end,
      case when of_width.width = '1d' then format(
        'select b.device_no, %1$s as bucket_at, sum(b.readings)::integer as readings, %2$s
         from (
           select b.device_no, b.bucket_at, b.readings, %3$s
           from public.%4$I b
           where b.device_no = any (of_devices) and b.bucket_at >= %5$s and b.bucket_at >= %6$s
             and b.bucket_at < %7$s and b.bucket_at < %8$s + interval ''1 day''
           union all
           %9$s
         ) b
         group by 1, 2',
        format(of_width.bucket_of, 'b.bucket_at'), merged, stored_columns, public.rollup_table(reading_table, '1h'),
        format(of_width.bucket_of, 'from_at'), format(of_width.bucket_of, stored_until), stored_until,
        format(of_width.bucket_of, $m$(to_at - interval '1 microsecond')$m$), raw_buckets)
      else raw_buckets end);
  end loop;
end $$;
