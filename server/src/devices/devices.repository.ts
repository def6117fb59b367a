import { Injectable } from '@nestjs/common';
import { deviceClassId, type DeviceClassId } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { RegisterRows } from './register.js';
import type { RegisteredDevice, RegisteredGateway, RegisteredHub, RegisteredSite } from './registered-device.js';

const SELECT_VERSION = `select coalesce(max(version), 0) as version from register_change`;
const SELECT_ORGANISATIONS = `select id from organisation`;
const SELECT_FEEDS = `select id from power_feed`;
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
  from device order by id`;

type DeviceRow = Omit<RegisteredDevice, 'deviceClass'> & { readonly deviceClass: string };

/** SQL of the register. */
@Injectable()
export class DevicesRepository {
  /** Call it in one transaction, so that its parts agree. Devices of a class that this version does not know are left out. */
  async load(tx: Tx): Promise<RegisterRows> {
    const [version] = await tx.query<{ version: number }>(SELECT_VERSION);
    const organisations = await tx.query<{ id: string }>(SELECT_ORGANISATIONS);
    const feeds = await tx.query<{ id: string }>(SELECT_FEEDS);
    const gateways = await tx.query<RegisteredGateway & Record<string, unknown>>(SELECT_GATEWAYS);
    const hubs = await tx.query<RegisteredHub & Record<string, unknown>>(SELECT_HUBS);
    const sites = await tx.query<RegisteredSite & Record<string, unknown>>(SELECT_SITES);
    const devices = await tx.query<DeviceRow & Record<string, unknown>>(SELECT_DEVICES);
    return {
      version: version?.version ?? 0,
      organisationIds: organisations.map(({ id }) => id),
      feedIds: feeds.map(({ id }) => id),
      gateways,
      hubs,
      sites,
      devices: devices.flatMap((row) => {
        const deviceClass: DeviceClassId | undefined = deviceClassId.safeParse(row.deviceClass).data;
        return deviceClass === undefined ? [] : [{ ...row, deviceClass }];
      }),
    };
  }
}
