-- What we know of every device and gateway beyond its readings, written only when it changes, so that a restart starts from
-- the last known state and not from nothing.

create table device_state (
  device_id text collate "C" primary key references device on delete cascade,
  connectivity text not null check (connectivity in ('up', 'down', 'stale', 'blind')),
  last_known text not null check (last_known in ('up', 'down', 'stale')),
  since timestamptz not null,
  reason text,
  session bigint,
  session_state text check (session_state in ('online', 'offline')),
  clock_offset_ms integer
) with (fillfactor = 70);
comment on column device_state.last_known is 'While blind: what it was before, which stays in every count.';
comment on column device_state.session is 'Highest session number seen; a last will of an older one is ignored.';
comment on column device_state.clock_offset_ms is 'Set while the device''s clock is steadily off and it is taken live by arrival time.';

create table gateway_state (
  gateway_id text collate "C" primary key references gateway on delete cascade,
  connectivity text not null check (connectivity in ('up', 'blind')),
  since timestamptz not null,
  reason text,
  session bigint,
  session_state text check (session_state in ('online', 'offline')),
  last_batch_at timestamptz
) with (fillfactor = 70);

create table outage (
  id bigint generated always as identity primary key,
  device_id text collate "C" not null references device on delete cascade,
  began_at timestamptz not null,
  ended_at timestamptz,
  basis text not null check (basis in ('said', 'inferred')),
  reason text,
  detected_at timestamptz not null,
  check (ended_at is null or ended_at >= began_at)
);
comment on table outage is 'The interval in which a device was down, said or inferred; never stale or blind. Availability is computed from these.';
create unique index outage_one_open_idx on outage (device_id) where ended_at is null;
create index outage_device_idx on outage (device_id, began_at desc);
create index outage_time_idx on outage (began_at);

create table outage_repair (
  id bigint generated always as identity primary key,
  outage_id bigint not null references outage on delete cascade,
  repaired_at timestamptz not null,
  reading_at timestamptz not null,
  note text not null
);
comment on table outage_repair is 'What late data changed in an outage: when, by which reading, in words.';

create table blind_span (
  id bigint generated always as identity primary key,
  gateway_id text collate "C" references gateway on delete cascade,
  began_at timestamptz not null,
  ended_at timestamptz,
  reason text not null
);
comment on table blind_span is 'When we could not see: through one gateway, or (gateway_id null) at all. Excluded from availability.';
create unique index blind_span_one_open_idx on blind_span (coalesce(gateway_id, '')) where ended_at is null;

create table intake_heartbeat (
  only_row boolean primary key default true check (only_row),
  beat_at timestamptz not null
);
comment on table intake_heartbeat is 'Written every few seconds while the intake sees; at start the time since is a blind span.';
