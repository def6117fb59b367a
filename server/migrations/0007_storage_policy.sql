-- How readings are kept. Written by the storage policy (server/storage-policy) at every start, in the same transaction as
-- what it describes: a policy that failed half-way leaves neither.

create table storage_policy (
  only_row boolean primary key default true check (only_row),
  profile text not null check (profile in ('timescale', 'plain')),
  extension_version text,
  max_backfill interval not null,
  raw_retention interval not null,
  rollup_5min_retention interval,
  rollup_1h_retention interval,
  applied_at timestamptz not null
);
comment on table storage_policy is 'The storage policy in force: hypertables of TimescaleDB, or daily partitions of plain PostgreSQL.';
comment on column storage_policy.raw_retention is 'How long raw readings are kept; on TimescaleDB never shorter than max_backfill and two days.';
comment on column storage_policy.rollup_5min_retention is 'Null on plain PostgreSQL: its roll-ups are computed from the raw readings.';
