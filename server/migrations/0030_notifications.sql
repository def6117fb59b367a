-- Who is told about what, and the outbox: every message is a row before it is sent, and stays as its log.

create table notification_rule (
  id bigint generated always as identity primary key,
  version integer not null default 1,
  name text not null,
  enabled boolean not null,
  roles text[] not null,
  person_ids uuid[] not null,
  channels text[] not null,
  webhook_ids bigint[] not null,
  commune_codes text[] not null,
  owners text[] not null,
  device_classes text[] not null,
  kinds text[] not null,
  minimum_severity text not null check (minimum_severity in ('critical', 'major', 'minor', 'warning')),
  hours jsonb,
  after_minutes integer not null check (after_minutes between 0 and 1440),
  changed_at timestamptz not null
);
comment on column notification_rule.after_minutes is '0: tells at once; else when nobody has acknowledged for so long.';
comment on column notification_rule.hours is '{from, until, days} in Asia/Ho_Chi_Minh; null: at any time.';

create table webhook (
  id bigint generated always as identity primary key,
  version integer not null default 1,
  name text not null,
  url text not null,
  template text not null check (template in ('generic', 'zaloOa', 'telegram', 'custom')),
  recipient text,
  secret text,
  custom_body text,
  enabled boolean not null
);
comment on column webhook.secret is 'Sent with every message; never given back by the API.';

create table person_email (
  person_id uuid primary key references person on delete cascade,
  email text not null
);

create table push_subscription (
  id bigint generated always as identity primary key,
  endpoint text not null unique,
  person_id uuid not null references person on delete cascade,
  p256dh text not null,
  auth text not null,
  created_at timestamptz not null
);
comment on table push_subscription is 'A browser that takes web push; it belongs to whoever subscribed with it last.';
create index push_subscription_person_idx on push_subscription (person_id, id);

create table vapid_key (
  only_one boolean primary key default true check (only_one),
  public_key text not null,
  private_key text not null,
  created_at timestamptz not null
);
comment on table vapid_key is 'What web push knows this console by (RFC 8292); made at the first start. Losing it loses every subscription.';

create table notification (
  id bigint generated always as identity primary key,
  key text not null unique,
  message text not null,
  incident_id bigint references incident on delete set null,
  kind text not null check (kind in ('opened', 'worsened', 'escalated', 'resolved', 'digest', 'test')),
  recipient_key text not null,
  person_id uuid references person on delete cascade,
  channel text not null check (channel in ('email', 'webPush', 'webhook')),
  target_id text not null,
  address text not null,
  lane text not null,
  title text not null,
  text text not null,
  link text,
  severity text,
  counts_in_limit boolean not null,
  state text not null check (state in ('waiting', 'sending', 'sent', 'failed', 'held', 'dropped')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  next_attempt_at timestamptz,
  sent_at timestamptz,
  digest_message text,
  last_error text,
  check ((state in ('waiting', 'sending')) = (next_attempt_at is not null)),
  check ((state = 'sent') = (sent_at is not null))
);
comment on table notification is 'The outbox and its log: one row per message and address, sent at least once, to be taken once by its key.';
comment on column notification.message is 'What was told once: the same for every address of one recipient.';
comment on column notification.recipient_key is 'person.<id> or webhook.<id>.';
comment on column notification.lane is 'Messages of one lane go one after the other; a lane that hangs holds up no other.';
comment on column notification.counts_in_limit is 'Whether it counts among the messages that one recipient gets in an hour.';
comment on column notification.digest_message is 'The digest that took this one up, when it was held.';
create index notification_due_idx on notification (lane, next_attempt_at) where state in ('waiting', 'sending');
create index notification_held_idx on notification (recipient_key) where state = 'held';
create index notification_created_idx on notification (created_at desc, id desc);
create index notification_incident_idx on notification (incident_id);
create index notification_digest_idx on notification (digest_message) where digest_message is not null;
create index notification_message_idx on notification (message);

create table notification_decision (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident on delete cascade,
  at timestamptz not null,
  kind text not null,
  groups jsonb not null
);
comment on table notification_decision is 'Why each person was, or was not, told when something happened to an incident, by the rules of that moment.';
comment on column notification_decision.groups is '[{reason, rule, minutes, recipients: [recipient keys]}]';
create index notification_decision_incident_idx on notification_decision (incident_id, id);
create index notification_decision_at_idx on notification_decision (at);

create table notification_watch (
  incident_id bigint primary key references incident on delete cascade,
  since_at timestamptz not null,
  told_rule_ids bigint[] not null default '{}'
);
comment on table notification_watch is 'Incidents that nobody holds, since when, and the rules that have told of it.';
