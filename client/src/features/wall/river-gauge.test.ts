import { describe, expect, it } from 'vitest';
import { RIVER_STATIONS, RIVER_STATION_BY_NAME } from '@ioc/contract';
import { distanceOf, gaugeScale, shareOf } from './river-gauge.js';

const traKhuc = RIVER_STATION_BY_NAME.get('Trà Khúc');

describe('a river gauge', () => {
  it('has its known levels in ascending places within the bar', () => {
    for (const station of RIVER_STATIONS) {
      const shares = gaugeScale(station)?.levels.map((level) => level.share) ?? [];
      expect(shares, station.station).toEqual([...shares].sort((a, b) => a - b));
      for (const share of shares) expect(share > 0 && share < 1, station.station).toBe(true);
    }
  });

  it('has no bar where no level is known', () => {
    const unknown = RIVER_STATIONS.find(({ bd1, bd2, bd3 }) => bd1 === null && bd2 === null && bd3 === null);
    expect(unknown).toBeDefined();
    if (unknown !== undefined) expect(gaugeScale(unknown)).toBeNull();
  });

  it('says how far the next level is, and how far above the last', () => {
    expect(traKhuc).toBeDefined();
    if (traKhuc === undefined) return;
    expect(distanceOf(traKhuc, 4.2)).toEqual({ kind: 'to', level: 2, distanceM: expect.closeTo(0.8) });
    expect(distanceOf(traKhuc, 7)).toEqual({ kind: 'over', distanceM: expect.closeTo(0.5) });
  });

  it('never draws beyond its bar', () => {
    const scale = traKhuc === undefined ? null : gaugeScale(traKhuc);
    expect(scale).not.toBeNull();
    if (scale === null) return;
    expect(shareOf(scale, 99)).toBe(1);
    expect(shareOf(scale, -99)).toBeGreaterThan(0);
  });
});
