import type { MetricHistory, Resolution, ReadingHistory } from '@ioc/contract';
import type { MetricColumn } from './reading-table.js';

/** Most points of one device in an answer, and of all its devices together. */
const MAX_POINTS = 2_000;
const MAX_POINTS_IN_ALL = 20_000;

/** Most points of each of so many devices. */
export function pointsEach(devices: number): number {
  return Math.min(MAX_POINTS, Math.floor(MAX_POINTS_IN_ALL / devices));
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Finest first. */
const ROLLUP_WIDTH_MS: Readonly<Record<Exclude<Resolution, 'raw'>, number>> = {
  '5min': 5 * MINUTE_MS,
  '1h': HOUR_MS,
  '1d': DAY_MS,
};

/** How far back each resolution reaches; ms, Infinity where nothing is ever removed. */
export interface Reach {
  readonly rawMs: number;
  readonly rollup5minMs: number;
  readonly rollup1hMs: number;
}

export interface ResolutionRequest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** The shortest of the devices'. */
  readonly reportingIntervalMs: number;
  readonly maxPoints: number;
  readonly reach: Reach;
}

/**
 * The resolutions that a span can be answered in, finest first: those that give at most `maxPoints` points and still reach
 * back to its beginning. A finer one may turn out to have more points than the reporting interval promises: then the next is
 * taken. The last resort is always `1d`.
 */
export function resolutionsFor({
  fromMs,
  toMs,
  nowMs,
  reportingIntervalMs,
  maxPoints,
  reach,
}: ResolutionRequest): readonly Resolution[] {
  const spanMs = toMs - fromMs;
  const ageMs = nowMs - fromMs;
  const fits = (widthMs: number, reachMs: number) => spanMs / widthMs <= maxPoints && ageMs <= reachMs;
  const resolutions: Resolution[] = [];
  if (fits(reportingIntervalMs, reach.rawMs)) resolutions.push('raw');
  if (fits(ROLLUP_WIDTH_MS['5min'], reach.rollup5minMs)) resolutions.push('5min');
  if (fits(ROLLUP_WIDTH_MS['1h'], reach.rollup1hMs)) resolutions.push('1h');
  return [...resolutions, '1d'];
}

/** Whether a resolution that somebody asked for can give more than `maxPoints` points over a span. */
export function exceedsPoints(
  resolution: Resolution,
  { fromMs, toMs, reportingIntervalMs, maxPoints }: ResolutionRequest,
): boolean {
  return (toMs - fromMs) / (resolution === 'raw' ? reportingIntervalMs : ROLLUP_WIDTH_MS[resolution]) > maxPoints;
}

/** Points further apart than this are a gap: three missed readings, or a missing bucket; ms. */
export function gapMs(resolution: Resolution, reportingIntervalMs: number): number {
  const patienceMs = Math.max(3 * reportingIntervalMs, 30_000);
  return resolution === 'raw' ? patienceMs : Math.max(Math.round(1.5 * ROLLUP_WIDTH_MS[resolution]), patienceMs);
}

/**
 * A row of history as the database gives it. Raw: `at_ms`, `suspect` (names of metrics) and `average_<n>` for the n-th metric
 * asked for. Roll-up: the bucket's start, and `average_`, `minimum_`, `maximum_`, `suspect_` (how many) and `last_<n>`.
 */
export interface HistoryRow {
  readonly device_no: number;
  readonly at_ms: number;
  readonly suspect?: readonly string[] | null;
  readonly [value: `${'average' | 'minimum' | 'maximum' | 'suspect' | 'last'}_${number}`]: number | null | undefined;
}

export interface HistoryDevice {
  readonly no: number;
  readonly id: string;
  readonly reportingIntervalMs: number;
}

/** Rows as columns of equal length. Nothing is filled in: a missing sample is a gap in `atMs`. */
export function toHistory(
  device: HistoryDevice,
  resolution: Resolution,
  metrics: readonly MetricColumn[],
  rows: readonly HistoryRow[],
): ReadingHistory {
  return {
    deviceId: device.id,
    resolution,
    gapMs: gapMs(resolution, device.reportingIntervalMs),
    atMs: rows.map(({ at_ms }) => Math.round(at_ms)),
    series: metrics.map((metric, index) => {
      const isBand = resolution !== 'raw' && metric.kind === 'number';
      // Averages carry one decimal more than the metric itself, shares three: more is noise on a chart and weight on the wire.
      const decimals = metric.kind === 'boolean' ? 3 : metric.decimals + (resolution === 'raw' ? 2 : 1);
      return {
        metric: metric.name,
        average: rows.map((row) => rounded(row[`average_${index}`] ?? row[`last_${index}`], decimals)),
        minimum: isBand ? rows.map((row) => row[`minimum_${index}`] ?? null) : null,
        maximum: isBand ? rows.map((row) => row[`maximum_${index}`] ?? null) : null,
        suspect: rows.flatMap((row, point) => (isSuspect(row, index, metric.name) ? [point] : [])),
      };
    }),
  };
}

/** One metric of many devices, in the order in which they were asked for; rows in any order of devices. */
export function toMetricHistory(
  devices: readonly HistoryDevice[],
  resolution: Resolution,
  metric: MetricColumn,
  rows: readonly HistoryRow[],
): MetricHistory {
  const rowsByDevice = new Map(devices.map(({ no }): [number, HistoryRow[]] => [no, []]));
  for (const row of rows) rowsByDevice.get(row.device_no)?.push(row);
  return {
    metric: metric.name,
    resolution,
    devices: devices.map((device) => {
      const {
        deviceId,
        gapMs: gap,
        atMs,
        series,
      } = toHistory(device, resolution, [metric], rowsByDevice.get(device.no) ?? []);
      const [columns] = series;
      return {
        deviceId,
        gapMs: gap,
        atMs,
        average: columns?.average ?? [],
        minimum: columns?.minimum ?? null,
        maximum: columns?.maximum ?? null,
        suspect: columns?.suspect ?? [],
      };
    }),
  };
}

function isSuspect(row: HistoryRow, index: number, metric: string): boolean {
  return row.suspect === undefined ? (row[`suspect_${index}`] ?? 0) > 0 : (row.suspect?.includes(metric) ?? false);
}

function rounded(value: number | null | undefined, decimals: number): number | null {
  if (value === null || value === undefined) return null;
  const factor = 10 ** decimals;
  return Number.isFinite(value * factor) ? Math.round(value * factor) / factor : value;
}
