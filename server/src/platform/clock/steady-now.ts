/** How far the system's clock may fall behind the time that has passed before it is taken for set back; ms. */
const SET_BACK_MS = 1_000;

export interface SteadyNowParts {
  /** The system's clock, epoch ms: it may be set. */
  readonly wallMs: () => number;
  /** Time that only passes; ms since whenever. */
  readonly monotonicMs: () => number;
  /** The system's clock went back by so many ms, or (0) has caught up again. Told once each. */
  readonly onSetBack: (byMs: number) => void;
}

/**
 * The system's clock, except that it never goes back: what has happened stays in the past. A clock that is set back is not
 * followed until it has caught up; meanwhile time goes on as it passes. Set forward, as after a suspension, it is followed.
 */
export function steadyNow({ wallMs, monotonicMs, onSetBack }: SteadyNowParts): () => number {
  let nowMs = wallMs();
  let atMonotonicMs = monotonicMs();
  let isBehind = false;
  return () => {
    const passedAtMs = monotonicMs();
    const expectedMs = nowMs + (passedAtMs - atMonotonicMs);
    const givenMs = wallMs();
    const wasBehind = isBehind;
    isBehind = givenMs < expectedMs - SET_BACK_MS;
    nowMs = Math.max(nowMs, isBehind ? Math.floor(expectedMs) : givenMs);
    // Whole milliseconds only: what was cut off is counted the next time.
    atMonotonicMs = isBehind ? passedAtMs - (expectedMs - nowMs) : passedAtMs;
    if (isBehind !== wasBehind) onSetBack(isBehind ? Math.round(expectedMs - givenMs) : 0);
    return nowMs;
  };
}
