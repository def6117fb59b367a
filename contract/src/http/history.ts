import { z } from 'zod';
import { communeCode, connectivity, deviceClassId, entityId, instant } from '../vocabulary.js';
import { endpoint } from './endpoint.js';
import { metricSeries, resolution } from './readings.js';

/** Most devices whose metric is answered at once. */
export const MAX_COMPARED_DEVICES = 50;

/** One metric of many devices over a span; each device with its own times, at most 2,000 points each and 20,000 in all. */
export const metricHistory = z.object({
  metric: z.string(),
  resolution,
  devices: z.array(
    metricSeries.omit({ metric: true }).extend({
      deviceId: entityId,
      /** Points further apart than this are a gap to be drawn; ms. */
      gapMs: z.number().int(),
      /** Sample times (raw) or bucket starts, epoch ms. */
      atMs: z.array(z.number()),
    }),
  ),
});
export type MetricHistory = z.infer<typeof metricHistory>;

/** `up`, `down` and `stale` count the last known state and add up to all devices; `blind` of them could not be seen. */
export const stateCountSeries = z.object({
  /** Class, commune code or organisation id; `all` when not split. */
  key: z.string(),
  up: z.array(z.number().int()),
  down: z.array(z.number().int()),
  stale: z.array(z.number().int()),
  blind: z.array(z.number().int()),
});
export const stateCounts = z.object({
  /** The moments that were counted, epoch ms; each count is of that moment. */
  atMs: z.array(z.number()),
  groups: z.array(stateCountSeries),
});
export type StateCounts = z.infer<typeof stateCounts>;

export const deviceThen = z.object({
  connectivity,
  /** While blind: what it was before. Otherwise equal to `connectivity`. */
  lastKnown: connectivity.exclude(['blind']),
  /** Since when, epoch ms; null for a device that had never been heard. */
  sinceMs: z.number().nullable(),
});
export type DeviceThen = z.infer<typeof deviceThen>;

/** The state of every device that is registered now, at a moment in the past, as it is known now. */
export const statesThen = z.object({
  at: instant,
  /** Whether our own intake saw nothing at that moment: every device is blind then. */
  blind: z.boolean(),
  devices: z.record(entityId, deviceThen),
});
export type StatesThen = z.infer<typeof statesThen>;

export const availabilityRow = z.object({
  /** Device id, class, commune code or organisation id; `all` when not split. */
  key: z.string(),
  /** First day of the month (YYYY-MM-DD, Asia/Ho_Chi_Minh); null when the span is not split by month. */
  month: z.iso.date().nullable(),
  devices: z.number().int(),
  outages: z.number().int(),
  /** Time of outages, said or inferred, less what was blind; added up over the devices, seconds. */
  downS: z.number(),
  /** Time since registration in which we could see, added up over the devices, seconds. */
  observedS: z.number(),
  /** 0–1; null when nothing was observed. */
  availability: z.number().min(0).max(1).nullable(),
});
export type AvailabilityRow = z.infer<typeof availabilityRow>;
export const availability = z.object({ from: instant, to: instant, rows: z.array(availabilityRow) });
export type Availability = z.infer<typeof availability>;

const scope = {
  deviceClass: deviceClassId.optional(),
  commune: communeCode.optional(),
  /** Responsible organisation. */
  owner: entityId.optional(),
};

export const historyEndpoints = {
  metricOfDevices: endpoint({
    method: 'GET',
    path: '/readings/{deviceClass}/{metric}',
    tag: 'readings',
    summary: 'One metric of up to 50 devices of a class over a span',
    access: 'wall:read',
    params: z.strictObject({ deviceClass: deviceClassId, metric: z.string().max(64) }),
    query: z.strictObject({
      /** Ids, comma-separated. */
      devices: z.string().max(65 * MAX_COMPARED_DEVICES),
      from: instant,
      to: instant,
      resolution: resolution.optional(),
    }),
    response: metricHistory,
  }),
  stateCounts: endpoint({
    method: 'GET',
    path: '/history/counts',
    tag: 'history',
    summary: 'How many devices were up, down, stale and blind, over time',
    access: 'wall:read',
    query: z.strictObject({
      from: instant,
      to: instant,
      by: z.enum(['none', 'class', 'commune', 'owner']).default('class'),
      ...scope,
      /** How many moments, spread evenly from `from` to `to`, both counted. */
      points: z.coerce.number().int().min(2).max(500).default(145),
    }),
    response: stateCounts,
  }),
  statesThen: endpoint({
    method: 'GET',
    path: '/history/states',
    tag: 'history',
    summary: 'The state of every device at a moment in the past',
    access: 'wall:read',
    query: z.strictObject({ at: instant }),
    response: statesThen,
  }),
  availability: endpoint({
    method: 'GET',
    path: '/availability',
    tag: 'history',
    summary: 'Availability of devices, classes, communes or organisations over a span, by month if wanted',
    access: 'wall:read',
    query: z.strictObject({
      from: instant,
      to: instant,
      by: z.enum(['none', 'device', 'class', 'commune', 'owner']).default('class'),
      monthly: z.enum(['0', '1']).default('0'),
      ...scope,
    }),
    response: availability,
  }),
};
