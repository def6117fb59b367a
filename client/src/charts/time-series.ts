/**
 * One metric over a span, as columns of equal length. A point at `atMs[i]` has the value `values[i]`; in a roll-up it stands
 * for a bucket whose least and greatest values are `minimum[i]` and `maximum[i]`.
 */
export interface TimeSeries {
  /** Epoch ms, ascending. */
  readonly atMs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly minimum: readonly (number | null)[] | null;
  readonly maximum: readonly (number | null)[] | null;
  /** Indexes of points that are suspect, or of buckets that contain suspect values. */
  readonly suspect: readonly number[];
  /** Points further apart than this are a gap; ms. */
  readonly gapMs: number;
}

/** A point as a chart draws it; a null value breaks the line. */
export type DrawnPoint = [atMs: number, value: number | null];

export interface DrawnSeries {
  /** The line, broken where nothing was heard. */
  readonly line: readonly DrawnPoint[];
  /** Lower edge and height of the band between least and greatest value, at the same times as each other; null for raw points. */
  readonly band: { readonly lower: readonly DrawnPoint[]; readonly height: readonly DrawnPoint[] } | null;
  /** Points of the line without a neighbour on either side: a line would not show them. */
  readonly lone: readonly DrawnPoint[];
  /** Drawn hollow. */
  readonly hollow: readonly DrawnPoint[];
  /** Least and greatest value that is drawn; null when there is none. */
  readonly extent: { readonly min: number; readonly max: number } | null;
}

/**
 * Turns a series into what is drawn. Nothing is filled in: a missing value or a distance above `gapMs` breaks the line.
 * A suspect raw point stands beside the line and does not bend it; a suspect bucket keeps its place in the line, because its
 * average is of the others.
 */
export function drawnSeries(series: TimeSeries): DrawnSeries {
  const { minimum, maximum } = series;
  const rolledUp = minimum !== null && maximum !== null;
  const suspect = new Set(series.suspect);
  const line: DrawnPoint[] = [];
  const lower: DrawnPoint[] = [];
  const height: DrawnPoint[] = [];
  const hollow: DrawnPoint[] = [];
  let min = Infinity;
  let max = -Infinity;
  let previousAtMs: number | null = null;

  for (let index = 0; index < series.atMs.length; index++) {
    const at = series.atMs[index];
    if (at === undefined) continue;
    const value = series.values[index] ?? null;
    if (value !== null) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (suspect.has(index) && value !== null) {
      hollow.push([at, value]);
      if (!rolledUp) {
        // It was heard: the line goes on past it without a break.
        previousAtMs = at;
        continue;
      }
    }
    if (previousAtMs !== null && at - previousAtMs > series.gapMs) {
      const breakAt = previousAtMs + 1;
      line.push([breakAt, null]);
      lower.push([breakAt, null]);
      height.push([breakAt, null]);
    }
    line.push([at, value]);
    if (rolledUp) {
      const least = minimum[index] ?? null;
      const greatest = maximum[index] ?? null;
      if (least !== null && greatest !== null) {
        min = Math.min(min, least);
        max = Math.max(max, greatest);
        lower.push([at, least]);
        height.push([at, greatest - least]);
      } else {
        lower.push([at, null]);
        height.push([at, null]);
      }
    }
    previousAtMs = at;
  }
  return {
    line,
    lone: line.filter(([, value], index) => value !== null && !isValue(line[index - 1]) && !isValue(line[index + 1])),
    band: rolledUp ? { lower, height } : null,
    hollow,
    extent: min <= max ? { min, max } : null,
  };
}

function isValue(point: DrawnPoint | undefined): boolean {
  return point !== undefined && point[1] !== null;
}

export interface AxisSpan {
  readonly min: number;
  readonly max: number;
}

/** A value that the axis should show, and whether it must. */
export interface AxisLimit {
  readonly value: number;
  /** Shown however far away it is: a legal level, not a threshold of ours. */
  readonly always?: boolean;
}

/** Fewer than this many of the last decimal are noise: an axis is at least as long. */
const LEAST_STEPS = 30;

/**
 * The value axis: around what was measured, not flattened by a limit far away. A limit joins when it must, or when it does
 * not make the axis more than three times as long as the values need. `range` is what is physically possible.
 */
export function axisSpan(
  extent: AxisSpan | null,
  limits: readonly AxisLimit[],
  range: AxisSpan,
  decimals: number,
): AxisSpan {
  const first = extent ?? { min: Math.max(range.min, 0), max: Math.min(range.max, 1) };
  const least = LEAST_STEPS * 10 ** -decimals;
  const missing = Math.max(0, least - (first.max - first.min)) / 2;
  let min = first.min - missing;
  let max = first.max + missing;
  const longest = 3 * (max - min);
  const middle = (first.min + first.max) / 2;
  const byDistance = [...limits].sort((a, b) => Math.abs(a.value - middle) - Math.abs(b.value - middle));
  for (const { value, always } of byDistance) {
    const withLimit = { min: Math.min(min, value), max: Math.max(max, value) };
    if (always !== true && withLimit.max - withLimit.min > longest) continue;
    ({ min, max } = withLimit);
  }
  const margin = 0.08 * (max - min);
  return {
    // Zero is a floor where values cannot be negative: an axis below it would be a lie.
    min: Math.max(min - margin, range.min),
    max: Math.min(max + margin, Math.max(range.max, first.max)),
  };
}
