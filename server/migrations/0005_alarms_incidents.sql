-- Alarms (RFC 8632: device + type + qualifier; every occurrence its own row) and the incidents that people work.

create table alarm (
  id bigint generated always as identity primary key,
  device_id text collate "C" not null references device on delete cascade,
  alarm_type text not null,
  qualifier text not null default '',
  severity text not null check (severity in ('critical', 'major', 'minor', 'warning')),
  text text not null,
  raised_at timestamptz not null,
  changed_at timestamptz not null,
  cleared_at timestamptz
);
create unique index alarm_one_current_idx on alarm (device_id, alarm_type, qualifier) where cleared_at is null;
create index alarm_raised_idx on alarm (raised_at desc);

create table incident (
  id bigint generated always as identity primary key,
  version integer not null default 1,
  state text not null check (state in ('open', 'acknowledged', 'resolved')),
  severity text not null check (severity in ('critical', 'major', 'minor', 'warning')),
  impact text not null check (impact in ('isolated', 'nearlyIsolated', 'critical', 'major', 'minor', 'none')),
  outage_id bigint not null references outage on delete cascade,
  device_id text collate "C" not null references device on delete cascade,
  commune_code text not null,
  basis text not null check (basis in ('said', 'inferred')),
  reason text,
  began_at timestamptz not null,
  detected_at timestamptz not null,
  ended_at timestamptz,
  acknowledged_by uuid references person,
  acknowledged_at timestamptz,
  note text,
  check ((acknowledged_by is null) = (acknowledged_at is null))
);
create unique index incident_outage_idx on incident (outage_id);
create index incident_current_idx on incident (state) where state <> 'resolved';
create index incident_list_idx on incident (began_at desc, id desc);
create index incident_device_idx on incident (device_id, began_at desc);

create table incident_change (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident on delete cascade,
  at timestamptz not null,
  person_id uuid references person,
  action text not null check (action in ('opened', 'acknowledged', 'released', 'resolved', 'severityChanged')),
  note text
);
create index incident_change_idx on incident_change (incident_id, id);
