-- What both storage policies know of the reading tables: nothing but what stands in the catalogue, so that a new device class
-- needs only its migration.

create or replace function reading_tables() returns setof name
  language sql stable as $$
  select c.relname from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname like '%\_reading' and not c.relispartition
  order by c.relname
$$;

-- The metrics of a reading table: their column, their name on the wire (as it stands in `suspect`) and their kind.
create or replace function reading_metrics(reading_table name)
  returns table (metric_column name, metric_name text, is_boolean boolean)
  language sql stable as $$
  select a.attname,
         lower(left(a.attname, 1)) || substr(replace(initcap(replace(a.attname, '_', ' ')), ' ', ''), 2),
         a.atttypid = 'boolean'::regtype
  from pg_attribute a
  where a.attrelid = ('public.' || quote_ident(reading_table))::regclass and a.attnum > 0 and not a.attisdropped
    and a.attname not in ('device_no', 'at', 'received_at', 'seq', 'suspect')
  order by a.attnum
$$;

-- Both policies make, for every reading table, the functions <table>_5min, <table>_1h and <table>_1d
-- (of_devices integer[], from_at timestamptz, to_at timestamptz): the whole buckets that overlap [from_at, to_at), days cut at
-- midnight in Asia/Ho_Chi_Minh. Of every metric:
--   _min, _max  of the values that are not suspect (numbers only)
--   _avg        of the same values; of a boolean the share of true
--   _last       the newest value, suspect or not; a boolean as 0 and 1
--   _count      how many values are not suspect
--   _suspect    how many are
-- Chunks or partitions outside the span are not looked at. These are their result columns for one metric.
create or replace function rollup_columns(metric_column name, is_boolean boolean) returns text
  language sql immutable as $$
  select case when is_boolean then '' else format('%I real, %I real, ', metric_column || '_min', metric_column || '_max') end
      || format('%I double precision, %I real, %I bigint, %I bigint', metric_column || '_avg', metric_column || '_last',
                metric_column || '_count', metric_column || '_suspect')
$$;
