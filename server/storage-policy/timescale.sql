-- Storage policy for TimescaleDB: every *_reading table becomes a hypertable with a columnstore, and feeds continuous
-- aggregates of 5 minutes, 1 hour and 1 day.
--
-- This file only defines functions; the server then calls apply_storage_policy(), all in one transaction: a policy that fails
-- half-way changes nothing. (Continuous aggregates may be made inside a transaction when they are made WITH NO DATA.)
-- Everything is compared with what is there: applying it again changes nothing, a changed setting replaces only its own job.
--
-- A refresh only looks at ranges that changed since the last one, so its window may be as long as late data may be late. The
-- levels feed each other (1 day from 1 hour from 5 minutes), so a late reading has passed all three after three intervals.

create or replace function rollup_refresh_interval() returns interval language sql immutable as $$ select interval '2 minutes' $$;

create or replace function rollup_view(reading_table name, width text, generation integer) returns text
  language sql immutable as $$ select format('%s_rollup_%s_%s', reading_table, width, generation) $$;

-- Which generation of continuous aggregates holds a metric; null: none yet. A continuous aggregate cannot be given another
-- column, and one that is past raw retention cannot be made again: metrics that are added later get aggregates of their own.
create or replace function rollup_generation(reading_table name, metric_column name) returns integer
  language sql stable as $$
  select max(substring(c.relname from '_rollup_5min_(\d+)$')::integer)
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'
    and c.relname ~ ('^' || reading_table || '_rollup_5min_\d+$') and a.attname = metric_column || '_count'
$$;

create or replace function create_rollup_generation(reading_table name) returns void
  language plpgsql as $$
declare
  generation integer;
  from_readings text;
  from_rollup text;
begin
  select string_agg(
           case when is_boolean
             then format('sum(%1$I::integer) filter (where %2$s)::double precision as %3$I, '
                         'last(%1$I::integer::real, at) filter (where %1$I is not null) as %4$I, ',
                         metric_column, trusted, metric_column || '_sum', metric_column || '_last')
             else format('min(%1$I) filter (where %2$s) as %5$I, max(%1$I) filter (where %2$s) as %6$I, '
                         'sum(%1$I::double precision) filter (where %2$s) as %3$I, '
                         'last(%1$I, at) filter (where %1$I is not null) as %4$I, ',
                         metric_column, trusted, metric_column || '_sum', metric_column || '_last',
                         metric_column || '_min', metric_column || '_max')
           end || format('count(%1$I) filter (where %2$s) as %3$I, count(%1$I) filter (where not (%2$s)) as %4$I',
                         metric_column, trusted, metric_column || '_count', metric_column || '_suspect'), ', '),
         string_agg(
           case when is_boolean then '' else format('min(%1$I) as %1$I, max(%2$I) as %2$I, ', metric_column || '_min', metric_column || '_max') end
           || format('sum(%1$I) as %1$I, last(%2$I, bucket_at) filter (where %2$I is not null) as %2$I, '
                     'sum(%3$I)::bigint as %3$I, sum(%4$I)::bigint as %4$I',
                     metric_column || '_sum', metric_column || '_last', metric_column || '_count', metric_column || '_suspect'), ', ')
  into from_readings, from_rollup
  from public.reading_metrics(reading_table)
  cross join lateral (select format('(suspect is null or %L <> all (suspect))', metric_name) as trusted) t
  where public.rollup_generation(reading_table, metric_column) is null;
  if from_readings is null then
    return;
  end if;

  select coalesce(max(substring(relname from '\d+$')::integer), 0) + 1 into generation
  from pg_class where relnamespace = 'public'::regnamespace and relname ~ ('^' || reading_table || '_rollup_5min_\d+$');
  execute format(
    'create materialized view public.%I with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = ''10 days'') as '
    'select device_no, time_bucket(interval ''5 minutes'', at) as bucket_at, count(*) as readings, %s from public.%I group by 1, 2 with no data',
    public.rollup_view(reading_table, '5min', generation), from_readings, reading_table);
  execute format(
    'create materialized view public.%I with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = ''60 days'') as '
    'select device_no, time_bucket(interval ''1 hour'', bucket_at) as bucket_at, sum(readings)::bigint as readings, %s from public.%I group by 1, 2 with no data',
    public.rollup_view(reading_table, '1h', generation), from_rollup,
    public.rollup_view(reading_table, '5min', generation));
  execute format(
    'create materialized view public.%I with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = ''730 days'') as '
    'select device_no, time_bucket(interval ''1 day'', bucket_at, ''Asia/Ho_Chi_Minh'') as bucket_at, sum(readings)::bigint as readings, %s from public.%I group by 1, 2 with no data',
    public.rollup_view(reading_table, '1d', generation), from_rollup,
    public.rollup_view(reading_table, '1h', generation));
end $$;

-- The roll-up functions (catalogue.sql) over the continuous aggregates. Generation 1 has every bucket; later ones are joined.
-- They run a statement of their own instead of being put in place of their call: only where an aggregate is named in the
-- statement itself does the planner know up to where it is materialized, and need not open every chunk of the readings
-- (a year: 2 ms instead of 150).
create or replace function create_rollup_functions(reading_table name) returns void
  language plpgsql as $$
declare
  width record;
  outputs text;
  terms text;
  joins text;
begin
  select string_agg(public.rollup_columns(metric_column, is_boolean), ', '),
         string_agg(
           case when is_boolean then '' else format('g%1$s.%2$I, g%1$s.%3$I, ', generation, metric_column || '_min', metric_column || '_max') end
           || format('g%1$s.%2$I / nullif(g%1$s.%3$I, 0), g%1$s.%4$I, g%1$s.%3$I, g%1$s.%5$I', generation, metric_column || '_sum',
                     metric_column || '_count', metric_column || '_last', metric_column || '_suspect'), ', ')
  into outputs, terms
  from public.reading_metrics(reading_table)
  cross join lateral (select public.rollup_generation(reading_table, metric_column) as generation) g;
  for width in
    select * from (values
      ('5min', $w$time_bucket(interval '5 minutes', %s)$w$),
      ('1h', $w$time_bucket(interval '1 hour', %s)$w$),
      ('1d', $w$time_bucket(interval '1 day', %s, 'Asia/Ho_Chi_Minh')$w$)) as w (suffix, bucket)
  loop
    select coalesce(string_agg(format(
             ' left join public.%1$I g%2$s on g%2$s.device_no = g1.device_no and g%2$s.bucket_at = g1.bucket_at '
             'and g%2$s.device_no = any ($1) and g%2$s.bucket_at >= $2 and g%2$s.bucket_at < $3',
             public.rollup_view(reading_table, width.suffix, generation), generation), ''), '')
    into joins
    from (
      select distinct public.rollup_generation(reading_table, metric_column) as generation from public.reading_metrics(reading_table)
    ) later
    where generation > 1;
    execute format('drop function if exists public.%I(integer[], timestamptz, timestamptz)', reading_table || '_' || width.suffix);
    execute format(
      $f$create function public.%1$I(of_devices integer[], from_at timestamptz, to_at timestamptz)
      returns table (device_no integer, bucket_at timestamptz, readings bigint, %2$s)
      language plpgsql stable as $body$
      begin
        return query execute %3$L using of_devices, %4$s, to_at;
      end $body$ $f$,
      reading_table || '_' || width.suffix, outputs,
      format('select g1.device_no, g1.bucket_at, g1.readings, %s from public.%I g1%s '
             'where g1.device_no = any ($1) and g1.bucket_at >= $2 and g1.bucket_at < $3',
             terms, public.rollup_view(reading_table, width.suffix, 1), joins),
      format(width.bucket, 'from_at'));
  end loop;
end $$;

-- One job of one hypertable or continuous aggregate: left alone when it is as wanted, else made anew.
create or replace function keep_retention(relation text, drop_after interval) returns void
  language plpgsql as $$
declare
  job record;
begin
  select * into job from timescaledb_information.jobs
  where proc_name = 'policy_retention' and hypertable_schema = 'public' and hypertable_name = relation;
  if found and (job.config ->> 'drop_after')::interval = drop_after then
    return;
  end if;
  perform remove_retention_policy(format('public.%I', relation)::regclass, if_exists => true);
  perform add_retention_policy(format('public.%I', relation)::regclass, drop_after => drop_after);
end $$;

create or replace function keep_columnstore(relation text, is_rollup boolean, after_age interval) returns void
  language plpgsql as $$
declare
  job record;
begin
  select * into job from timescaledb_information.jobs
  where proc_name = 'policy_compression' and hypertable_schema = 'public' and hypertable_name = relation;
  if found and (job.config ->> 'compress_after')::interval = after_age then
    return;
  end if;
  if found then
    call remove_columnstore_policy(format('public.%I', relation)::regclass, if_exists => true);
  else
    execute format(
      'alter %s public.%I set (timescaledb.enable_columnstore = true, timescaledb.segmentby = ''device_no'', timescaledb.orderby = %L)',
      case when is_rollup then 'materialized view' else 'table' end, relation, case when is_rollup then 'bucket_at' else 'at' end);
  end if;
  call add_columnstore_policy(format('public.%I', relation)::regclass, after => after_age);
end $$;

create or replace function keep_refresh(relation text, begins_ago interval, ends_ago interval) returns void
  language plpgsql as $$
declare
  job record;
begin
  select * into job from timescaledb_information.jobs
  where proc_name = 'policy_refresh_continuous_aggregate' and hypertable_schema = 'public' and hypertable_name = relation;
  if found and (job.config ->> 'start_offset')::interval = begins_ago and (job.config ->> 'end_offset')::interval = ends_ago
    and job.schedule_interval = public.rollup_refresh_interval()
  then
    return;
  end if;
  perform remove_continuous_aggregate_policy(format('public.%I', relation)::regclass, if_exists => true);
  perform add_continuous_aggregate_policy(format('public.%I', relation)::regclass,
    start_offset => begins_ago, end_offset => ends_ago, schedule_interval => public.rollup_refresh_interval());
end $$;

-- Upkeep is done by TimescaleDB's own jobs, and chunks are made when a row needs one: nothing to do, and every day is covered.
create or replace function keep_reading_storage(now_at timestamptz)
  returns table (covered_from timestamptz, covered_to timestamptz, partitions_made integer, partitions_dropped integer)
  language sql stable as $$ select '-infinity'::timestamptz, 'infinity'::timestamptz, 0, 0 $$;

-- Roll-ups too are kept by TimescaleDB's own jobs.
create or replace function roll_up_readings(now_at timestamptz, settled interval, at_most integer)
  returns table (rolled_table name, rolled_hour_at timestamptz, devices integer, late boolean)
  language sql stable as $$ select null::name, null::timestamptz, 0, false where false $$;

create or replace function apply_storage_policy(now_at timestamptz) returns void
  language plpgsql as $$
declare
  policy public.storage_policy;
  reading_table name;
  generation integer;
begin
  select * into strict policy from public.storage_policy;
  for reading_table in select * from public.reading_tables() loop
    if not exists (
      select from timescaledb_information.hypertables where hypertable_schema = 'public' and hypertable_name = reading_table
    ) then
      perform create_hypertable(format('public.%I', reading_table)::regclass, by_range('at', interval '1 day'),
        create_default_indexes => false, migrate_data => true);
    end if;
    perform public.create_rollup_generation(reading_table);
    perform public.create_rollup_functions(reading_table);

    perform public.keep_columnstore(reading_table, false, policy.max_backfill);
    perform public.keep_retention(reading_table, policy.raw_retention);
    for generation in
      select distinct public.rollup_generation(reading_table, metric_column) from public.reading_metrics(reading_table)
    loop
      -- A window holds whole buckets only, so it begins one bucket and a little before the latest moment that may still come.
      perform public.keep_refresh(public.rollup_view(reading_table, '5min', generation), policy.max_backfill + interval '1 hour', interval '5 minutes');
      perform public.keep_refresh(public.rollup_view(reading_table, '1h', generation), policy.max_backfill + interval '3 hours', interval '1 hour');
      perform public.keep_refresh(public.rollup_view(reading_table, '1d', generation), policy.max_backfill + interval '49 hours', interval '1 day');
      perform public.keep_columnstore(public.rollup_view(reading_table, '5min', generation), true, policy.max_backfill + interval '5 days');
      perform public.keep_columnstore(public.rollup_view(reading_table, '1h', generation), true, policy.max_backfill + interval '5 days');
      perform public.keep_columnstore(public.rollup_view(reading_table, '1d', generation), true, policy.max_backfill + interval '5 days');
      perform public.keep_retention(public.rollup_view(reading_table, '5min', generation), policy.rollup_5min_retention);
      perform public.keep_retention(public.rollup_view(reading_table, '1h', generation), policy.rollup_1h_retention);
    end loop;
  end loop;
end $$;
