import { describe, expect, it } from 'vitest';
import { after, defaultReadingRule, deviceOf, readingOf, surroundings } from './condition.fixture.js';

const MINUTE = 60_000;
const gauge = deviceOf();
const rule = defaultReadingRule('flood.jump');
const good = (minute: number) => readingOf(gauge, minute * MINUTE, { levelM: 2 });
const suspect = (minute: number) => readingOf(gauge, minute * MINUTE, { levelM: 9 }, ['levelM']);
const verdict = (track: ReturnType<typeof after>) => rule.verdict(track, gauge, surroundings());

describe('a gauge that jumps', () => {
  it('is told with its first suspect sample, and is over with the third good one in a row', () => {
    expect(after(rule, [good(0)])).toBeNull();
    const jumped = after(rule, [good(0), suspect(1)]);
    expect(verdict(jumped)).toMatchObject({ severity: 'warning', beganAtMs: MINUTE });
    expect(verdict(after(rule, [good(2), good(3)], surroundings(), jumped))).not.toBeNull();
    expect(after(rule, [good(2), good(3), good(4)], surroundings(), jumped)).toBeNull();
  });

  it('goes on from its first jump when another comes among the good samples', () => {
    const track = after(rule, [suspect(1), good(2), good(3), suspect(4), good(5), good(6)]);
    expect(verdict(track)).toMatchObject({ beganAtMs: MINUTE });
    expect(after(rule, [good(7)], surroundings(), track)).toBeNull();
  });

  it('is judged by its level alone: a suspect battery is no jump, and a reading without a level says nothing', () => {
    const rain = readingOf(gauge, MINUTE, { rain1hMm: 3 });
    const battery = readingOf(gauge, 2 * MINUTE, { levelM: 2, batteryVoltageV: 99 }, ['batteryVoltageV']);
    expect(after(rule, [rain, battery])).toBeNull();
    const jumped = after(rule, [suspect(1)]);
    expect(after(rule, [rain], surroundings(), jumped)).toBe(jumped);
  });
});
