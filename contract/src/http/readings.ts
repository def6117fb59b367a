import { z } from 'zod';
import { entityId, instant } from '../vocabulary.js';
import { endpoint, page, pageQuery } from './endpoint.js';
import { outage } from './register.js';

/** `raw`, or a roll-up. */
export const resolution = z.enum(['raw', '5min', '1h', '1d']);
export type Resolution = z.infer<typeof resolution>;

/**
 * One metric over a span, as columns of equal length. Raw: `average` carries the value (booleans as 0 and 1), `minimum` and
 * `maximum` are null. A gap longer than the span between points is a gap: nothing is filled in.
 */
export const metricSeries = z.object({
  metric: z.string(),
  average: z.array(z.number().nullable()),
  minimum: z.array(z.number().nullable()).nullable(),
  maximum: z.array(z.number().nullable()).nullable(),
  /** Indexes of points that are, or contain, suspect values. */
  suspect: z.array(z.number().int()),
});
export const readingHistory = z.object({
  deviceId: entityId,
  resolution,
  /** Points further apart than this are a gap to be drawn; ms. */
  gapMs: z.number().int(),
  /** Sample times (raw) or bucket starts, epoch ms. */
  atMs: z.array(z.number()),
  series: z.array(metricSeries),
});
export type ReadingHistory = z.infer<typeof readingHistory>;

export const readingEndpoints = {
  deviceReadings: endpoint({
    method: 'GET',
    path: '/devices/{id}/readings',
    tag: 'readings',
    summary: 'Metrics of a device over a span; picks raw or a roll-up so that there are at most 2,000 points',
    access: 'wall:read',
    params: z.strictObject({ id: entityId }),
    query: z.strictObject({
      /** Names, comma-separated; all of the class when absent. */
      metrics: z.string().max(500).optional(),
      from: instant,
      to: instant,
      resolution: resolution.optional(),
    }),
    response: readingHistory,
  }),
  deviceOutages: endpoint({
    method: 'GET',
    path: '/devices/{id}/outages',
    tag: 'readings',
    summary: 'Outages of a device, newest first',
    access: 'wall:read',
    params: z.strictObject({ id: entityId }),
    query: z.strictObject(pageQuery),
    response: page(outage),
  }),
};
