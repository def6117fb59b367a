import type { AlarmRule, RuleCondition } from '@ioc/contract';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { NO_TRACK } from './track.js';

/** A gauge that says the same again and again while another one of its river moves. */
export function stuckRule(rule: AlarmRule, condition: Extract<RuleCondition, { kind: 'stuck' }>): ReadingRule {
  const { metric, samples: least, neighbourMoves, severity } = condition;
  return {
    rule,
    follow(before, reading, around) {
      const value = soundValue(reading, metric);
      if (value === null) return before;
      const atMs = reading.effectiveAtMs;
      const first = before?.samples[0];
      // `samples`: where the equal ones began, with their value. `count`: how many, and above `least` once it is an alarm.
      if (first === undefined || first[1] !== value) return { ...NO_TRACK, samples: [[atMs, value]], count: 1 };
      if (before === null || before.count > least) return before;
      if (before.count < least) return { ...before, count: before.count + 1 };
      return around.neighboursMoved(reading.device, first[0]) >= neighbourMoves
        ? { ...before, count: least + 1 }
        : before;
    },
    verdict(track) {
      const first = track?.samples[0];
      if (track === null || first === undefined || track.count <= least) return null;
      return {
        severity,
        beganAtMs: first[0],
        text: rule.text,
        estimated: false,
        detail: { metric, value: first[1] },
        step: 0,
      };
    },
  };
}
