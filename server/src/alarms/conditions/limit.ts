import { findMetric, SEVERITIES, type AlarmRule, type RuleCondition } from '@ioc/contract';
import type { Reading } from '../../readings/reading.js';
import { beganAtMs, isCalm, nextLevels, thresholdsOf, worstActive } from './levels.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { withLevels } from './track.js';
import { decimals } from './wording.js';

type LimitCondition = Extract<RuleCondition, { kind: 'limit' }>;

/** A metric past a value, with another one past its own where the rule asks for it. */
export function limitRule(rule: AlarmRule, condition: LimitCondition): ReadingRule {
  const { metric, above, values, hysteresis, hysteresisPercent = 0, also } = condition;
  const { raiseAfterS, clearAfterS } = rule;
  const thresholds = thresholdsOf({
    above,
    values,
    hysteresisOf: (limit) => Math.max(hysteresis, (limit * hysteresisPercent) / 100),
    raiseAfterS,
    clearAfterS,
  });
  const definition = findMetric(rule.deviceClass, metric);
  const unit = definition?.kind === 'number' ? definition.unit : '';
  return {
    rule,
    rests: { metric, above, mildest: thresholds.mildest },
    endsWithDevice: also?.metric === 'inCall',
    follow(before, reading) {
      const value = soundValue(reading, metric);
      if (before === null && isCalm(value, thresholds)) return null;
      const counts = also === undefined || holdsToo(reading, also, worstActive(before?.levels ?? null) >= 0);
      // Of two that belong together, one that is missing says nothing; but out of a call nobody measures the call.
      if (counts === null || (counts && value === null)) return before;
      const measure = counts ? value : null;
      return withLevels(before, nextLevels(before?.levels ?? null, measure, thresholds, reading.effectiveAtMs));
    },
    verdict(track) {
      const index = worstActive(track?.levels ?? null);
      const severity = SEVERITIES[index];
      const limit = thresholds.limits[index];
      if (severity === undefined || limit === undefined || limit === null) return null;
      const sign = above ? '>' : '<';
      const value = `${decimals(limit)}${unit === '' ? '' : ` ${unit}`}`;
      return {
        severity,
        beganAtMs: beganAtMs(track?.levels ?? null, Number.POSITIVE_INFINITY),
        text: { vi: `${rule.text.vi} (${sign} ${value})`, en: `${rule.text.en} (${sign} ${value})` },
        estimated: false,
        detail: { metric, limit },
        step: 0,
      };
    },
  };
}

/** Null: the reading does not say. */
function holdsToo(reading: Reading, also: NonNullable<LimitCondition['also']>, held: boolean): boolean | null {
  const raw = reading.metrics[also.metric];
  if (raw === undefined) return null;
  const value = typeof raw === 'boolean' ? Number(raw) : raw;
  const slack = held ? also.hysteresis : 0;
  return also.above ? value > also.value - slack : value < also.value + slack;
}
