import { z } from 'zod';
import { communeCode, connectivity, deviceClassId, entityId, instant, localizedText } from '../vocabulary.js';
import { communeLive, deviceLive, deviceReadingLive } from '../live.js';
import { endpoint, page, pageQuery } from './endpoint.js';
import { importIssue } from './problem.js';

/** A device as the register keeps it. */
export const device = z.object({
  id: entityId,
  deviceClass: deviceClassId,
  name: z.string(),
  communeCode,
  /** The organisation that must mend it. */
  owner: z.string(),
  siteId: entityId.nullable(),
  hubId: entityId.nullable(),
  gatewayId: entityId.nullable(),
  lat: z.number(),
  lon: z.number(),
  hardened: z.boolean(),
  reportingIntervalMs: z.number().int(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  version: z.number().int(),
});
export type Device = z.infer<typeof device>;

/** What the map needs of every device; fixed until the register changes. */
export const mapDevice = z.object({
  id: entityId,
  deviceClass: deviceClassId,
  name: z.string(),
  communeCode,
  owner: z.string(),
  siteId: entityId.nullable(),
  lat: z.number(),
  lon: z.number(),
});
export type MapDevice = z.infer<typeof mapDevice>;

/** A device with its place in the topology and its state. */
export const deviceDetail = device.extend({
  communeName: z.string(),
  site: z
    .object({
      id: entityId,
      name: z.string(),
      hardened: z.boolean(),
      feedId: entityId.nullable(),
      devices: z.number().int(),
    })
    .nullable(),
  /** From the device to the province core: the first path, nearest hub first. */
  upstream: z.array(z.object({ id: entityId, name: z.string(), siteId: entityId.nullable() })),
  live: deviceLive,
  reason: z.string().nullable(),
  latest: deviceReadingLive.nullable(),
});
export type DeviceDetail = z.infer<typeof deviceDetail>;

export const deviceListItem = device.extend({ live: deviceLive });
export type DeviceListItem = z.infer<typeof deviceListItem>;

const csv = z
  .string()
  .max(8 * 1024 * 1024)
  .optional();

export const importCounts = z.object({
  organisations: z.number().int(),
  feeds: z.number().int(),
  hubs: z.number().int(),
  gateways: z.number().int(),
  sites: z.number().int(),
  devices: z.number().int(),
});
export type ImportCounts = z.infer<typeof importCounts>;

export const registerEndpoints = {
  listCommunes: endpoint({
    method: 'GET',
    path: '/communes',
    tag: 'register',
    summary: 'The 96 communes with their present state',
    access: 'wall:read',
    response: z.object({
      items: z.array(
        communeLive.extend({
          name: z.string(),
          population: z.number(),
          areaKm2: z.number(),
        }),
      ),
    }),
  }),
  mapDevices: endpoint({
    method: 'GET',
    path: '/map/devices',
    tag: 'register',
    summary: 'What the map needs of every device; ETag is the register version',
    access: 'wall:read',
    response: z.object({
      registerVersion: z.number().int(),
      /** Responsible organisations under the names that people know; a device's `owner` is an `id`. */
      organisations: z.array(z.object({ id: z.string(), name: z.string() })),
      items: z.array(mapDevice),
    }),
  }),
  boundaries: endpoint({
    method: 'GET',
    path: '/map/boundaries',
    tag: 'register',
    summary: 'Commune polygons as GeoJSON (property `code`); 404 when none were loaded',
    access: 'wall:read',
    produces: 'application/geo+json',
    response: z.looseObject({
      type: z.literal('FeatureCollection'),
      attribution: z.string().optional(),
      features: z.array(z.looseObject({ properties: z.looseObject({ code: communeCode }) })),
    }),
  }),
  listDevices: endpoint({
    method: 'GET',
    path: '/devices',
    tag: 'register',
    summary: 'Devices, filtered, by id',
    access: 'wall:read',
    query: z.strictObject({
      ...pageQuery,
      deviceClass: deviceClassId.optional(),
      communeCode: communeCode.optional(),
      owner: z.string().max(60).optional(),
      siteId: entityId.optional(),
      connectivity: connectivity.optional(),
      /** Part of an id or name. */
      q: z.string().max(80).optional(),
    }),
    response: page(deviceListItem),
  }),
  getDevice: endpoint({
    method: 'GET',
    path: '/devices/{id}',
    tag: 'register',
    summary: 'One device: register, topology, state',
    access: 'wall:read',
    params: z.strictObject({ id: entityId }),
    response: deviceDetail,
  }),
  importRegister: endpoint({
    method: 'POST',
    path: '/register/import',
    tag: 'register',
    summary: 'Import CSV files, all or nothing; `dryRun` only checks. Rows are inserted or replaced by id.',
    access: 'register:write',
    maxBodyBytes: 48 * 1024 * 1024,
    body: z.strictObject({
      dryRun: z.boolean().default(false),
      organisations: csv,
      feeds: csv,
      hubs: csv,
      gateways: csv,
      sites: csv,
      devices: csv,
    }),
    response: z.object({
      dryRun: z.boolean(),
      counts: importCounts,
      warnings: z.array(importIssue),
      registerVersion: z.number().int(),
    }),
  }),
};

/** One interval in which a device was down. `endedAt` null: still down. */
export const outage = z.object({
  id: z.string(),
  deviceId: entityId,
  beganAt: instant,
  endedAt: instant.nullable(),
  basis: z.enum(['said', 'inferred']),
  reason: z.string().nullable(),
  /** What late data repaired: when, by which reading, in words. */
  repairs: z.array(z.object({ at: instant, readingAt: instant, note: localizedText })),
});
export type Outage = z.infer<typeof outage>;
