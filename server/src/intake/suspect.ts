import {
  DEVICE_CLASSES,
  RIVER_STATION_BY_NAME,
  type DeviceClassDefinition,
  type DeviceClassId,
  type Metrics,
} from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';

/** The figures that one metric of one device is held against. */
export interface PlausibleMetric {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Most that it may change within `windowMs`, and in proportion over a longer time; null: any. */
  readonly maxChange: number | null;
  readonly windowMs: number;
  /** How near a second sample must come to agree with a suspect one at the same moment. */
  readonly tolerance: number;
}

/** What is remembered of one device's values. */
export interface ValueTrack {
  readonly metrics: readonly PlausibleMetric[];
  /** Moment of the newest live reading. */
  newestMs: number;
  /** By place in `metrics`: the newest value that counts, of the metrics with a bounded change. */
  readonly counted: (Sample | undefined)[];
  /** By place in `metrics`: a suspect value that waits for a second one; null while there is none. */
  waiting: (Sample | undefined)[] | null;
}

interface Sample {
  value: number;
  atMs: number;
}

const MINUTE_MS = 60_000;
/** Default limits: more than 1 m in 10 min is a jump, 2 m in the hills. */
const JUMP_WINDOW_MS = 10 * MINUTE_MS;
const JUMP_M = { plain: 1, hills: 2 } as const;
/** Default limits: plausible up to BĐ3 + 15 m. */
const ABOVE_BD3_M = 15;
const NOTHING: readonly string[] = [];

export function newValueTrack(device: RegisteredDevice): ValueTrack {
  return { metrics: plausibleMetrics(device), newestMs: Number.NEGATIVE_INFINITY, counted: [], waiting: null };
}

/** One list for all devices of a class: there are thousands of them. */
const OF_CLASS: ReadonlyMap<DeviceClassId, readonly PlausibleMetric[]> = new Map(
  Object.values(DEVICE_CLASSES).map((definition) => [definition.id, ofClass(definition)]),
);

function ofClass({ metrics }: DeviceClassDefinition): readonly PlausibleMetric[] {
  return metrics
    .filter((metric) => metric.kind === 'number')
    .map(({ name, range, maxRatePerMinute }) => ({
      name,
      min: range.min,
      max: range.max,
      maxChange: maxRatePerMinute ?? null,
      windowMs: MINUTE_MS,
      tolerance: (range.max - range.min) / 10,
    }));
}

/** Ranges and rates of a device: those of its class, for a river level those of its station and terrain. */
function plausibleMetrics(device: RegisteredDevice): readonly PlausibleMetric[] {
  const metrics = OF_CLASS.get(device.deviceClass) ?? [];
  if (device.deviceClass !== 'flood') return metrics;
  return metrics.map((metric) =>
    metric.name === 'levelM' ? { ...metric, ...riverLevel(device, metric.max) } : metric,
  );
}

function riverLevel(device: RegisteredDevice, max: number): Pick<PlausibleMetric, 'max' | 'maxChange' | 'windowMs'> {
  const { station, terrain } = device.attributes;
  const bd3 = typeof station === 'string' ? RIVER_STATION_BY_NAME.get(station)?.bd3 : undefined;
  return {
    max: bd3 === undefined || bd3 === null ? max : bd3.levelM + ABOVE_BD3_M,
    maxChange: terrain === 'hills' ? JUMP_M.hills : JUMP_M.plain,
    windowMs: JUMP_WINDOW_MS,
  };
}

/**
 * Names of the metrics that are suspect: outside their plausible range, or changed faster than plausible, unless a second
 * sample agrees with a suspect one before it. History, and what comes out of order, is held against the range only and
 * leaves no trace.
 */
export function findSuspect(
  track: ValueTrack,
  metrics: Metrics,
  { effectiveAtMs: atMs, live }: { readonly effectiveAtMs: number; readonly live: boolean },
): readonly string[] {
  let suspect: string[] | null = null;
  // The same reading sent again is no second sample.
  const inOrder = live && atMs > track.newestMs;
  if (inOrder) track.newestMs = atMs;
  let index = -1;
  for (const metric of track.metrics) {
    index += 1;
    const value = metrics[metric.name];
    if (typeof value !== 'number') continue;
    const outside = value < metric.min || value > metric.max;
    if (!inOrder) {
      if (outside) (suspect ??= []).push(metric.name);
      continue;
    }
    const before = metric.maxChange === null ? undefined : track.counted[index];
    const jumped = before !== undefined && Math.abs(value - before.value) > allowedChange(metric, atMs - before.atMs);
    if (outside || jumped) {
      const first = track.waiting?.[index];
      if (first === undefined || !agrees(metric, first, value, atMs)) {
        (suspect ??= []).push(metric.name);
        (track.waiting ??= [])[index] = { value, atMs };
        continue;
      }
    }
    if (track.waiting !== null) track.waiting[index] = undefined;
    if (metric.maxChange === null) continue;
    const counted = track.counted[index];
    if (counted === undefined) {
      track.counted[index] = { value, atMs };
    } else {
      counted.value = value;
      counted.atMs = atMs;
    }
  }
  return suspect ?? NOTHING;
}

function allowedChange(metric: PlausibleMetric, overMs: number): number {
  return (metric.maxChange ?? Number.POSITIVE_INFINITY) * Math.max(1, overMs / metric.windowMs);
}

function agrees(metric: PlausibleMetric, first: Sample, value: number, atMs: number): boolean {
  const change = Math.abs(value - first.value);
  return change <= (metric.maxChange === null ? metric.tolerance : allowedChange(metric, atMs - first.atMs));
}
