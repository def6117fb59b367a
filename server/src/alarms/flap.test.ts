import { describe, expect, it } from 'vitest';
import { flaps, noteChange, percentChanged, type Changes, type FlapRule } from './flap.js';

const rule: FlapRule = { changes: 4, withinMs: 600_000, onPercent: 30, offPercent: 25, quietMs: 900_000 };
const after = (...seconds: readonly number[]): Changes =>
  seconds.reduce<Changes>((changes, second) => noteChange(changes, second * 1_000, rule), []);

describe('a device', () => {
  it('flaps from its fourth change within 10 minutes on', () => {
    expect(flaps(after(0, 60, 120), false, rule, 120_000)).toBe(false);
    expect(flaps(after(0, 60, 120, 180), false, rule, 180_000)).toBe(true);
    expect(flaps(after(0, 300, 600, 900), false, rule, 900_000)).toBe(false);
  });

  it('flaps until it was quiet for long enough, and changes less than it needs to begin', () => {
    const changes = after(0, 60, 120, 180);
    expect(flaps(changes, true, rule, 780_000)).toBe(true);
    expect(flaps(changes, true, rule, 1_079_000)).toBe(true);
    expect(flaps(changes, true, rule, 1_080_000)).toBe(false);
  });

  it('is sampled every 30 s: two changes between samples are none', () => {
    expect(percentChanged(after(571, 575), 600_000)).toBe(0);
    expect(percentChanged(after(571, 605), 630_000)).toBe(10);
  });

  it('that changes without end costs no memory without end', () => {
    const changes = after(...Array.from({ length: 1_000 }, (_, index) => index * 0.1));
    expect(changes.length).toBeLessThanOrEqual(64);
  });
});
