/** The only source of "now": passed in, so that a night can run at 60× and tests need not wait. */
export interface Clock {
  /** Epoch milliseconds of the simulated or real moment. */
  now(): number;
  /** How many of its milliseconds pass in a real one; timers divide their delay by it. */
  readonly speed: number;
}

/**
 * A clock that equals `realNow` at `epochMs` and runs `speed` times as fast from there. Server and simulators that are given
 * the same two numbers agree on every moment.
 */
export function scaledClock(epochMs: number, speed: number, realNow: () => number): Clock {
  if (!Number.isFinite(epochMs) || !(speed > 0)) {
    throw new RangeError(`a clock needs a finite epoch and a speed above 0, got ${epochMs} and ${speed}`);
  }
  if (speed === 1) return { now: realNow, speed };
  return {
    now: () => Math.round(epochMs + (realNow() - epochMs) * speed),
    speed,
  };
}
