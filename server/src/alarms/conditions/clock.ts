import type { AlarmRule, RuleCondition } from '@ioc/contract';
import type { ReadingRule } from './reading-rule.js';
import { NO_TRACK } from './track.js';

/** A device whose readings are taken live by arrival time, because its clock is steadily off. */
export function clockRule(rule: AlarmRule, condition: Extract<RuleCondition, { kind: 'clock' }>): ReadingRule {
  const { goodSamples, severity } = condition;
  return {
    rule,
    follow(before, reading) {
      const { clockOffsetMs } = reading;
      if (clockOffsetMs !== null) {
        if (before !== null && before.count === 0) return before;
        return { ...NO_TRACK, samples: before?.samples ?? [[reading.receivedAtMs, clockOffsetMs]] };
      }
      if (before === null) return null;
      return before.count + 1 >= goodSamples ? null : { ...before, count: before.count + 1 };
    },
    verdict(track) {
      const first = track?.samples[0];
      if (first === undefined) return null;
      const seconds = Math.round(first[1] / 1_000);
      const offset = `${seconds > 0 ? '+' : '−'}${Math.abs(seconds)} s`;
      return {
        severity,
        beganAtMs: first[0],
        text: { vi: `${rule.text.vi} ${offset}`, en: `${rule.text.en} ${offset}` },
        estimated: false,
        detail: { offsetMs: first[1] },
        step: 0,
      };
    },
  };
}
