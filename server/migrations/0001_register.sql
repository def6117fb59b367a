-- What exists, where it is and what it hangs on. Ids are those of topics ([A-Za-z0-9_-]{1,64}); communes are known by
-- their 5-digit code and live in the contract, not in a table.

create table organisation (
  id text collate "C" primary key,
  name text not null,
  kind text not null check (kind in ('operator', 'network', 'power', 'commune', 'province'))
);
comment on table organisation is 'Who owns devices and must mend them: mobile operators, power company, communes, the province.';

create table power_feed (
  id text collate "C" primary key,
  name text not null,
  organisation_id text collate "C" not null references organisation
);
comment on table power_feed is 'The medium-voltage line that feeds sites, when known.';

create table hub (
  id text collate "C" primary key,
  name text not null,
  site_id text collate "C"
);
comment on table hub is 'A transmission node; the province core is the one without an upstream.';

create table hub_upstream (
  hub_id text collate "C" not null references hub on delete cascade deferrable initially deferred,
  upstream_id text collate "C" not null references hub deferrable initially deferred,
  rank smallint not null check (rank in (1, 2)),
  primary key (hub_id, rank),
  check (hub_id <> upstream_id)
);
comment on table hub_upstream is 'What a hub hangs on; with two upstreams it is down only when both are.';

create table site (
  id text collate "C" primary key,
  name text not null,
  commune_code text not null check (commune_code ~ '^\d{5}$'),
  lat double precision not null,
  lon double precision not null,
  hub_id text collate "C" references hub deferrable initially deferred,
  feed_id text collate "C" references power_feed,
  hardened boolean not null default false
);
comment on table site is 'A place that carries devices, such as a tower with several base stations.';
comment on column site.hardened is 'Built to keep service through a storm: longer battery, generator, reinforced tower.';
alter table hub add constraint hub_site_fkey foreign key (site_id) references site deferrable initially deferred;

create table gateway (
  id text collate "C" primary key,
  name text not null,
  organisation_id text collate "C" not null references organisation
);
comment on table gateway is 'An MQTT session that reports for many devices, such as an operator''s OSS.';

create table device (
  no integer generated always as identity unique,
  id text collate "C" primary key,
  device_class text not null,
  name text not null,
  commune_code text not null check (commune_code ~ '^\d{5}$'),
  organisation_id text collate "C" not null references organisation,
  site_id text collate "C" references site,
  hub_id text collate "C" references hub,
  gateway_id text collate "C" references gateway,
  lat double precision not null,
  lon double precision not null,
  hardened boolean not null default false,
  reporting_interval_ms integer not null check (reporting_interval_ms between 1000 and 86400000),
  attributes jsonb not null default '{}',
  version integer not null default 1,
  registered_at timestamptz not null
);
comment on table device is 'One monitored thing.';
comment on column device.no is 'The short number that reading rows carry instead of the id: 4 bytes instead of about 20, twice a row.';
comment on column device.hub_id is 'For a device that hangs on a hub without a site; a device on a site takes the site''s hub.';
comment on column device.gateway_id is 'The gateway it reports through; null when it has a session of its own.';
comment on column device.attributes is 'What its class keeps besides; shape in the contract''s class definition.';
create index device_commune_idx on device (commune_code, device_class);
create index device_site_idx on device (site_id);

create table register_change (
  version bigint generated always as identity primary key,
  changed_at timestamptz not null,
  changed_by text not null,
  summary text not null
);
comment on table register_change is 'One row for every import or edit; its largest version is the register version.';
