import { Injectable } from '@nestjs/common';
import { DEVICE_CLASS_IDS, type DeviceClassId } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { ImportedRows } from './register-import.js';
import type { RegisterRows } from './register.js';
import type {
  RegisteredDevice,
  RegisteredFeed,
  RegisteredGateway,
  RegisteredHub,
  RegisteredOrganisation,
  RegisteredSite,
} from './registered-device.js';

const SELECT_VERSION = `select coalesce(max(version), 0) as version from register_change`;
const SELECT_ORGANISATIONS = `select id, name from organisation`;
const SELECT_FEEDS = `select id, name, organisation_id as "owner" from power_feed`;
const SELECT_GATEWAYS = `select id, name, organisation_id as "owner" from gateway`;
const SELECT_HUBS = `
  select hub.id, hub.name, hub.site_id as "siteId",
         coalesce(array_agg(upstream.upstream_id order by upstream.rank) filter (where upstream.upstream_id is not null), '{}') as "upstreamIds"
  from hub left join hub_upstream upstream on upstream.hub_id = hub.id
  group by hub.id`;
const SELECT_SITES = `
  select id, name, commune_code as "communeCode", lat, lon, hub_id as "hubId", feed_id as "feedId", hardened from site`;
const SELECT_DEVICES = `
  select no, id, device_class as "deviceClass", name, commune_code as "communeCode", organisation_id as "owner",
         site_id as "siteId", hub_id as "hubId", gateway_id as "gatewayId", lat, lon, hardened,
         reporting_interval_ms as "reportingIntervalMs", attributes, version
  from device where id > $1 order by id limit $2`;
/** So many devices come from the database at a time: of a country the rows of all would be 100 MB at once. */
const DEVICES_PER_QUERY = 5_000;

// Rows come as one JSON array: readable, and 4,000 devices take 0.2 s. References between hubs and sites are checked at the
// commit; an import that was checked against the same snapshot cannot break them.
const UPSERT_ORGANISATIONS = `
  insert into organisation (id, name, kind)
  select id, name, kind from jsonb_to_recordset($1::jsonb) as row (id text, name text, kind text)
  on conflict (id) do update set name = excluded.name, kind = excluded.kind`;
const UPSERT_FEEDS = `
  insert into power_feed (id, name, organisation_id)
  select id, name, owner from jsonb_to_recordset($1::jsonb) as row (id text, name text, owner text)
  on conflict (id) do update set name = excluded.name, organisation_id = excluded.organisation_id`;
const UPSERT_GATEWAYS = `
  insert into gateway (id, name, organisation_id)
  select id, name, owner from jsonb_to_recordset($1::jsonb) as row (id text, name text, owner text)
  on conflict (id) do update set name = excluded.name, organisation_id = excluded.organisation_id`;
const UPSERT_HUBS = `
  insert into hub (id, name, site_id)
  select id, name, "siteId" from jsonb_to_recordset($1::jsonb) as row (id text, name text, "siteId" text)
  on conflict (id) do update set name = excluded.name, site_id = excluded.site_id`;
const DELETE_UPSTREAMS = `
  delete from hub_upstream where hub_id in (select id from jsonb_to_recordset($1::jsonb) as row (id text))`;
const INSERT_UPSTREAMS = `
  insert into hub_upstream (hub_id, upstream_id, rank)
  select row.id, upstream.id, upstream.rank
  from jsonb_to_recordset($1::jsonb) as row (id text, "upstreamIds" jsonb),
       jsonb_array_elements_text(row."upstreamIds") with ordinality as upstream (id, rank)`;
const UPSERT_SITES = `
  insert into site (id, name, commune_code, lat, lon, hub_id, feed_id, hardened)
  select id, name, "communeCode", lat, lon, "hubId", "feedId", hardened
  from jsonb_to_recordset($1::jsonb) as row (id text, name text, "communeCode" text, lat float8, lon float8,
                                             "hubId" text, "feedId" text, hardened boolean)
  on conflict (id) do update set name = excluded.name, commune_code = excluded.commune_code, lat = excluded.lat,
    lon = excluded.lon, hub_id = excluded.hub_id, feed_id = excluded.feed_id, hardened = excluded.hardened`;
const DEVICE_RECORD = `jsonb_to_recordset($1::jsonb) as row (id text, "deviceClass" text, name text, "communeCode" text,
  owner text, "siteId" text, "hubId" text, "gatewayId" text, lat float8, lon float8, hardened boolean,
  "reportingIntervalMs" integer, attributes jsonb)`;
// Two statements instead of "on conflict": that would take a new number from the sequence for every row that is there, and
// only what differs becomes a new version. The class stays: a device's readings lie in its class's table.
const UPDATE_DEVICES = `
  update device set name = row.name, commune_code = row."communeCode", organisation_id = row.owner, site_id = row."siteId",
    hub_id = row."hubId", gateway_id = row."gatewayId", lat = row.lat, lon = row.lon, hardened = row.hardened,
    reporting_interval_ms = row."reportingIntervalMs", attributes = row.attributes, version = device.version + 1
  from ${DEVICE_RECORD}
  where device.id = row.id and (device.name, device.commune_code, device.organisation_id, device.site_id, device.hub_id,
      device.gateway_id, device.lat, device.lon, device.hardened, device.reporting_interval_ms, device.attributes)
    is distinct from (row.name, row."communeCode", row.owner, row."siteId", row."hubId", row."gatewayId", row.lat, row.lon,
      row.hardened, row."reportingIntervalMs", row.attributes)`;
const INSERT_DEVICES = `
  insert into device (id, device_class, name, commune_code, organisation_id, site_id, hub_id, gateway_id, lat, lon, hardened,
                      reporting_interval_ms, attributes, registered_at)
  select id, "deviceClass", name, "communeCode", owner, "siteId", "hubId", "gatewayId", lat, lon, hardened,
         "reportingIntervalMs", attributes, $2
  from ${DEVICE_RECORD}
  where not exists (select from device where device.id = row.id)`;
const INSERT_CHANGE = `
  insert into register_change (changed_at, changed_by, summary) values ($1, $2, $3) returning version`;
// The register is checked and written by one at a time, also across processes. The number is arbitrary and only this.
const LOCK_REGISTER = `select pg_advisory_xact_lock(5103000001)`;

type DeviceRow = Omit<RegisteredDevice, 'deviceClass'> & { readonly deviceClass: string };

/** SQL of the register. */
@Injectable()
export class DevicesRepository {
  /** Call it in one transaction, so that its parts agree. Devices of a class that this version does not know are left out. */
  async load(tx: Tx): Promise<RegisterRows> {
    const [version] = await tx.query<{ version: number }>(SELECT_VERSION);
    const organisations = await tx.query<RegisteredOrganisation & Record<string, unknown>>(SELECT_ORGANISATIONS);
    const feeds = await tx.query<RegisteredFeed & Record<string, unknown>>(SELECT_FEEDS);
    const gateways = await tx.query<RegisteredGateway & Record<string, unknown>>(SELECT_GATEWAYS);
    const hubs = await tx.query<RegisteredHub & Record<string, unknown>>(SELECT_HUBS);
    const sites = await tx.query<RegisteredSite & Record<string, unknown>>(SELECT_SITES);
    const devices = await loadDevices(tx);
    return {
      version: version?.version ?? 0,
      organisations,
      feeds,
      gateways,
      hubs,
      sites,
      devices,
    };
  }

  /** Waits until nobody else changes the register; until the transaction ends. */
  async lock(tx: Tx): Promise<void> {
    await tx.query(LOCK_REGISTER);
  }

  /** Inserts or replaces rows by id; a device keeps its number and class. */
  async write(tx: Tx, rows: ImportedRows, now: Date): Promise<void> {
    await upsert(tx, UPSERT_ORGANISATIONS, rows.organisations);
    await upsert(tx, UPSERT_FEEDS, rows.feeds);
    await upsert(tx, UPSERT_GATEWAYS, rows.gateways);
    await upsert(tx, UPSERT_HUBS, rows.hubs);
    await upsert(tx, DELETE_UPSTREAMS, rows.hubs);
    await upsert(tx, INSERT_UPSTREAMS, rows.hubs);
    await upsert(tx, UPSERT_SITES, rows.sites);
    await upsert(tx, UPDATE_DEVICES, rows.devices);
    if (rows.devices.length > 0) await tx.execute(INSERT_DEVICES, [JSON.stringify(rows.devices), now]);
  }

  /** Begins a new version of the register and answers its number. */
  async noteChange(tx: Tx, now: Date, actor: string, summary: string): Promise<number> {
    const [row] = await tx.query<{ version: number }>(INSERT_CHANGE, [now, actor, summary]);
    if (row === undefined) throw new Error('an insert returned no row');
    return row.version;
  }
}

async function loadDevices(tx: Tx): Promise<readonly RegisteredDevice[]> {
  const texts = new SharedTexts();
  const devices: RegisteredDevice[] = [];
  let after = '';
  for (;;) {
    const rows = await tx.query<DeviceRow & Record<string, unknown>>(SELECT_DEVICES, [after, DEVICES_PER_QUERY]);
    for (const row of rows) {
      const deviceClass = DEVICE_CLASS_IDS.find((id) => id === row.deviceClass);
      if (deviceClass !== undefined) devices.push(deviceOf(row, deviceClass, texts));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < DEVICES_PER_QUERY) return devices;
    after = last.id;
  }
}

/** Field by field: a copy of the row would keep some of its fields outside of the object, which takes more memory. */
function deviceOf(row: DeviceRow, deviceClass: DeviceClassId, texts: SharedTexts): RegisteredDevice {
  return {
    no: row.no,
    id: row.id,
    deviceClass,
    name: row.name,
    communeCode: texts.shared(row.communeCode),
    owner: texts.shared(row.owner),
    siteId: row.siteId === null ? null : texts.shared(row.siteId),
    hubId: row.hubId === null ? null : texts.shared(row.hubId),
    gatewayId: row.gatewayId === null ? null : texts.shared(row.gatewayId),
    lat: row.lat,
    lon: row.lon,
    hardened: row.hardened,
    reportingIntervalMs: row.reportingIntervalMs,
    attributes: row.attributes,
    version: row.version,
  };
}

/** Every row brings its own copy of the texts that it shares with thousands of others; one of each is kept. */
class SharedTexts {
  readonly #known = new Map<string, string>();

  shared(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, text);
    return text;
  }
}

async function upsert(tx: Tx, statement: string, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await tx.execute(statement, [JSON.stringify(rows)]);
}
