import { LIVE_WINDOW_MS, MAX_AHEAD_MS } from '@ioc/contract';
import { observeClock, type ClockTrack } from './clock-offset.js';
import { ok, reject, type Ok, type Reject } from './outcome.js';

export interface TimedInput {
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly historical: boolean;
  readonly inBatch: boolean;
  readonly redelivered: boolean;
  /** What was held up somewhere on its way arrives now. */
  readonly backlog: boolean;
}

export interface Timing {
  /** The moment that it stands for in live state. */
  readonly effectiveAtMs: number;
  /** False: history only. */
  readonly live: boolean;
  readonly clockOffsetMs: number | null;
}

/** Furthest that a clock may steadily run ahead and still be stored by it; ms. */
const MOST_STEADILY_AHEAD_MS = 86_400_000;

/** Whether a reading's time can be taken, and what it means for live state. */
export function createCheckTime(maxBackfillMs: number): (clock: ClockTrack, input: TimedInput) => Ok<Timing> | Reject {
  const mayBeSteady = (offsetMs: number) => offsetMs <= MOST_STEADILY_AHEAD_MS && offsetMs >= -maxBackfillMs;

  return (clock, { atMs, receivedAtMs, historical, inBatch, redelivered, backlog }) => {
    const counts = !historical && !redelivered && !backlog;
    const offsetMs = observeClock(clock, { atMs, arrivalMs: receivedAtMs, inBatch, counts }, mayBeSteady);
    // Before the rule on the future: a clock that is steadily ahead is known, and not an error of this reading.
    if (offsetMs !== null && !historical) {
      return ok({ effectiveAtMs: receivedAtMs, live: true, clockOffsetMs: offsetMs });
    }
    const aheadMs = atMs - receivedAtMs;
    if (aheadMs > MAX_AHEAD_MS) return reject('time-future', describe(atMs));
    if (aheadMs < -maxBackfillMs) return reject('time-too-old', describe(atMs));
    return ok({ effectiveAtMs: atMs, live: !historical && aheadMs >= -LIVE_WINDOW_MS, clockOffsetMs: null });
  };
}

/** Beyond the years that a date can hold, the number itself. */
function describe(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? String(atMs) : date.toISOString();
}
