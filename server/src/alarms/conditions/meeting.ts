import type { AlarmRule } from '@ioc/contract';
import { saysRegistered } from '../../meetings/registration.js';
import type { ReadingRule } from './reading-rule.js';
import { NO_TRACK, type Track } from './track.js';

/** Whether an endpoint says that it is registered, and since when; epoch ms. */
export interface Registration {
  readonly registered: boolean;
  readonly sinceMs: number;
}

/**
 * Remembers whether an endpoint is registered, and since when, whether a meeting is near or not: an hour before one it must
 * be known for how long it has been so. What a meeting makes of it is judged beside the readings.
 */
export function meetingRule(rule: AlarmRule): ReadingRule {
  return {
    rule,
    follow(before, reading) {
      const registered = saysRegistered(reading.metrics);
      if (registered === null || registrationOf(before)?.registered === registered) return before;
      return { ...NO_TRACK, samples: [[reading.effectiveAtMs, Number(registered)]] };
    },
    verdict: () => null,
    holds: () => true,
  };
}

/** What is remembered; null: it has not said anything yet. */
export function registrationOf(track: Track | null): Registration | null {
  const said = track?.samples[0];
  return said === undefined ? null : { sinceMs: said[0], registered: said[1] === 1 };
}
