import type { AlarmRule } from '@ioc/contract';
import { isCalm, nextLevels } from './levels.js';
import type { LimitCondition } from './limit-thresholds.js';
import { limitThresholds } from './limit-thresholds.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { addToWindow, sustainedValue, type Sustained } from './sustained.js';
import { NO_TRACK } from './track.js';

/** A metric past a value for so many of the last so many minutes. */
export function sustainedLimitRule(rule: AlarmRule, condition: LimitCondition, sustained: Sustained): ReadingRule {
  const { metric, above } = condition;
  const limits = limitThresholds(rule, condition);
  const { mildest } = limits.floor;
  return {
    rule,
    rests: { metric, above, mildest },
    follow(before, reading, around) {
      const value = soundValue(reading, metric);
      if (value === null) return before;
      const thresholds = limits.of(reading.device, around);
      if (before === null && isCalm(value, thresholds)) return null;
      const atMs = reading.effectiveAtMs;
      const samples = addToWindow(before?.samples ?? [], atMs, value, sustained.of);
      const measure = sustainedValue(samples, sustained, above, reading.device.reportingIntervalMs);
      const levels = nextLevels(before?.levels ?? null, measure, thresholds, atMs);
      if (levels === null && samples.every(([, sample]) => isCalm(sample, thresholds))) return null;
      return { ...NO_TRACK, samples, levels };
    },
    verdict(track, device, around) {
      // The minutes that raised it count: it began with the first sample of them that was past a limit.
      const first = track?.samples.find(([, value]) => !isCalm(value, limits.of(device, around)));
      return limits.verdict(track?.levels ?? null, device, around, first?.[0] ?? Number.POSITIVE_INFINITY);
    },
  };
}
