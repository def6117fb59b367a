-- An incident holds alarms, one or many, and is about a place: a hub, a site, a feed, a commune, a river. What people do to
-- it, and what the system proposes, stands beside it; who did what is a trail that nobody can edit.

drop index incident_outage_idx;
drop index incident_current_idx;
alter table incident drop column outage_id;
alter table incident drop constraint incident_device_id_fkey;
alter table incident
  alter column device_id drop not null,
  alter column commune_code drop not null,
  alter column basis drop not null,
  add foreign key (device_id) references device on delete set null,
  drop constraint incident_state_check,
  add constraint incident_state_check
    check (state in ('open', 'acknowledged', 'inProgress', 'resolved', 'closed')),
  add column kind text not null default 'single' check (kind in (
    'communeIsolated', 'communeNearlyIsolated', 'gatewaySilent', 'hubDown', 'powerFailure', 'operatorsDown', 'siteDown',
    'flood', 'single')),
  add column anchor text,
  add column title jsonb,
  add column place_kind text not null default 'device'
    check (place_kind in ('device', 'site', 'hub', 'gateway', 'feed', 'commune', 'river')),
  add column place_id text,
  add column place_name text,
  add column device_name text,
  add column device_class text,
  add column owner_id text collate "C",
  add column commune_codes text[] not null default '{}',
  add column alarms integer not null default 0,
  add column symptoms integer not null default 0,
  add column devices integer not null default 0,
  add column devices_down integer not null default 0,
  add column cause_code text,
  add column cause_evidence jsonb,
  add column cause_named_by uuid references person,
  add column work_version integer not null default 1,
  add column made_by_hand boolean not null default false,
  add column acknowledged_until timestamptz,
  add column expected_at timestamptz,
  add column request jsonb,
  add column resolution text,
  add column resolved_at timestamptz,
  add column closed_at timestamptz,
  add column judge_again_at timestamptz,
  add column reopenings integer not null default 0,
  add column merged_into bigint references incident,
  add check (merged_into is null or (merged_into <> id and state = 'closed'));
comment on column incident.anchor is 'What a recurrence is known by: an alarm with this anchor reopens the incident within the settable time.';
comment on column incident.commune_codes is 'Every commune it touches, that of most of it first.';
comment on column incident.work_version is
  'The version at the last change by a person, or of state or grouping. Whoever saw this or a later one has seen all that people decide on.';
comment on column incident.made_by_hand is 'A person split or merged it: it is only ever proposed to.';
comment on column incident.judge_again_at is 'When what hangs on its returned parent, and did not return, is judged again.';
comment on column incident.request is 'What the responsible organisation was asked and answered; shape in the contract (organisationRequest).';

update incident i set
  place_id = i.device_id, place_name = d.name, device_name = d.name, device_class = d.device_class, owner_id = d.organisation_id,
  commune_codes = array[i.commune_code], anchor = 'device:' || i.device_id || ':connectivityLost',
  title = jsonb_build_object('vi', d.name || ' mất kết nối', 'en', d.name || ' down'),
  alarms = (i.state <> 'resolved')::int, devices = 1, devices_down = (i.state <> 'resolved')::int, work_version = i.version,
  resolved_at = case when i.state = 'resolved' then coalesce(i.ended_at, i.detected_at) end
from device d where d.id = i.device_id;
alter table incident
  alter column anchor set not null,
  alter column title set not null,
  alter column place_id set not null,
  alter column place_name set not null;

-- What stood as an incident of an outage stands as an alarm from now on, which ends with the outage.
insert into alarm (device_id, resource_kind, resource_id, resource_name, commune_code, owner_id, alarm_type, severity,
                   probable_cause, text_vi, text_en, began_at, raised_at, changed_at, incident_id, rule_id, detail)
select i.device_id, 'device', i.device_id, i.device_name, i.commune_code, i.owner_id, 'connectivityLost', i.severity,
       'communicationsSubsystemFailure', 'Mất kết nối', 'Connectivity lost', i.began_at, i.detected_at, i.detected_at, i.id,
       i.device_class || '.lost',
       jsonb_build_object('basis', i.basis, 'reason', i.reason, 'detectedAtMs', (extract(epoch from i.detected_at) * 1000)::int8)
from incident i where i.state <> 'resolved'
on conflict do nothing;

-- Incidents of before that are over have nothing left to do.
update incident set state = 'closed', closed_at = resolved_at, version = version + 1
where state = 'resolved' and resolved_at < now() - interval '1 day';

create index incident_current_idx on incident (state) where state not in ('resolved', 'closed');
create index incident_resolved_idx on incident (resolved_at) where state = 'resolved';
create index incident_shown_idx on incident (closed_at) where state = 'closed';
create index incident_holder_idx on incident (acknowledged_by, began_at desc) where acknowledged_by is not null;

alter table incident_change
  drop constraint incident_change_incident_id_fkey,
  drop constraint incident_change_action_check,
  add foreign key (incident_id) references incident,
  add column text jsonb,
  add constraint incident_change_action_check check (action in (
    'opened', 'acknowledged', 'acknowledgementExpired', 'assigned', 'released', 'started', 'commented', 'estimated',
    'causeProposed', 'causeNamed', 'requested', 'severityChanged', 'alarmAdded', 'alarmCleared', 'proposed',
    'proposalAccepted', 'proposalRejected', 'split', 'merged', 'resolved', 'reopened', 'closed'));
comment on column incident_change.note is 'What a person wrote.';
comment on column incident_change.text is 'What the system says of it, in both languages.';

create table incident_proposal (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  kind text not null check (kind in ('addAlarms', 'mergeInto', 'changeCause')),
  other_incident_id bigint references incident,
  cause_code text,
  text jsonb not null,
  alarm_ids bigint[] not null default '{}',
  proposed_at timestamptz not null,
  decided_at timestamptz,
  decided_by uuid references person,
  accepted boolean,
  check ((decided_at is null) = (accepted is null)),
  check (incident_id <> other_incident_id)
);
-- The same thing is proposed once, whatever was decided on it.
create unique index incident_proposal_once_idx
  on incident_proposal (incident_id, kind, coalesce(other_incident_id, 0), coalesce(cause_code, ''));
create index incident_proposal_other_idx on incident_proposal (other_incident_id) where decided_at is null;
comment on table incident_proposal is 'A regrouping that nobody carried out because a person has the incident.';

create table incident_request (
  request_id uuid primary key,
  incident_id bigint not null references incident,
  person_id uuid not null references person,
  action text not null,
  done_at timestamptz not null
);
create index incident_request_age_idx on incident_request (done_at);
comment on table incident_request is 'Requests that were carried out: one that comes again is answered and not done again. Kept for 14 days.';

-- The trails: rows are added, and that is all that anybody may do with them.
create function rows_are_only_added() returns trigger language plpgsql as $$
begin
  raise exception '% rows are never changed or removed', tg_table_name;
end $$;
create trigger incident_change_append_only before update or delete on incident_change
  for each row execute function rows_are_only_added();
create trigger incident_change_never_emptied before truncate on incident_change
  for each statement execute function rows_are_only_added();
create trigger audit_entry_never_emptied before truncate on audit_entry
  for each statement execute function rows_are_only_added();
-- Nor may the account of the console itself. (Checking that nothing refers to a person locks rows of incident_change, which
-- takes the right to update; the trigger refuses the update all the same.)
revoke update, delete, truncate on audit_entry from public, current_user;
revoke delete, truncate on incident_change from public, current_user;
