import type { AlarmRule, RuleCondition } from '@ioc/contract';
import type { ReadingRule } from './reading-rule.js';
import { NO_TRACK } from './track.js';

/** A gauge whose samples are suspect: implausible, or changing implausibly fast. Over after some good ones in a row. */
export function jumpRule(rule: AlarmRule, condition: Extract<RuleCondition, { kind: 'jump' }>): ReadingRule {
  const { metric, goodSamples, severity } = condition;
  return {
    rule,
    follow(before, reading) {
      if (typeof reading.metrics[metric] !== 'number') return before;
      if (reading.suspect.includes(metric)) {
        if (before !== null && before.count === 0) return before;
        return { ...NO_TRACK, samples: before?.samples ?? [[reading.effectiveAtMs, 0]] };
      }
      if (before === null) return null;
      return before.count + 1 >= goodSamples ? null : { ...before, count: before.count + 1 };
    },
    verdict(track) {
      const first = track?.samples[0];
      if (first === undefined) return null;
      return { severity, beganAtMs: first[0], text: rule.text, estimated: false, detail: { metric }, step: 0 };
    },
  };
}
