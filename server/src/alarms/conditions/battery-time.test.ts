import { describe, expect, it } from 'vitest';
import { minutesLeft } from './battery-time.js';

const MINUTE = 60_000;

describe('the time that a battery has left', () => {
  it('is that of the design until the discharge shows', () => {
    expect(minutesLeft([], 50, 0)).toBe(120);
    expect(minutesLeft([[0, 100]], 99, 30 * MINUTE)).toBeCloseTo(237.6);
    expect(minutesLeft([[0, 100]], 90, 5 * MINUTE)).toBe(216);
  });

  it('follows the discharge of the last half hour once it shows', () => {
    expect(minutesLeft([[0, 80]], 60, 20 * MINUTE)).toBe(60);
    expect(
      minutesLeft(
        [
          [0, 100],
          [10 * MINUTE, 95],
        ],
        90,
        20 * MINUTE,
      ),
    ).toBe(180);
  });
});
