import type { CoverageRow } from '@ioc/contract';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { coverageCsv } from './coverage-csv.js';

const row: CoverageRow = {
  communeCode: '21025',
  communeName: 'Phường Cẩm Thành',
  formerProvince: 'Quảng Ngãi',
  formerDistrict: 'Huyện Bình Sơn; Thành phố Quảng Ngãi',
  population: 61_559,
  populationConfirmed: true,
  state: 'dead',
  reason: 'unseen',
  endpoints: [
    { id: 'VCS-21025', name: 'VCS', lastSeenAt: '2026-01-01T17:30:00.000Z', lastCallAt: null },
    { id: 'VCS-21025-2', name: 'VCS', lastSeenAt: '2025-12-01T00:00:00.000Z', lastCallAt: null },
  ],
  linkUp: false,
};

test('the list opens in a Vietnamese Excel: byte-order mark, semicolons, CRLF, local times', () => {
  const csv = coverageCsv([row], 'vi');
  expect(csv.startsWith('\uFEFFMã xã;Xã, phường, đặc khu;')).toBe(true);
  expect(csv.split('\r\n')).toHaveLength(3);
  expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  const [, cells] = parse(csv, { bom: true, delimiter: ';' });
  expect(cells).toEqual([
    '21025',
    'Phường Cẩm Thành',
    'Quảng Ngãi',
    'Huyện Bình Sơn; Thành phố Quảng Ngãi',
    '61559',
    'Có',
    'Có nhưng không hoạt động',
    'Không thấy hơn 14 ngày',
    'VCS-21025, VCS-21025-2',
    '02/01/2026 00:30',
    '',
    'Đứt',
  ]);
});

test('the English list is separated by commas and has dates that cannot be misread', () => {
  const [header, cells] = parse(coverageCsv([row], 'en'), { bom: true });
  expect(header?.[0]).toBe('Commune code');
  expect(cells?.[9]).toBe('2026-01-02 00:30');
});

test.each(['=cmd|calc!A1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1'])(
  'a name that a spreadsheet would compute, %j, stays text',
  (name) => {
    const [, cells] = parse(coverageCsv([{ ...row, communeName: name }], 'vi'), { bom: true, delimiter: ';' });
    expect(cells?.[1]).toBe(`'${name}`);
  },
);
