import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areInStep, inStep, MOST_COMPARED } from './flaps-in-step.js';

const rule = { devices: 3, withinMs: 15_000 };
const seconds = (...moments: readonly number[]) => moments.map((moment) => moment * 1_000);
const flapping = (devices: Readonly<Record<string, readonly number[]>>) => new Map(Object.entries(devices));
/** Changes at least a minute apart, as of a node that restarts; seconds. */
const series = fc
  .array(fc.integer({ min: 60, max: 200 }), { minLength: 4, maxLength: 9 })
  .map((gaps) => gaps.reduce<number[]>((moments, gap) => [...moments, (moments.at(-1) ?? 0) + gap], []));

describe('devices flap in step', () => {
  it('when three change together again and again', () => {
    const together = inStep(
      flapping({ a: seconds(0, 100, 200, 300), b: seconds(3, 108, 199, 304), c: seconds(5, 96, 206, 310) }),
      rule,
    );
    expect([...together].sort()).toEqual(['a', 'b', 'c']);
  });

  it('not when only two do, or three at different moments', () => {
    const two = { a: seconds(0, 100, 200, 300), b: seconds(3, 108, 199, 304) };
    expect(inStep(flapping(two), rule).size).toBe(0);
    expect(inStep(flapping({ ...two, c: seconds(50, 150, 250, 350) }), rule).size).toBe(0);
  });

  it('not when they meet once, however often each of them changes', () => {
    expect(areInStep(seconds(0, 100, 200, 300), seconds(0, 140, 240, 340), rule.withinMs)).toBe(false);
    expect(areInStep(seconds(0, 100), seconds(0, 100), rule.withinMs)).toBe(false);
    // One that never rests meets every change of the other: that is no step.
    const restless = Array.from({ length: 60 }, (_, index) => index * 10_000);
    expect(areInStep(seconds(0, 100, 200, 300), restless, rule.withinMs)).toBe(false);
  });

  it('whenever they follow one series, each a few seconds late, and whatever else flaps beside them', () => {
    const late = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(series, fc.array(late, { minLength: 3, maxLength: 6 }), (moments, delays) => {
        const ids = delays.map((_, index) => `in-${index}`);
        const devices = delays.map((delay) => seconds(...moments.map((moment, i) => moment + (delay[i] ?? 0))));
        const beside = seconds(...moments.map((moment) => moment + 31));
        const all = new Map([
          ...ids.map((id, index) => [id, devices[index] ?? []] as const),
          ['beside', beside] as const,
        ]);
        expect([...inStep(all, rule)].sort()).toEqual(ids);
      }),
    );
  });

  it('in whatever order they are looked at, and never fewer than the rule asks for', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 7 }), (many) => {
        const devices = many.map((moments, index) => [`d${index}`, seconds(...moments)] as const);
        const found = inStep(new Map(devices), rule);
        expect(inStep(new Map(devices.toReversed()), rule)).toEqual(found);
        expect(found.size === 0 || found.size >= rule.devices).toBe(true);
      }),
    );
  });

  it('at a bounded cost', () => {
    const moments = seconds(0, 100, 200, 300);
    const many = new Map(Array.from({ length: 1_000 }, (_, index) => [`d${index}`, moments] as const));
    expect(inStep(many, rule).size).toBe(MOST_COMPARED);
  });
});
