import { describe, expect, test } from 'vitest';
import { AttemptThrottle, type AttemptPolicy } from './attempt-throttle.js';

const policy: AttemptPolicy = { free: 3, firstWaitMs: 1_000, longestWaitMs: 8_000, forgetAfterMs: 60_000 };
const keys = (key: string) => [{ key, policy }];

describe('throttled attempts', () => {
  test('the first few cost nothing, then the wait doubles up to its bound', () => {
    const throttle = new AttemptThrottle(10);
    expect([1, 2, 3].map(() => throttle.begin(keys('a'), 0))).toEqual([0, 0, 0]);
    let nowMs = 0;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const waitMs = throttle.begin(keys('a'), nowMs);
      waits.push(waitMs);
      nowMs += waitMs;
      expect(throttle.begin(keys('a'), nowMs)).toBe(0);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  test('a blocked attempt is not counted and does not prolong the wait', () => {
    const throttle = new AttemptThrottle(10);
    for (let attempt = 0; attempt < 3; attempt += 1) throttle.begin(keys('a'), 0);
    expect(throttle.begin(keys('a'), 400)).toBe(600);
    expect(throttle.begin(keys('a'), 999)).toBe(1);
    expect(throttle.begin(keys('a'), 1_000)).toBe(0);
  });

  test('one blocked key blocks the attempt, and the others are not counted', () => {
    const throttle = new AttemptThrottle(10);
    for (let attempt = 0; attempt < 3; attempt += 1) throttle.begin(keys('a'), 0);
    expect(throttle.begin([...keys('a'), ...keys('b')], 0)).toBe(1_000);
    expect(throttle.size).toBe(1);
  });

  test('success forgets, and so does time', () => {
    const throttle = new AttemptThrottle(10);
    for (let attempt = 0; attempt < 3; attempt += 1) throttle.begin(keys('a'), 0);
    throttle.succeed(keys('a'));
    expect(throttle.begin(keys('a'), 0)).toBe(0);
    for (let attempt = 0; attempt < 2; attempt += 1) throttle.begin(keys('a'), 0);
    expect(throttle.begin(keys('a'), 0)).toBe(1_000);
    for (let attempt = 0; attempt < 3; attempt += 1) expect(throttle.begin(keys('a'), 61_001)).toBe(0);
  });

  test('a clock that jumps back an hour blocks nobody for an hour', () => {
    const throttle = new AttemptThrottle(10);
    for (let attempt = 0; attempt < 3; attempt += 1) throttle.begin(keys('a'), 3_600_000);
    expect(throttle.begin(keys('a'), 0)).toBe(0);
  });

  test('memory is bounded: the key that failed longest ago goes first', () => {
    const throttle = new AttemptThrottle(100);
    for (let attempt = 0; attempt < 3; attempt += 1) throttle.begin(keys('victim'), 0);
    for (let other = 0; other < 99; other += 1) throttle.begin(keys(`k${other}`), 0);
    expect(throttle.begin(keys('victim'), 0)).toBeGreaterThan(0);
    for (let other = 0; other < 10_000; other += 1) throttle.begin(keys(`k${other}`), 0);
    expect(throttle.size).toBe(100);
  });
});
