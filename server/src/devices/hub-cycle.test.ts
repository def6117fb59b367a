import { expect, test } from 'vitest';
import { hubsOnCycles } from './hub-cycle.js';

const cyclic = (upstreams: Record<string, readonly string[]>) =>
  [...hubsOnCycles(new Map(Object.entries(upstreams)))].sort();

test('a tree, a ring of two paths to the core, and an unknown upstream are no cycles', () => {
  expect(cyclic({ core: [], a: ['core'], b: ['a', 'core'], c: ['a', 'b'], d: ['unknown'] })).toEqual([]);
});

test('hubs that hang on each other are found, and those that only hang on them are not', () => {
  expect(cyclic({ core: [], a: ['b'], b: ['c', 'core'], c: ['a'], leaf: ['a'], below: ['leaf'] })).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect(cyclic({ self: ['self'], other: [] })).toEqual(['self']);
});

test('a chain of 20,000 hubs is no trouble', () => {
  const chain = new Map(
    Array.from({ length: 20_000 }, (_, index) => [`h${index}`, index === 0 ? [] : [`h${index - 1}`]] as const),
  );
  expect(hubsOnCycles(chain).size).toBe(0);
});
