import { describe, expect, it } from 'vitest';
import type { CoverageRow } from '@ioc/contract';
import { plainLetters } from '../../ui/plain-letters.js';
import { matchesFilter, sortedRows, type CoverageFilter } from './coverage-rows.js';

function row(communeName: string, change: Partial<CoverageRow> = {}): CoverageRow {
  return {
    communeCode: '21496',
    communeName,
    formerProvince: 'Quảng Ngãi',
    formerDistrict: 'Huyện Ba Tơ',
    population: 5_000,
    populationConfirmed: true,
    state: 'none',
    reason: null,
    endpoints: [],
    linkUp: true,
    ...change,
  };
}

const everything: CoverageFilter = { state: null, formerProvince: null, search: '' };
const names = (rows: readonly CoverageRow[]) => rows.map(({ communeName }) => communeName);

describe('the list of VCS coverage', () => {
  it('is found without typing diacritics', () => {
    expect(plainLetters('Đăk Rơ Wa')).toBe('dak ro wa');
    expect(matchesFilter(row('Xã Ba Vì'), { ...everything, search: 'ba vi' })).toBe(true);
    expect(matchesFilter(row('Xã Ba Vì'), { ...everything, search: 'ba to' })).toBe(true);
    expect(matchesFilter(row('Xã Ba Vì'), { ...everything, search: '21496' })).toBe(true);
    expect(matchesFilter(row('Xã Ba Vì'), { ...everything, search: 'sơn' })).toBe(false);
  });

  it('is filtered by state and former province together', () => {
    const filter: CoverageFilter = { ...everything, state: 'none', formerProvince: 'Kon Tum' };
    expect(matchesFilter(row('a', { formerProvince: 'Kon Tum' }), filter)).toBe(true);
    expect(matchesFilter(row('a'), filter)).toBe(false);
    expect(matchesFilter(row('a', { formerProvince: 'Kon Tum', state: 'dead' }), filter)).toBe(false);
  });

  it('is sorted by name without its type, in the Vietnamese order', () => {
    const rows = [row('Xã Đăk Hà'), row('Phường Cẩm Thành'), row('Xã Dục Nông'), row('Xã Ba Xa')];
    expect(names(sortedRows(rows, { key: 'commune', descending: false }))).toEqual([
      'Xã Ba Xa',
      'Phường Cẩm Thành',
      'Xã Dục Nông',
      'Xã Đăk Hà',
    ]);
  });

  it('puts those without equipment first when sorted by state, and keeps names in order within', () => {
    const rows = [row('Xã B', { state: 'working' }), row('Xã C'), row('Xã A'), row('Xã D', { state: 'dead' })];
    expect(names(sortedRows(rows, { key: 'state', descending: false }))).toEqual(['Xã A', 'Xã C', 'Xã D', 'Xã B']);
  });

  it('puts what was never seen before what was seen long ago', () => {
    const seen = (at: string) => ({ endpoints: [{ id: 'VCS-1', name: 'x', lastSeenAt: at, lastCallAt: null }] });
    const rows = [row('Xã A', seen('2026-10-01T08:00:00+07:00')), row('Xã B')];
    expect(names(sortedRows(rows, { key: 'lastSeen', descending: false }))).toEqual(['Xã B', 'Xã A']);
  });
});
