import type { Sample } from './track.js';

/** No rule remembers more; a sensor that speaks faster is thinned out evenly. */
export const MOST_SAMPLES = 64;

/** Adds a sample, and forgets what is older than the window; the last one before it stays, so that the window is covered. */
export function addSample(samples: readonly Sample[], atMs: number, value: number, overMs: number): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && atMs <= last[0]) return samples;
  const fromMs = atMs - overMs;
  let first = 0;
  while (first + 1 < samples.length && (samples[first + 1]?.[0] ?? 0) <= fromMs) first += 1;
  const kept = samples.slice(first);
  const tooClose = kept.length > 1 && atMs - (kept.at(-2)?.[0] ?? 0) < overMs / (MOST_SAMPLES - 2);
  return [...(tooClose ? kept.slice(0, -1) : kept), [atMs, value]];
}

/** From the oldest to the newest sample, per hour; null while the window is not covered, or by too few. */
export function risePerHour(samples: readonly Sample[], overMs: number, minSamples: number): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < minSamples) return null;
  const spanMs = last[0] - first[0];
  return spanMs < overMs * COVERED ? null : ((last[1] - first[1]) / spanMs) * 3_600_000;
}

/** A window is covered by samples over so much of it: sensors are not punctual. */
const COVERED = 0.9;

/** The most that the samples since a moment lie apart. */
export function movedSince(samples: readonly Sample[], sinceMs: number): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const [atMs, value] of samples) {
    if (atMs < sinceMs) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most > least ? most - least : 0;
}
