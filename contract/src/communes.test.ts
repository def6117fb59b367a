import { describe, expect, it } from 'vitest';
import { COMMUNES, COMMUNE_BY_CODE } from './communes.js';
import { RIVER_STATIONS } from './river-stations.js';

describe('the communes', () => {
  it('are 86 xã, 9 phường and 1 đặc khu with distinct codes', () => {
    const count = (type: string) => COMMUNES.filter((commune) => commune.type === type).length;
    expect([count('xa'), count('phuong'), count('dacKhu')]).toEqual([86, 9, 1]);
    expect(COMMUNE_BY_CODE.size).toBe(96);
  });

  it('come from both former provinces', () => {
    expect(COMMUNES.filter((commune) => commune.formerProvince === 'Kon Tum')).toHaveLength(40);
    expect(COMMUNES.filter((commune) => commune.formerProvince === 'Quảng Ngãi')).toHaveLength(56);
  });

  it('lack VCS equipment in exactly 20 units, by name', () => {
    const without = COMMUNES.filter((commune) => !commune.hasVcs).map((commune) => commune.shortName);
    expect(without.toSorted((a, b) => a.localeCompare(b, 'vi'))).toEqual(
      [
        'Ba Động',
        'Ba Vì',
        'Ba Xa',
        'Dục Nông',
        'Đăk Cấm',
        'Đăk Kôi',
        'Đăk Môn',
        'Đăk Plô',
        'Đăk Rơ Wa',
        'Đăk Rve',
        'Ia Chim',
        'Kon Plông',
        'Măng Bút',
        'Ngọc Linh',
        'Ngọk Bay',
        'Rờ Kơi',
        'Sơn Kỳ',
        'Sơn Mai',
        'Xốp',
        'Ya Ly',
      ].toSorted((a, b) => a.localeCompare(b, 'vi')),
    );
  });

  it('add up to the official area within 0.05 km²', () => {
    expect(COMMUNES.reduce((sum, commune) => sum + commune.areaKm2, 0)).toBeCloseTo(14_832.55, 1);
  });
});

describe('the river stations', () => {
  it('stand in known communes, with levels that rise', () => {
    for (const { station, communeCode, bd1, bd2, bd3 } of RIVER_STATIONS) {
      expect(COMMUNE_BY_CODE.has(communeCode), station).toBe(true);
      const levels = [bd1, bd2, bd3].flatMap((level) => (level === null ? [] : [level.levelM]));
      expect(levels, station).toEqual(levels.toSorted((a, b) => a - b));
    }
  });
});
