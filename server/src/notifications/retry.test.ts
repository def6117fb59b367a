import { describe, expect, it } from 'vitest';
import { GIVE_UP_AFTER_MS, nextAttemptAtMs } from './retry.js';

describe('retries', () => {
  it('wait longer each time, at most half an hour, and are given up after a day', () => {
    let nowMs = 0;
    const waits: number[] = [];
    for (let attempts = 1; ; attempts += 1) {
      const next = nextAttemptAtMs(0, attempts, nowMs);
      if (next === null) break;
      waits.push((next - nowMs) / 1_000);
      nowMs = next;
    }
    expect(waits.slice(0, 9)).toEqual([15, 30, 60, 120, 300, 600, 1_200, 1_800, 1_800]);
    expect(Math.max(...waits)).toBe(1_800);
    expect(nowMs).toBeLessThanOrEqual(GIVE_UP_AFTER_MS);
    expect(nowMs).toBeGreaterThan(GIVE_UP_AFTER_MS - 1_800_000);
  });

  it('wait as long as the other side asks', () => {
    expect(nextAttemptAtMs(0, 1, 1_000, 90_000)).toBe(91_000);
    expect(nextAttemptAtMs(0, 4, 1_000, 5_000)).toBe(121_000);
  });
});
