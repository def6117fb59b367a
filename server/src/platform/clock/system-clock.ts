import { scaledClock, type Clock } from '@ioc/contract';

/** The real time, or, for a rehearsal, a clock that runs `speed` times as fast from `epochMs` on. */
export function systemClock(epochMs: number, speed: number): Clock {
  return scaledClock(epochMs, speed, Date.now);
}
