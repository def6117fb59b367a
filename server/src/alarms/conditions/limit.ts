import type { AlarmRule } from '@ioc/contract';
import type { Reading } from '../../readings/reading.js';
import { beganAtMs, isCalm, nextLevels, worstActive } from './levels.js';
import { limitThresholds, type LimitCondition } from './limit-thresholds.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { withLevels } from './track.js';

/** A metric past a value, with another one past its own where the rule asks for it. */
export function limitRule(rule: AlarmRule, condition: LimitCondition): ReadingRule {
  const { metric, above, also } = condition;
  const limits = limitThresholds(rule, condition);
  const { mildest } = limits.floor;
  return {
    rule,
    rests: { metric, above, mildest },
    endsWithDevice: also?.metric === 'inCall',
    follow(before, reading, around) {
      const value = soundValue(reading, metric);
      const thresholds = limits.of(reading.device, around);
      if (before === null && isCalm(value, thresholds)) return null;
      const counts = also === undefined || holdsToo(reading, also, worstActive(before?.levels ?? null) >= 0);
      // Of two that belong together, one that is missing says nothing; but out of a call nobody measures the call.
      if (counts === null || (counts && value === null)) return before;
      const measure = counts ? value : null;
      return withLevels(before, nextLevels(before?.levels ?? null, measure, thresholds, reading.effectiveAtMs));
    },
    verdict(track, device, around) {
      const levels = track?.levels ?? null;
      return limits.verdict(levels, device, around, beganAtMs(levels, Number.POSITIVE_INFINITY));
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
