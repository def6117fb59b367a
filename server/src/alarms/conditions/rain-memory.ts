import type { AlarmRule, RuleCondition } from '@ioc/contract';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { addSample } from './samples.js';
import { NO_TRACK, type Sample } from './track.js';

/** What a gauge says of the hour before each reading, mm. */
const METRIC = 'rain1hMm';
const HOUR_MS = 3_600_000;

/**
 * Remembers the rain that a gauge told of, for as long as a rule on silence looks back: whether it poured in the basin must be
 * known when a gauge there says nothing. What comes of it is judged by silence, not by readings. Dry gauges remember nothing.
 */
export function rainMemory(
  rule: AlarmRule,
  { inFlood }: Extract<RuleCondition, { kind: 'absence' }>,
): ReadingRule | null {
  if (inFlood === undefined) return null;
  const overMs = inFlood.rainOverS * 1_000;
  return {
    rule,
    rests: { metric: METRIC, above: true, mildest: 0 },
    follow(before, reading) {
      const value = soundValue(reading, METRIC);
      if (value === null || (before === null && value <= 0)) return before;
      const samples = addSample(before?.samples ?? [], reading.effectiveAtMs, value, overMs);
      return samples.every(([, mm]) => mm <= 0) ? null : { ...NO_TRACK, samples };
    },
    verdict: () => null,
    holds: () => true,
  };
}

/**
 * The rain of a span that ends now, mm, from samples of which each tells the rain of the hour before it. Between two samples it
 * is taken as even; before the first it was dry. An hour that began before the span counts by its part inside.
 */
export function rainOver(samples: readonly Sample[], overMs: number, nowMs: number): number {
  const last = samples.at(-1);
  if (last === undefined) return 0;
  const fromMs = nowMs - overMs;
  let sum = 0;
  for (let endMs = last[0]; endMs > fromMs; endMs -= HOUR_MS) {
    sum += hourBefore(samples, endMs) * Math.min(1, (endMs - fromMs) / HOUR_MS);
  }
  return sum;
}

function hourBefore(samples: readonly Sample[], atMs: number): number {
  let before: Sample | null = null;
  for (const sample of samples) {
    if (sample[0] === atMs) return sample[1];
    if (sample[0] < atMs) {
      before = sample;
      continue;
    }
    if (before === null) return 0;
    return before[1] + ((sample[1] - before[1]) * (atMs - before[0])) / (sample[0] - before[0]);
  }
  return before?.[1] ?? 0;
}
