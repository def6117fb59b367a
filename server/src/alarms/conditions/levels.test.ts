import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextLevels, thresholdsOf, worstActive, type Levels } from './levels.js';

const limits = thresholdsOf({
  above: true,
  values: { warning: 45, minor: 50, major: 55, critical: 65 },
  hysteresisOf: () => 3,
  raiseAfterS: 600,
  clearAfterS: 900,
});
const MINUTE = 60_000;
/** A measure a minute, from minute 0. */
const after = (measures: readonly (number | null)[], from: Levels | null = null, firstMinute = 0) =>
  measures.reduce(
    (levels, measure, index) => nextLevels(levels, measure, limits, (firstMinute + index) * MINUTE),
    from,
  );
const held = (measure: number, minutes: number) => Array.from({ length: minutes }, () => measure);

describe('a limit', () => {
  it('is an alarm once it was passed for the whole delay, and not before', () => {
    expect(worstActive(after(held(46, 10)))).toBe(-1);
    expect(worstActive(after(held(46, 11)))).toBe(3);
    expect(worstActive(after([...held(46, 9), 44, ...held(46, 10)]))).toBe(-1);
  });

  it('grows worse by the delay of each severity', () => {
    const warned = after(held(46, 11));
    expect(worstActive(after(held(56, 10), warned, 11))).toBe(3);
    expect(worstActive(after(held(56, 11), warned, 11))).toBe(1);
  });

  it('is held by its hysteresis, and ends after its delay below that', () => {
    const warned = after(held(46, 11));
    expect(worstActive(after(held(42, 60), warned, 11))).toBe(3);
    expect(worstActive(after(held(41.9, 15), warned, 11))).toBe(3);
    expect(after(held(41.9, 16), warned, 11)).toBeNull();
  });

  it('remembers nothing of a calm device, and makes nothing when nothing changes', () => {
    expect(after(held(30, 100))).toBeNull();
    const warned = after(held(46, 11));
    expect(nextLevels(warned, 46.2, limits, 20 * MINUTE)).toBe(warned);
  });

  it('of values that become worse downwards is judged downwards', () => {
    const low = thresholdsOf({
      above: false,
      values: { warning: 48, critical: 44.5 },
      hysteresisOf: () => 1,
      raiseAfterS: 0,
      clearAfterS: 0,
    });
    const warned = nextLevels(null, 47, low, 0);
    expect(worstActive(warned)).toBe(3);
    expect(nextLevels(warned, 48.9, low, 1)).toBe(warned);
    expect(nextLevels(warned, 49.1, low, 2)).toBeNull();
    expect(worstActive(nextLevels(warned, 44, low, 3))).toBe(0);
  });

  it('never tells a worse severity without the milder ones that its measure is past as well', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 30, max: 80, noNaN: true }), { maxLength: 60 }), (measures) => {
        const levels = after(measures);
        const active = (levels ?? []).map((level) => level?.active === true);
        const worst = active.indexOf(true);
        expect(worst === -1 || active.slice(worst).every(Boolean)).toBe(true);
      }),
    );
  });
});
