import { MOST_SAMPLES } from './samples.js';
import type { Sample } from './track.js';

/** So many of the last so many minutes. */
export interface Sustained {
  readonly minutes: number;
  readonly of: number;
}

const MINUTE_MS = 60_000;

/** Adds a sample, and forgets what is older than the window. A sensor that speaks faster than can be kept is thinned out. */
export function addToWindow(samples: readonly Sample[], atMs: number, value: number, of: number): readonly Sample[] {
  const overMs = of * MINUTE_MS;
  const last = samples.at(-1);
  if (last !== undefined && atMs <= last[0]) return samples;
  const kept = samples.filter(([sampleAtMs]) => sampleAtMs > atMs - overMs);
  const before = kept.at(-2);
  const tooClose = before !== undefined && atMs - before[0] < (2 * overMs) / MOST_SAMPLES;
  if (last === undefined || !tooClose) return [...kept, [atMs, value]];
  // The two become one that stands for the time of both.
  const lastMs = last[0] - before[0];
  const mean = (last[1] * lastMs + value * (atMs - last[0])) / (atMs - before[0]);
  return [...kept.slice(0, -1), [atMs, mean]];
}

/**
 * The value that was reached or passed for so many minutes of the window altogether, so that it is past a limit exactly when
 * the samples were for that long; null while they were not measured for so long. A sample stands for the time since the one
 * before it, at most a minute, because a sensor tells of the interval that ends; the first for `intervalMs`. Time that nobody
 * remembers counts as calm.
 */
export function sustainedValue(
  samples: readonly Sample[],
  { minutes, of }: Sustained,
  above: boolean,
  intervalMs: number,
): number | null {
  const last = samples.at(-1);
  if (last === undefined) return null;
  const fromMs = last[0] - of * MINUTE_MS;
  const weighed = samples.flatMap(([atMs, value], index) => {
    if (atMs <= fromMs) return [];
    const sinceMs = atMs - (samples[index - 1]?.[0] ?? atMs - intervalMs);
    return [{ value, forMs: Math.min(sinceMs, MINUTE_MS) }];
  });
  weighed.sort((a, b) => (above ? b.value - a.value : a.value - b.value));
  // Sensors are not punctual: what lacks less than half an interval is enough.
  const neededMs = minutes * MINUTE_MS - Math.min(intervalMs, MINUTE_MS) / 2;
  let forMs = 0;
  for (const sample of weighed) {
    forMs += sample.forMs;
    if (forMs >= neededMs) return sample.value;
  }
  return null;
}
