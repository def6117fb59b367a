import { describe, expect, it } from 'vitest';
import type { Incident } from '@ioc/contract';
import { incidentRows, keepOrder } from './incident-rows.js';

let nextId = 1;
function incident(over: Partial<Incident>): Incident {
  const id = String(nextId++);
  return {
    id,
    version: 1,
    state: 'open',
    severity: 'minor',
    impact: 'minor',
    deviceId: `BTS-${id}`,
    deviceName: `Trạm ${id}`,
    deviceClass: 'bts',
    communeCode: '21115',
    communeName: 'Xã Trà Bồng',
    owner: 'VNPT',
    basis: 'said',
    reason: null,
    beganAt: '2026-11-22T07:00:00+07:00',
    detectedAt: '2026-11-22T07:00:30+07:00',
    endedAt: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    kind: 'single',
    title: { vi: `Trạm ${id} mất kết nối`, en: `Trạm ${id} down` },
    place: { kind: 'device', id: `BTS-${id}`, name: `Trạm ${id}` },
    communeCodes: [],
    counts: { alarms: 1, symptoms: 0, devices: 1, devicesDown: 1 },
    cause: null,
    proposals: 0,
    acknowledgedUntil: null,
    expectedAt: null,
    request: null,
    resolution: null,
    reopenings: 0,
    mergedInto: null,
    note: null,
    ...over,
  };
}

const named = (vi: string): Pick<Incident, 'title'> => ({ title: { vi, en: vi } });
const titles = (incidents: readonly Incident[]): string[] => incidentRows(incidents).map(({ title }) => title.vi);

describe('rows of the wall', () => {
  it('put the worst first, and of equals the longest-lasting', () => {
    expect(
      titles([
        incident({ communeCode: '1', ...named('nhỏ') }),
        incident({ communeCode: '2', ...named('mới'), severity: 'critical', beganAt: '2026-11-22T07:30:00+07:00' }),
        incident({ communeCode: '3', ...named('lâu'), severity: 'critical' }),
      ]),
    ).toEqual(['lâu', 'mới', 'nhỏ']);
  });

  it('put communes that are cut off above all else, then nearly cut off, then silent sources, whatever their severity', () => {
    const critical = { severity: 'critical', impact: 'isolated', beganAt: '2026-11-22T01:00:00+07:00' } as const;
    expect(
      titles([
        incident({ ...critical, kind: 'hubDown', ...named('nút') }),
        incident({ kind: 'gatewaySilent', communeCode: null, communeName: null, ...named('cổng'), severity: 'major' }),
        incident({ kind: 'communeNearlyIsolated', ...named('gần cô lập'), severity: 'major' }),
        incident({ kind: 'communeIsolated', ...named('cô lập'), severity: 'critical' }),
      ]),
    ).toEqual(['cô lập', 'gần cô lập', 'cổng', 'nút']);
  });

  it('show a silent source as one row, whatever hangs on it', () => {
    const place = { kind: 'gateway', id: 'GW-VNPT', name: 'Cổng dữ liệu VNPT' } as const;
    const rows = incidentRows([
      incident({
        kind: 'gatewaySilent',
        communeCode: null,
        communeName: null,
        place,
        counts: { alarms: 1, symptoms: 0, devices: 1_310, devicesDown: 0 },
      }),
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: 'gatewaySilent', devices: 1_310, communeCode: null, place: null });
  });

  it('say how many devices and communes a grouped incident holds, and name no single commune for several', () => {
    const [row] = incidentRows([
      incident({
        kind: 'hubDown',
        communeCodes: ['21115', '21116', '21117'],
        counts: { alarms: 19, symptoms: 18, devices: 21, devicesDown: 18 },
      }),
    ]);
    expect(row).toMatchObject({ devices: 21, devicesDown: 18, communes: 3, place: null, count: 1 });
  });

  it('do not repeat a commune that the title names already', () => {
    const [alone, named_] = incidentRows([
      incident({ communeCode: '1', communeName: 'Xã Ba Tơ' }),
      incident({ communeCode: '2', communeName: 'Xã Ba Tơ', ...named('Xã Ba Tơ gần cô lập') }),
    ]);
    expect([alone?.place, named_?.place]).toEqual(['Xã Ba Tơ', null]);
  });

  it('fold three small incidents of one commune into one that says its worst and who has none of it', () => {
    const [row, ...rest] = incidentRows([
      incident({ severity: 'minor', acknowledgedBy: { personId: 'p', name: 'Lan' } }),
      incident({ severity: 'critical', beganAt: '2026-11-22T06:00:00+07:00' }),
      incident({ kind: 'siteDown', severity: 'major', counts: { alarms: 3, symptoms: 0, devices: 3, devicesDown: 3 } }),
    ]);
    expect(rest).toEqual([]);
    expect(row).toMatchObject({
      title: { vi: 'Xã Trà Bồng' },
      kind: null,
      incidentId: null,
      severity: 'critical',
      count: 3,
      devices: 5,
      unheld: 2,
      unheldCritical: true,
      holders: ['Lan'],
      beganMs: Date.parse('2026-11-22T06:00:00+07:00'),
    });
  });

  it('never fold what groups a cause already: isolation, a hub, a power failure, a river, a meeting', () => {
    const kinds = [
      'communeIsolated',
      'communeNearlyIsolated',
      'hubDown',
      'powerFailure',
      'operatorsDown',
      'flood',
      'meeting',
    ] as const;
    const rows = incidentRows([...kinds, ...kinds, ...kinds].map((kind) => incident({ kind })));
    expect(rows).toHaveLength(21);
    expect(rows.every(({ count }) => count === 1)).toBe(true);
  });

  it('leave out what is over', () => {
    expect(
      incidentRows([
        incident({ endedAt: '2026-11-22T08:00:00+07:00' }),
        incident({ state: 'resolved' }),
        incident({ state: 'closed' }),
      ]),
    ).toEqual([]);
  });

  it('keep their places under a hand, with new ones at the end', () => {
    const a = incident({ communeCode: '1', ...named('a') });
    const b = incident({ communeCode: '2', ...named('b') });
    const held = incidentRows([a, b]).map((row) => row.key);
    const worse = incident({ communeCode: '3', ...named('c'), severity: 'critical' });
    const later = incidentRows([{ ...b, severity: 'critical' }, a, worse]);
    expect(later.map((row) => row.title.vi)).toEqual(['b', 'c', 'a']);
    expect(keepOrder(later, held).map((row) => row.title.vi)).toEqual(['a', 'b', 'c']);
  });
});
