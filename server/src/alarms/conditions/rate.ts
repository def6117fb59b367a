import { SEVERITIES, type AlarmRule, type RuleCondition } from '@ioc/contract';
import { beganAtMs, nextLevels, thresholdsOf, worstActive } from './levels.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { addSample, risePerHour } from './samples.js';
import { NO_TRACK } from './track.js';
import { decimalsEn, decimalsVi } from './wording.js';

/** A metric's rise per hour over a window, such as a river's. */
export function rateRule(rule: AlarmRule, condition: Extract<RuleCondition, { kind: 'rate' }>): ReadingRule {
  const { metric, values, hysteresisPercent, overS, minSamples } = condition;
  const thresholds = thresholdsOf({
    above: true,
    values,
    hysteresisOf: (limit) => (limit * hysteresisPercent) / 100,
    raiseAfterS: rule.raiseAfterS,
    clearAfterS: rule.clearAfterS,
  });
  return {
    rule,
    follow(before, reading) {
      const value = soundValue(reading, metric);
      if (value === null) return before;
      const samples = addSample(before?.samples ?? [], reading.effectiveAtMs, value, overS * 1_000);
      const rise = risePerHour(samples, overS * 1_000, minSamples);
      const levels = nextLevels(before?.levels ?? null, rise, thresholds, reading.effectiveAtMs);
      return { ...NO_TRACK, samples, levels };
    },
    verdict(track) {
      const index = worstActive(track?.levels ?? null);
      const severity = SEVERITIES[index];
      const limit = thresholds.limits[index];
      if (severity === undefined || limit === undefined || limit === null) return null;
      return {
        severity,
        beganAtMs: beganAtMs(track?.levels ?? null, Number.POSITIVE_INFINITY),
        text: {
          vi: `${rule.text.vi} (> ${decimalsVi(limit)} m/giờ)`,
          en: `${rule.text.en} (> ${decimalsEn(limit)} m/h)`,
        },
        estimated: false,
        detail: { metric, limit },
        step: 0,
      };
    },
  };
}
