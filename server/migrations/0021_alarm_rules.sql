-- Defaults of rules are code. What people changed, and overrides for an owner, a commune or a device, are rows; every version stays.

create table alarm_rule_version (
  rule_id text not null,
  version integer not null,
  device_class text not null,
  key text not null,
  scope_kind text not null check (scope_kind in ('class', 'owner', 'commune', 'device')),
  scope_id text collate "C",
  removed boolean not null,
  body jsonb not null,
  saved_at timestamptz not null,
  saved_by uuid,
  saved_by_name text not null,
  primary key (rule_id, version),
  check ((scope_kind = 'class') = (scope_id is null))
);
comment on table alarm_rule_version is 'The newest version of a rule counts, unless it says removed: then the default, or the wider scope, counts again.';
