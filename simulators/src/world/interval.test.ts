import { describe, expect, it } from 'vitest';
import { faults, merged, spanAt, type FaultRate } from './interval.js';
import { HOUR, MINUTE } from './local-time.js';

const RATE: FaultRate = { stream: 1, slotMs: HOUR, probability: 0.4, shortestMs: MINUTE, longestMs: 3 * HOUR };

describe('faults that come by chance', () => {
  it('are the same whatever window is asked for', () => {
    const whole = faults(42, RATE, 0, 100 * HOUR);
    for (let hour = 0; hour < 100; hour += 7) {
      const window = faults(42, RATE, hour * HOUR, (hour + 2) * HOUR);
      expect(window).toEqual(whole.filter((f) => f.untilMs > hour * HOUR && f.sinceMs <= (hour + 2) * HOUR));
    }
  });

  it('come about as often as their rate says, and last as long as it allows', () => {
    const found = Array.from({ length: 50 }, (_, key) => faults(key, RATE, 0, 100 * HOUR)).flat();
    expect(found.length / 5_000).toBeCloseTo(RATE.probability, 1);
    for (const { sinceMs, untilMs } of found) {
      expect(untilMs - sinceMs).toBeGreaterThanOrEqual(RATE.shortestMs);
      expect(untilMs - sinceMs).toBeLessThanOrEqual(RATE.longestMs);
    }
  });

  it('unite when they overlap, so that a battery sees one failure', () => {
    const spans = [
      { sinceMs: 5, untilMs: 9 },
      { sinceMs: 0, untilMs: 3 },
      { sinceMs: 2, untilMs: 4 },
    ];
    expect(merged(spans)).toEqual([
      { sinceMs: 0, untilMs: 4 },
      { sinceMs: 5, untilMs: 9 },
    ]);
    expect(spanAt(merged(spans), 4)).toBeNull();
    expect(spanAt(merged(spans), 3)).toEqual({ sinceMs: 0, untilMs: 4 });
  });
});
