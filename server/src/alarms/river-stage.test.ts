import type { RiverStation } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { LOW_WATER, nextStage, stageSeverity, type RiverStage } from './river-stage.js';

const level = (levelM: number, confirmed = true) => ({ levelM, confirmed });
const station: RiverStation = {
  station: 'Sông Vệ',
  river: 'Vệ',
  basin: 'Vệ',
  communeCode: '21238',
  lat: 15,
  lon: 108,
  placed: false,
  bd1: level(2.5),
  bd2: level(3.5),
  bd3: level(4.5),
  highestFoundM: null,
};
const after = (levels: readonly number[], from: RiverStage = LOW_WATER, at = station) =>
  levels.reduce((stage, levelM, index) => nextStage(stage, at, levelM, index * 60_000), from);

describe('a river stage', () => {
  it('is reached by two samples in a row, at the level exactly', () => {
    expect(after([2.5]).rank).toBe(0);
    expect(after([2.5, 2.5]).rank).toBe(1);
    expect(after([2.5, 2.4, 2.5]).rank).toBe(0);
    expect(after([2.49, 2.49]).rank).toBe(0);
  });

  it('rises by the smaller of two samples, so that one of them alone moves it no further', () => {
    expect(after([2.6, 4.6]).rank).toBe(1);
    expect(after([2.6, 4.6, 4.6]).rank).toBe(3);
  });

  it('is left by two samples more than 0.10 m below it', () => {
    expect(after([3.6, 3.6, 3.41, 3.41]).rank).toBe(2);
    expect(after([3.6, 3.6, 3.4]).rank).toBe(2);
    expect(after([3.6, 3.6, 3.4, 3.4]).rank).toBe(1);
    expect(after([3.6, 3.6, 2.0, 2.0]).rank).toBe(0);
  });

  it('near the third level counts only while the river rises', () => {
    expect(after([4.0, 4.2, 4.25]).rank).toBe(2.5);
    expect(after([4.25, 4.22, 4.2]).rank).toBe(2);
  });

  it('remembers since when it is below every level', () => {
    expect(after([2.6, 2.6, 2.0, 2.0]).belowSinceMs).toBe(180_000);
    expect(after([2.6, 2.6, 2.0, 2.0, 2.6, 2.6]).belowSinceMs).toBeNull();
    expect(after([1, 1]).belowSinceMs).toBeNull();
  });

  it('of a station of which only one level is known is that level', () => {
    const one: RiverStation = { ...station, bd1: null, bd2: level(36, false), bd3: null };
    expect(after([36.2, 36.2], LOW_WATER, one).rank).toBe(2);
    expect(after([35, 35], LOW_WATER, one).rank).toBe(0);
  });
});

describe('the severity of a stage', () => {
  it('grows with the level: warning, minor, major close below the third, critical', () => {
    expect([1, 2, 2.5, 3].map((rank) => stageSeverity(rank as RiverStage['rank'], station)?.severity)).toEqual([
      'warning',
      'minor',
      'major',
      'critical',
    ]);
    expect(stageSeverity(0, station)).toBeNull();
  });

  it('of a level that is not confirmed is one lower', () => {
    const doubtful: RiverStation = { ...station, bd1: level(2.5, false), bd3: level(4.5, false) };
    expect(stageSeverity(3, doubtful)).toEqual({ severity: 'major', confirmed: false });
    expect(stageSeverity(1, doubtful)).toEqual({ severity: 'warning', confirmed: false });
    expect(stageSeverity(2, doubtful)).toEqual({ severity: 'minor', confirmed: true });
  });
});
