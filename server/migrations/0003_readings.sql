-- One wide table per device class: a row is a message, a column a metric (contract/src/device-classes). The storage policy
-- turns these, while empty, into hypertables (TimescaleDB) or daily partitions (plain PostgreSQL). No foreign key to
-- device: it would cost a look-up for every row, and a device's history outlives its registration.
-- at: sample time · received_at: arrival · suspect: names of metrics outside their plausible range or rate, null when none;
-- left out of minima and maxima until a second sample agrees.

create table bts_reading (
  device_no integer not null,
  at timestamptz not null,
  received_at timestamptz not null,
  seq bigint,
  suspect text[],
  mains_on boolean,
  dc_voltage_v real,
  load_current_a real,
  battery_percent real,
  cabinet_temperature_c real,
  door_open boolean,
  prb_usage_percent real,
  connected_users real,
  dl_throughput_mbps real,
  vswr real,
  primary key (device_no, at)
);

create table link_reading (
  device_no integer not null,
  at timestamptz not null,
  received_at timestamptz not null,
  seq bigint,
  suspect text[],
  link_up boolean,
  rtt_ms real,
  loss_percent real,
  jitter_ms real,
  in_mbps real,
  out_mbps real,
  load_percent real,
  on_ups boolean,
  primary key (device_no, at)
);

create table vcs_reading (
  device_no integer not null,
  at timestamptz not null,
  received_at timestamptz not null,
  seq bigint,
  suspect text[],
  registered boolean,
  in_call boolean,
  call_kbps real,
  rtt_ms real,
  loss_percent real,
  jitter_ms real,
  video_input boolean,
  microphone_muted boolean,
  primary key (device_no, at)
);

create table flood_reading (
  device_no integer not null,
  at timestamptz not null,
  received_at timestamptz not null,
  seq bigint,
  suspect text[],
  level_m real,
  rain10min_mm real,
  rain1h_mm real,
  rain12h_mm real,
  rain24h_mm real,
  battery_voltage_v real,
  signal_dbm real,
  primary key (device_no, at)
);
