import { describe, expect, it } from 'vitest';
import { after, defaultReadingRule, deviceOf, readingOf, surroundings } from './condition.fixture.js';

const MINUTE = 60_000;
const gauge = deviceOf();
const rule = defaultReadingRule('flood.stuck');
const levels = (values: readonly number[], fromMinute = 0) =>
  values.map((levelM, index) => readingOf(gauge, (fromMinute + index) * MINUTE, { levelM }));
const neighbourMoved = (metres: number) => surroundings({ neighboursMoved: () => metres });
const equal = (count: number) => Array.from({ length: count }, () => 2.5);

describe('a gauge that says the same again and again', () => {
  it('is stuck from the sixth equal sample on, if another gauge of its river moved by 0.3 m since the first', () => {
    const moved = neighbourMoved(0.3);
    expect(rule.verdict(after(rule, levels(equal(6)), moved), gauge, moved)).toBeNull();
    expect(rule.verdict(after(rule, levels(equal(7)), moved), gauge, moved)).toMatchObject({
      severity: 'warning',
      beganAtMs: 0,
      detail: { value: 2.5 },
    });
  });

  it('is not while its neighbours stand still, and is once they move', () => {
    const still = neighbourMoved(0.29);
    const quiet = after(rule, levels(equal(60)), still);
    expect(rule.verdict(quiet, gauge, still)).toBeNull();
    const moved = neighbourMoved(0.31);
    expect(rule.verdict(after(rule, levels([2.5], 60), moved, quiet), gauge, moved)).not.toBeNull();
  });

  it('asks since when its neighbours moved: from the first of the equal samples', () => {
    const asked: number[] = [];
    const around = surroundings({
      neighboursMoved: (_, sinceMs) => {
        asked.push(sinceMs);
        return 0;
      },
    });
    after(rule, levels([2.4, ...equal(8)]), around);
    expect(new Set(asked)).toEqual(new Set([MINUTE]));
  });

  it('is over with the first other value; a suspect one says nothing', () => {
    const moved = neighbourMoved(1);
    const stuck = after(rule, levels(equal(10)), moved);
    const suspect = readingOf(gauge, 11 * MINUTE, { levelM: 9 }, ['levelM']);
    expect(rule.verdict(after(rule, [suspect], moved, stuck), gauge, moved)).not.toBeNull();
    expect(rule.verdict(after(rule, levels([2.51], 12), moved, stuck), gauge, moved)).toBeNull();
  });
});
