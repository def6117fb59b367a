-- What was not taken, kept where a person can read why. Both lists are bounded by the server.

create table dead_letter (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  topic text not null,
  reason text not null,
  detail text,
  payload bytea not null,
  payload_bytes integer not null
);
comment on table dead_letter is 'Rejected messages; of a batch: the offending reading. payload: the first 1 KiB. Oldest rows are removed past the bound.';
create index dead_letter_received_idx on dead_letter (received_at desc, id desc);

create table dead_letter_count (
  hour timestamptz not null,
  reason text not null,
  count bigint not null,
  primary key (hour, reason)
);
comment on table dead_letter_count is 'Rejections by hour and reason, which stay when the letters themselves are removed. Kept 90 days.';

create table quarantined_device (
  id text collate "C" primary key,
  commune_code text,
  device_class text,
  gateway_id text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  messages bigint not null,
  ignored boolean not null default false,
  sample bytea not null
);
comment on table quarantined_device is 'Devices that speak but are not registered, for an administrator to adopt or ignore.';
