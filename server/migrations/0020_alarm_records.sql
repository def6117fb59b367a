-- An alarm is about any resource, not only a device: RFC 8632's key is resource + type + qualifier. What a person did about
-- it, why it tells nobody, and the incident it belongs to stand beside it; everything that happened to it is a row of its own.

alter table alarm alter column device_id drop not null;
alter table alarm rename column text to text_vi;
alter table alarm
  add column version integer not null default 1,
  add column resource_kind text not null default 'device'
    check (resource_kind in ('device', 'site', 'hub', 'gateway', 'commune')),
  add column resource_id text collate "C",
  add column resource_name text not null default '',
  add column commune_code text,
  add column owner_id text collate "C",
  add column probable_cause text not null default 'indeterminate',
  add column text_en text not null default '',
  add column action_vi text not null default '',
  add column action_en text not null default '',
  add column estimated boolean not null default false,
  add column began_at timestamptz,
  add column operator_state text not null default 'none'
    check (operator_state in ('none', 'acknowledged', 'closed', 'shelved')),
  add column suppression text check (suppression in ('symptom', 'maintenance', 'flapping')),
  add column shelved_by uuid,
  add column shelved_by_name text,
  add column shelved_at timestamptz,
  add column shelved_until timestamptz,
  add column shelved_reason text,
  add column incident_id bigint references incident on delete set null,
  add column rule_id text;

update alarm a set
  resource_id = a.device_id, resource_name = d.name, commune_code = d.commune_code, owner_id = d.organisation_id,
  began_at = a.raised_at, text_en = a.text_vi, rule_id = d.device_class || '.' || a.alarm_type,
  probable_cause = case a.alarm_type when 'riverLevel' then 'floodDetected' else 'equipmentMalfunction' end
from device d where d.id = a.device_id;

alter table alarm
  alter column resource_id set not null,
  alter column resource_kind drop default,
  alter column began_at set not null,
  add check ((resource_kind = 'device') = (device_id is not null)),
  add check ((operator_state = 'shelved') = (shelved_until is not null));

drop index alarm_one_current_idx;
create unique index alarm_one_current_idx on alarm (resource_kind, resource_id, alarm_type, qualifier) where cleared_at is null;
create index alarm_list_idx on alarm (raised_at desc, id desc);
create index alarm_device_idx on alarm (device_id, raised_at desc) where device_id is not null;
create index alarm_incident_idx on alarm (incident_id) where incident_id is not null;
drop index alarm_raised_idx;
comment on column alarm.began_at is 'When the state itself began; raised_at is after the rule''s delay.';
comment on column alarm.suppression is 'Why an alarm that stands tells nobody; it counts all the same, and is judged again when the reason ends.';

create table alarm_change (
  id bigint generated always as identity primary key,
  alarm_id bigint not null references alarm on delete cascade,
  at timestamptz not null,
  action text not null,
  severity text check (severity in ('critical', 'major', 'minor', 'warning')),
  text_vi text,
  text_en text,
  person_id uuid,
  person_name text
);
create index alarm_change_idx on alarm_change (alarm_id, id);
comment on table alarm_change is 'What happened to an alarm: raised, changed, cleared, and what people and windows did.';

create table alarm_track (
  device_id text collate "C" not null references device on delete cascade,
  rule_key text not null,
  state jsonb not null,
  primary key (device_id, rule_key)
) with (fillfactor = 70);
comment on table alarm_track is
  'What a rule remembers of a device between two readings: since when a limit is passed, the last samples of a rate. A restart goes on from here. No row: nothing to remember.';

create table alarm_shelf (
  resource_kind text not null,
  resource_id text collate "C" not null,
  alarm_type text not null,
  qualifier text not null,
  person_id uuid,
  person_name text not null,
  shelved_at timestamptz not null,
  until_at timestamptz not null,
  reason text not null,
  primary key (resource_kind, resource_id, alarm_type, qualifier)
);
comment on table alarm_shelf is 'Keys of alarms put aside until a moment; a recurrence until then is put aside too.';

create table alarm_flood (
  only_row boolean primary key default true check (only_row),
  since timestamptz,
  quiet_since timestamptz,
  ended_by_hand_at timestamptz
);
insert into alarm_flood default values;
comment on table alarm_flood is 'Whether more alarms come than a person can read: since when, and since when it has been quieter again.';
