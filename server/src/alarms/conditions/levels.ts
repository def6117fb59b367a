import { SEVERITIES, type Severity } from '@ioc/contract';

/*
 * A limit per severity, each with its hysteresis and delays: a severity is on while the measure is past its limit, active once
 * it has been on for the delay to raise, and rests again once it has been off for the delay to clear. While it is active the
 * hysteresis holds it on. The alarm is as severe as the worst active one.
 */

/** One severity's state; null in a list of levels: it has no limit, or it rests. */
export interface Level {
  readonly on: boolean;
  readonly active: boolean;
  /** When `on` changed last; epoch ms. */
  readonly sinceMs: number;
}

/** By severity, worst first. Immutable; a calm device has none. */
export type Levels = readonly (Level | null)[];

export interface Thresholds {
  readonly above: boolean;
  /** By severity, worst first; null: no limit. */
  readonly limits: readonly (number | null)[];
  /** Where an active severity is off again. */
  readonly releases: readonly (number | null)[];
  /** The mildest limit: what is not past it is past none. */
  readonly mildest: number;
  readonly raiseAfterMs: number;
  readonly clearAfterMs: number;
}

export function thresholdsOf(options: {
  readonly above: boolean;
  readonly values: Readonly<Partial<Record<Severity, number | undefined>>>;
  /** How far back a measure must come from a limit. */
  readonly hysteresisOf: (limit: number) => number;
  readonly raiseAfterS: number;
  readonly clearAfterS: number;
}): Thresholds {
  const { above, values, hysteresisOf, raiseAfterS, clearAfterS } = options;
  const limits = SEVERITIES.map((severity) => values[severity] ?? null);
  const given = limits.filter((limit) => limit !== null);
  return {
    above,
    limits,
    releases: limits.map((limit) => {
      if (limit === null) return null;
      return above ? limit - hysteresisOf(limit) : limit + hysteresisOf(limit);
    }),
    mildest: above ? Math.min(...given) : Math.max(...given),
    raiseAfterMs: raiseAfterS * 1_000,
    clearAfterMs: clearAfterS * 1_000,
  };
}

/** Whether a measure is past no limit at all, so that a calm device stays calm. */
export function isCalm(measure: number | null, { above, mildest }: Thresholds): boolean {
  return measure === null || !(above ? measure > mildest : measure < mildest);
}

/**
 * The levels after one more measure. The same object when nothing changes, and null when all of them rest.
 * @param measure null: there is nothing to be past a limit
 */
export function nextLevels(
  before: Levels | null,
  measure: number | null,
  thresholds: Thresholds,
  atMs: number,
): Levels | null {
  if (before === null && isCalm(measure, thresholds)) return null;
  let changed = false;
  let resting = true;
  for (let index = 0; index < SEVERITIES.length; index += 1) {
    const level = before?.[index] ?? null;
    const next = nextLevel(level, measure, thresholds, index, atMs);
    if (next !== level) changed = true;
    if (next !== null) resting = false;
  }
  if (resting) return null;
  if (!changed) return before;
  return SEVERITIES.map((_, index) => nextLevel(before?.[index] ?? null, measure, thresholds, index, atMs));
}

function nextLevel(
  level: Level | null,
  measure: number | null,
  thresholds: Thresholds,
  index: number,
  atMs: number,
): Level | null {
  const limit = (level?.active === true ? thresholds.releases[index] : thresholds.limits[index]) ?? null;
  const past = limit !== null && measure !== null && isPast(measure, limit, thresholds.above, level?.active === true);
  if (level === null) {
    return past ? { on: true, active: thresholds.raiseAfterMs === 0, sinceMs: atMs } : null;
  }
  if (level.on !== past) {
    if (!level.active) return past ? { ...level, on: true, sinceMs: atMs } : null;
    return !past && thresholds.clearAfterMs === 0 ? null : { ...level, on: past, sinceMs: atMs };
  }
  const forMs = atMs - level.sinceMs;
  if (past && !level.active && forMs >= thresholds.raiseAfterMs) return { ...level, active: true };
  if (!past && level.active && forMs >= thresholds.clearAfterMs) return null;
  return level;
}

/** An active severity is held at its release exactly; one that rests needs to be past its limit. */
function isPast(measure: number, limit: number, above: boolean, held: boolean): boolean {
  if (held) return above ? measure >= limit : measure <= limit;
  return above ? measure > limit : measure < limit;
}

/** Index of the worst active severity; -1 when none is. */
export function worstActive(levels: Levels | null): number {
  if (levels === null) return -1;
  for (let index = 0; index < levels.length; index += 1) if (levels[index]?.active === true) return index;
  return -1;
}

/** When the state behind an active severity began: the earliest of those that are on or active. */
export function beganAtMs(levels: Levels | null, fallbackMs: number): number {
  let earliest = fallbackMs;
  for (const level of levels ?? []) if (level !== null && level.on) earliest = Math.min(earliest, level.sinceMs);
  return earliest;
}
