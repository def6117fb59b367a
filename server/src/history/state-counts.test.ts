import { expect, test } from 'vitest';
import { countStates, momentsOf } from './state-counts.js';

test('moments are spread evenly, both ends counted', () => {
  expect(momentsOf(0, 100, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(momentsOf(0, 10, 2)).toEqual([0, 10]);
});

test('changes add up to the counts of every moment, and what comes after the last one does not count', () => {
  const { groups } = countStates(
    [0, 10, 20],
    [
      { key: 'link', point: 0, known: 'up', blind: false, devices: 3 },
      { key: 'bts', point: 0, known: 'up', blind: false, devices: 5 },
      { key: 'bts', point: 1, known: 'up', blind: false, devices: -2 },
      { key: 'bts', point: 1, known: 'down', blind: false, devices: 2 },
      { key: 'bts', point: 2, known: 'up', blind: false, devices: -1 },
      { key: 'bts', point: 2, known: 'up', blind: true, devices: 1 },
      { key: 'bts', point: 3, known: 'down', blind: false, devices: 9 },
    ],
    [],
  );
  expect(groups).toEqual([
    { key: 'bts', up: [5, 3, 3], down: [0, 2, 2], stale: [0, 0, 0], blind: [0, 0, 1] },
    { key: 'link', up: [3, 3, 3], down: [0, 0, 0], stale: [0, 0, 0], blind: [0, 0, 0] },
  ]);
});

test('while our own intake saw nothing every device is blind and keeps its last known state', () => {
  const deltas = [{ key: 'all', point: 0, known: 'up', blind: false, devices: 4 }] as const;
  const ended = countStates([0, 10, 20], deltas, [{ beganAtMs: 5, endedAtMs: 20 }]);
  expect(ended.groups).toEqual([{ key: 'all', up: [4, 4, 4], down: [0, 0, 0], stale: [0, 0, 0], blind: [0, 4, 0] }]);
  const open = countStates([0, 10, 20], deltas, [{ beganAtMs: 10, endedAtMs: null }]);
  expect(open.groups[0]?.blind).toEqual([0, 4, 4]);
});
