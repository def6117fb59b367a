import type { Resolution, ReadingHistory } from '@ioc/contract';
import type { MetricColumn } from './reading-table.js';

/** Most points of an answer when the console picks the resolution, and most that may be asked for. */
export const MAX_POINTS = 2_000;

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
  readonly reportingIntervalMs: number;
  readonly reach: Reach;
}

/**
 * The resolutions that a span can be answered in, finest first: those that give at most MAX_POINTS points and still reach
 * back to its beginning. A finer one may turn out to have more points than the reporting interval promises: then the next is
 * taken. The last resort is always `1d`.
 */
export function resolutionsFor({
  fromMs,
  toMs,
  nowMs,
  reportingIntervalMs,
  reach,
}: ResolutionRequest): readonly Resolution[] {
  const spanMs = toMs - fromMs;
  const ageMs = nowMs - fromMs;
  const fits = (widthMs: number, reachMs: number) => spanMs / widthMs <= MAX_POINTS && ageMs <= reachMs;
  const resolutions: Resolution[] = [];
  if (fits(reportingIntervalMs, reach.rawMs)) resolutions.push('raw');
  if (fits(ROLLUP_WIDTH_MS['5min'], reach.rollup5minMs)) resolutions.push('5min');
  if (fits(ROLLUP_WIDTH_MS['1h'], reach.rollup1hMs)) resolutions.push('1h');
  return [...resolutions, '1d'];
}

/** Whether a resolution that somebody asked for can give more than MAX_POINTS points over a span. */
export function exceedsPoints(resolution: Resolution, spanMs: number, reportingIntervalMs: number): boolean {
  return spanMs / (resolution === 'raw' ? reportingIntervalMs : ROLLUP_WIDTH_MS[resolution]) > MAX_POINTS;
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
  readonly at_ms: number;
  readonly suspect?: readonly string[] | null;
  readonly [value: `${'average' | 'minimum' | 'maximum' | 'suspect' | 'last'}_${number}`]: number | null | undefined;
}

/** Rows as columns of equal length. Nothing is filled in: a missing sample is a gap in `atMs`. */
export function toHistory(
  deviceId: string,
  resolution: Resolution,
  reportingIntervalMs: number,
  metrics: readonly MetricColumn[],
  rows: readonly HistoryRow[],
): ReadingHistory {
  return {
    deviceId,
    resolution,
    gapMs: gapMs(resolution, reportingIntervalMs),
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

function isSuspect(row: HistoryRow, index: number, metric: string): boolean {
  return row.suspect === undefined ? (row[`suspect_${index}`] ?? 0) > 0 : (row.suspect?.includes(metric) ?? false);
}

function rounded(value: number | null | undefined, decimals: number): number | null {
  if (value === null || value === undefined) return null;
  const factor = 10 ** decimals;
  return Number.isFinite(value * factor) ? Math.round(value * factor) / factor : value;
}
