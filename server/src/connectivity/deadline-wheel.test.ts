import { describe, expect, it } from 'vitest';
import { DeadlineWheel } from './deadline-wheel.js';

describe('a deadline wheel', () => {
  it('gives what is due, not before its moment, and leaves it until it is taken off', () => {
    const wheel = new DeadlineWheel();
    wheel.set('a', 10_500);
    wheel.set('b', 20_000);
    expect(wheel.due(10_499, 10)).toEqual([]);
    expect(wheel.due(11_000, 10)).toEqual(['a']);
    expect(wheel.due(11_000, 10)).toEqual(['a']);
    wheel.delete('a');
    expect(wheel.due(11_000, 10)).toEqual([]);
    expect(wheel.due(20_000, 10)).toEqual(['b']);
  });

  it('keeps one entry per id: a later one replaces it', () => {
    const wheel = new DeadlineWheel();
    wheel.set('a', 10_000);
    wheel.set('a', 30_000);
    expect(wheel.due(20_000, 10)).toEqual([]);
    expect(wheel.due(30_000, 10)).toEqual(['a']);
    expect(wheel.size).toBe(1);
  });

  it('gives at most as many as asked for, and finds earlier ones that are set later', () => {
    const wheel = new DeadlineWheel();
    for (let index = 0; index < 100; index += 1) wheel.set(`d${index}`, 1_000 * (index % 7));
    expect(wheel.due(60_000, 30)).toHaveLength(30);
    for (const id of wheel.due(60_000, 1_000)) wheel.delete(id);
    wheel.set('late', 2_000);
    expect(wheel.due(60_000, 10)).toEqual(['late']);
  });

  it('survives a clock that leaps a century ahead', () => {
    const wheel = new DeadlineWheel();
    wheel.set('a', 1_000);
    expect(wheel.due(3_000_000_000_000, 10)).toEqual(['a']);
  });
});
