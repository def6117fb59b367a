import type { RiverStation } from '@ioc/contract';

/** A scale for a station's bar: from `low` to `high` metres, with the known levels as shares 0–1 of it. */
export interface GaugeScale {
  readonly low: number;
  readonly high: number;
  readonly levels: readonly { readonly level: 1 | 2 | 3; readonly share: number; readonly confirmed: boolean }[];
}

/**
 * The bar of a station: its levels fill the upper part, so that stations of different datums can be compared at a glance.
 * Null when no level is known.
 */
export function gaugeScale(station: RiverStation): GaugeScale | null {
  const known = ([1, 2, 3] as const).flatMap((level) => {
    const found = { 1: station.bd1, 2: station.bd2, 3: station.bd3 }[level];
    return found === null ? [] : [{ level, ...found }];
  });
  const [lowest, highest] = [known[0], known[known.length - 1]];
  if (lowest === undefined || highest === undefined) return null;
  const step = Math.max(1, (highest.levelM - lowest.levelM) / Math.max(1, known.length - 1));
  const [low, high] = [lowest.levelM - 2 * step, highest.levelM + step];
  return {
    low,
    high,
    levels: known.map(({ level, levelM, confirmed }) => ({ level, share: (levelM - low) / (high - low), confirmed })),
  };
}

/** Where a stage stands on the bar, 0–1. */
export function shareOf(scale: GaugeScale, levelM: number): number {
  return Math.min(1, Math.max(0.01, (levelM - scale.low) / (scale.high - scale.low)));
}

/** What a stage means, in metres: above BĐ3, or below the next level that is known. */
export type Distance =
  | { readonly kind: 'over'; readonly distanceM: number }
  | { readonly kind: 'to'; readonly level: 1 | 2 | 3; readonly distanceM: number };

export function distanceOf(station: RiverStation, levelM: number): Distance | null {
  for (const level of [1, 2, 3] as const) {
    const next = { 1: station.bd1, 2: station.bd2, 3: station.bd3 }[level];
    if (next !== null && levelM < next.levelM) return { kind: 'to', level, distanceM: next.levelM - levelM };
  }
  return station.bd3 === null ? null : { kind: 'over', distanceM: levelM - station.bd3.levelM };
}
