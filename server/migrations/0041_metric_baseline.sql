-- What is usual for a device: a rule may hold a metric against the median of the device's own last days.

create table metric_baseline (
  device_id text collate "C" not null references device on delete cascade,
  metric text not null,
  days integer not null check (days between 1 and 31),
  median float8 not null,
  buckets integer not null check (buckets > 0),
  judged_at timestamptz not null,
  primary key (device_id, metric, days)
);
comment on table metric_baseline is
  'Median of a metric''s 5-minute means over the days before judged_at; made anew every day. No row: too little was measured.';
comment on column metric_baseline.median is 'In the unit of the metric.';
comment on column metric_baseline.buckets is 'Of how many 5-minute means; a day has 288.';
