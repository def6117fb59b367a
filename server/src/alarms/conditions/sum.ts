import { SEVERITIES, type AlarmRule, type RuleCondition } from '@ioc/contract';
import { beganAtMs, nextLevels, thresholdsOf, worstActive } from './levels.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { addIncrement } from './samples.js';
import { NO_TRACK } from './track.js';
import { decimals } from './wording.js';

/** The sum of a metric over a window; every reading is an increment. */
export function sumRule(rule: AlarmRule, condition: Extract<RuleCondition, { kind: 'sum' }>): ReadingRule {
  const { metric, values, overS } = condition;
  const { raiseAfterS, clearAfterS } = rule;
  const thresholds = thresholdsOf({ above: true, values, hysteresisOf: () => 0, raiseAfterS, clearAfterS });
  return {
    rule,
    follow(before, reading) {
      const value = soundValue(reading, metric);
      if (value === null) return before;
      const atMs = reading.effectiveAtMs;
      const samples = addIncrement(before?.samples ?? [], atMs, value, overS * 1_000);
      let sum = 0;
      for (const [, increment] of samples) sum += increment;
      return { ...NO_TRACK, samples, levels: nextLevels(before?.levels ?? null, sum, thresholds, atMs) };
    },
    verdict(track) {
      const index = worstActive(track?.levels ?? null);
      const severity = SEVERITIES[index];
      const limit = thresholds.limits[index];
      if (severity === undefined || limit === undefined || limit === null) return null;
      const hours = decimals(overS / 3_600, 1);
      return {
        severity,
        beganAtMs: beganAtMs(track?.levels ?? null, Number.POSITIVE_INFINITY),
        text: {
          vi: `${rule.text.vi} (> ${decimals(limit)} trong ${hours} giờ)`,
          en: `${rule.text.en} (> ${decimals(limit)} in ${hours} h)`,
        },
        estimated: false,
        detail: { metric, limit },
        step: 0,
      };
    },
  };
}
