import type { RiverStation, Severity } from '@ioc/contract';

/*
 * The legal alarm level (báo động, BĐ) of a river sensor. A stage is reached by two samples in a row and left by two below
 * it by more than the hysteresis; the alarm itself ends some time after the lowest stage was left. A level that is not
 * confirmed counts one severity lower.
 */

/** 0: below every level · 1, 2, 3: BĐ1–3 · 2.5: within 0.3 m of BĐ3 and rising. */
export type StageRank = 0 | 1 | 2 | 2.5 | 3;

export interface RiverStage {
  readonly rank: StageRank;
  /** What the sample before would have made of it; null when it agreed. */
  readonly pending: StageRank | null;
  readonly levelM: number | null;
  /** Since when it is below every level, while its alarm still stands; epoch ms. */
  readonly belowSinceMs: number | null;
}

export const LOW_WATER: RiverStage = { rank: 0, pending: null, levelM: null, belowSinceMs: null };

const HYSTERESIS_M = 0.1;
const NEAR_THIRD_M = 0.3;
// Levels have centimetres; without this 4.5 − 0.1 would be left at 4.4 exactly or not, by chance of binary fractions.
const ROUNDING_M = 1e-9;

interface Threshold {
  readonly rank: StageRank;
  readonly levelM: number;
  readonly confirmed: boolean;
  readonly rising: boolean;
}

/** Whether any legal level is known for the station; otherwise no alarm level applies. */
export function hasLevels(station: RiverStation): boolean {
  return station.bd1 !== null || station.bd2 !== null || station.bd3 !== null;
}

function thresholds({ bd1, bd2, bd3 }: RiverStation): readonly Threshold[] {
  const near = bd3 === null ? null : { levelM: bd3.levelM - NEAR_THIRD_M, confirmed: bd3.confirmed };
  const known = [
    { rank: 1, level: bd1, rising: false },
    { rank: 2, level: bd2, rising: false },
    { rank: 2.5, level: near, rising: true },
    { rank: 3, level: bd3, rising: false },
  ] as const;
  return known.flatMap(({ rank, level, rising }) => (level === null ? [] : [{ rank, rising, ...level }]));
}

/** The stage after one more sample, in order of time. Suspect samples never get here. */
export function nextStage(
  before: RiverStage,
  station: RiverStation,
  levelM: number,
  atMs: number,
  hysteresisM = HYSTERESIS_M,
): RiverStage {
  const rising = before.levelM !== null && levelM > before.levelM;
  let target: StageRank = 0;
  for (const threshold of thresholds(station)) {
    const reached = levelM >= threshold.levelM - ROUNDING_M && (!threshold.rising || rising);
    const held = threshold.rank <= before.rank && levelM > threshold.levelM - hysteresisM + ROUNDING_M;
    if (reached || held) target = threshold.rank;
  }
  const rank = settledRank(before, target);
  const belowSinceMs = rank > 0 ? null : (before.belowSinceMs ?? (before.rank > 0 ? atMs : null));
  return { rank, pending: target === rank ? null : target, levelM, belowSinceMs };
}

/** Two samples in a row must want a change in the same direction; the smaller change of both is made. */
function settledRank({ rank, pending }: RiverStage, target: StageRank): StageRank {
  if (pending === null) return rank;
  if (target > rank && pending > rank) return target < pending ? target : pending;
  if (target < rank && pending < rank) return target > pending ? target : pending;
  return rank;
}

const LOWER: Readonly<Record<Severity, Severity>> = {
  critical: 'major',
  major: 'minor',
  minor: 'warning',
  warning: 'warning',
};

/** How bad a stage is, and whether the level that it rests on is confirmed; null below every level. */
export function stageSeverity(
  rank: StageRank,
  station: RiverStation,
): { readonly severity: Severity; readonly confirmed: boolean } | null {
  const threshold = thresholds(station).find((candidate) => candidate.rank === rank);
  if (threshold === undefined) return null;
  const severity = severityOfRank(rank);
  return { severity: threshold.confirmed ? severity : LOWER[severity], confirmed: threshold.confirmed };
}

function severityOfRank(rank: StageRank): Severity {
  switch (rank) {
    case 3:
      return 'critical';
    case 2.5:
      return 'major';
    case 2:
      return 'minor';
    case 1:
    case 0:
      return 'warning';
  }
}
