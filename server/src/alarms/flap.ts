/*
 * Flapping: the connectivity of a device changes so often that its single changes say nothing any more. Judged from the
 * moments of its changes between up and down; sampled every 30 s, so that two changes between samples count as none.
 */

export const SAMPLE_MS = 30_000;
export const SAMPLES = 20;
/** No more changes are remembered; a device that changes faster flaps all the same. */
export const MOST_CHANGES = 64;

export interface FlapRule {
  readonly changes: number;
  readonly withinMs: number;
  readonly onPercent: number;
  readonly offPercent: number;
  /** How long it must be quiet until it is over, ms. */
  readonly quietMs: number;
}

/** Moments of a device's changes, oldest first; epoch ms. Immutable. */
export type Changes = readonly number[];

/** With one more change; what no judgement needs any more is forgotten. */
export function noteChange(changes: Changes, atMs: number, rule: FlapRule): Changes {
  const keptMs = Math.max(rule.withinMs, rule.quietMs, SAMPLE_MS * SAMPLES);
  return [...changes.filter((moment) => moment > atMs - keptMs), atMs].slice(-MOST_CHANGES);
}

/** Of the last 20 sampled states, how many differ from the one before, percent. */
export function percentChanged(changes: Changes, nowMs: number): number {
  let differing = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const untilMs = nowMs - sample * SAMPLE_MS;
    let between = 0;
    for (const moment of changes) if (moment > untilMs - SAMPLE_MS && moment <= untilMs) between += 1;
    // An even number of changes between two samples leaves the state as it was.
    if (between % 2 === 1) differing += 1;
  }
  return (differing / SAMPLES) * 100;
}

/** Those after a moment. */
export function changesSince(changes: Changes, afterMs: number): Changes {
  return changes.filter((moment) => moment > afterMs);
}

export function changesWithin(changes: Changes, nowMs: number, withinMs: number): number {
  let count = 0;
  for (const moment of changes) if (moment > nowMs - withinMs && moment <= nowMs) count += 1;
  return count;
}

/** Whether a device flaps at a moment, when it did, or did not, before. */
export function flaps(changes: Changes, before: boolean, rule: FlapRule, nowMs: number): boolean {
  const percent = percentChanged(changes, nowMs);
  const often = changesWithin(changes, nowMs, rule.withinMs) >= rule.changes;
  if (!before) return often || percent >= rule.onPercent;
  const last = changes.at(-1);
  const quiet = last === undefined || nowMs - last >= rule.quietMs;
  return often || percent >= rule.offPercent || !quiet;
}
