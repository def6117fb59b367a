-- Roll-ups of PostgreSQL without TimescaleDB are stored (server/storage-policy/plain.sql makes their tables); these two say
-- how far they are. On TimescaleDB both stay empty.

create table rollup_progress (
  reading_table name primary key,
  stored_until timestamptz not null,
  done_device_no integer
);
comment on table rollup_progress is 'Up to where the roll-ups of a reading table are stored; what is newer is computed from its readings.';
comment on column rollup_progress.stored_until is 'A whole hour. Every bucket before it is stored.';
comment on column rollup_progress.done_device_no is 'Of the hour that begins at stored_until, the devices up to this one are stored already; null: none.';

create table late_reading_hour (
  id bigint generated always as identity primary key,
  reading_table name not null,
  hour_at timestamptz not null,
  device_no integer not null
);
create index late_reading_hour_table on late_reading_hour (reading_table, hour_at);
comment on table late_reading_hour is 'Hours of a device that got readings after they were stored, noted with those readings: stored again within minutes, then removed. Not unique, so that who notes never waits for who stores.';

comment on column storage_policy.rollup_5min_retention is 'How long roll-ups of 5 minutes are kept.';
