import { describe, expect, test } from 'vitest';
import { findSuspect, newValueTrack } from './suspect.js';
import { testDevice } from './intake.fixture.js';

const MINUTE = 60_000;

function track(attributes: Record<string, string> = { terrain: 'plain', station: 'Trà Khúc' }) {
  const values = newValueTrack(testDevice('flood', { attributes }));
  return (minute: number, levelM: number, live = true) =>
    findSuspect(values, { levelM }, { effectiveAtMs: minute * MINUTE, live });
}

describe('A value is suspect', () => {
  test('outside its plausible range', () => {
    const values = newValueTrack(testDevice('bts'));
    const metrics = { batteryPercent: 140, dcVoltageV: 53, mainsOn: true };
    expect(findSuspect(values, metrics, { effectiveAtMs: 1, live: true })).toEqual(['batteryPercent']);
  });

  test('a river level above BĐ3 + 15 m of its station', () => {
    expect(track()(0, 6.5 + 15)).toEqual([]);
    expect(track()(0, 6.5 + 15.01)).toEqual(['levelM']);
    // Kon Plông's datum puts its stages near 590 m.
    expect(track({ terrain: 'hills', station: 'Kon Plông' })(0, 600)).toEqual([]);
  });

  test('a river level that jumps more than 1 m in 10 minutes, in the hills 2 m', () => {
    const plain = track();
    plain(0, 3);
    expect(plain(1, 3.9)).toEqual([]);
    expect(plain(2, 5)).toEqual(['levelM']);
    const hills = track({ terrain: 'hills', station: 'Sơn Giang' });
    hills(0, 30);
    expect(hills(1, 31.9)).toEqual([]);
    expect(hills(2, 34)).toEqual(['levelM']);
  });

  test('not after a long silence, in which the river may have risen', () => {
    const level = track();
    level(0, 3);
    expect(level(60, 8)).toEqual([]);
  });

  test('until a second sample agrees: a record flood counts', () => {
    const level = track();
    level(0, 3);
    expect(level(1, 6)).toEqual(['levelM']);
    expect(level(2, 6.3)).toEqual([]);
    expect(level(3, 6.6)).toEqual([]);
  });

  test('a spike stays suspect, and what follows it does not', () => {
    const level = track();
    level(0, 3);
    expect(level(1, 9)).toEqual(['levelM']);
    expect(level(2, 3.1)).toEqual([]);
    expect(level(3, 9)).toEqual(['levelM']);
  });

  test('two suspect values that differ do not agree', () => {
    const level = track();
    level(0, 3);
    expect(level(1, 9)).toEqual(['levelM']);
    expect(level(2, 14)).toEqual(['levelM']);
  });

  test('the same reading sent again is no second sample', () => {
    const level = track();
    level(0, 3);
    expect(level(1, 30)).toEqual(['levelM']);
    expect(level(1, 30)).toEqual(['levelM']);
  });

  test('history is held against the range only and leaves no trace', () => {
    const level = track();
    level(10, 3);
    expect(level(1, 9, false)).toEqual([]);
    expect(level(2, 40, false)).toEqual(['levelM']);
    expect(level(11, 3.2)).toEqual([]);
  });
});
