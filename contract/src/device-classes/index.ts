import { z } from 'zod';
import type { DeviceClassId } from '../vocabulary.js';
import { bts } from './bts.js';
import type { DeviceClassDefinition, MetricDefinition } from './definition.js';
import { flood } from './flood.js';
import { link } from './link.js';
import { vcs } from './vcs.js';

/** The registry of device classes: the one line to add for a new class. */
export const DEVICE_CLASSES: Readonly<Record<DeviceClassId, DeviceClassDefinition>> = { bts, link, vcs, flood };

/** One reading's metrics by name; a metric that was not sent is absent. */
export type MetricValue = number | boolean;
export type Metrics = Readonly<Record<string, MetricValue>>;
export const metrics = z.record(z.string(), z.union([z.number(), z.boolean()]));

/** The definition of a class's metric, or undefined if the class has none of that name. */
export function findMetric(deviceClass: DeviceClassId, name: string): MetricDefinition | undefined {
  return DEVICE_CLASSES[deviceClass].metrics.find((metric) => metric.name === name);
}

export * from './definition.js';
export { bts, flood, link, vcs };
