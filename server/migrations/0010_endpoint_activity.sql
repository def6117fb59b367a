-- When videoconference endpoints were last seen, kept longer than their readings are: an endpoint counts as dead after 14 days.

create table endpoint_activity (
  device_id text collate "C" primary key references device on delete cascade,
  last_seen_at timestamptz not null,
  last_call_at timestamptz
) with (fillfactor = 70);
comment on table endpoint_activity is 'Up to 10 minutes behind while the console runs; a call that began and ended between two looks, a minute apart, is not in it.';
