-- Announced work. A recurring window is its rule, in local time; what it covered when it ran is kept as spans.

create table maintenance_window (
  id bigint generated always as identity primary key,
  version integer not null default 1,
  subject_kind text not null check (subject_kind in ('device', 'site', 'commune', 'owner', 'class')),
  subject_id text collate "C" not null,
  schedule jsonb not null,
  reason text not null,
  created_by uuid,
  created_by_name text not null,
  created_at timestamptz not null,
  ended_at timestamptz
);
comment on column maintenance_window.ended_at is 'Ended by hand, or its last instance is over: it never runs again.';

create table maintenance_span (
  id bigint generated always as identity primary key,
  window_id bigint not null references maintenance_window on delete cascade,
  device_id text collate "C" not null references device on delete cascade,
  began_at timestamptz not null,
  ended_at timestamptz,
  check (ended_at is null or ended_at >= began_at)
);
create unique index maintenance_span_one_open_idx on maintenance_span (window_id, device_id) where ended_at is null;
create index maintenance_span_device_idx on maintenance_span (device_id, began_at desc);
create index maintenance_span_time_idx on maintenance_span (began_at);
comment on table maintenance_span is 'When a window ran for a device. Neither up nor down: excluded from availability.';
