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
    title: { vi: '', en: '' },
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

describe('rows of the wall', () => {
  it('put the worst first, and of equals the longest-lasting', () => {
    const rows = incidentRows([
      incident({ communeCode: '1', deviceName: 'nhỏ' }),
      incident({ communeCode: '2', deviceName: 'mới', severity: 'critical', beganAt: '2026-11-22T07:30:00+07:00' }),
      incident({ communeCode: '3', deviceName: 'lâu', severity: 'critical' }),
    ]);
    expect(rows.map((row) => row.title)).toEqual(['lâu', 'mới', 'nhỏ']);
  });

  it('fold three incidents of one commune into one that says its worst and who has none of it', () => {
    const [row, ...rest] = incidentRows([
      incident({ severity: 'minor', acknowledgedBy: { personId: 'p', name: 'Lan' } }),
      incident({ severity: 'critical', beganAt: '2026-11-22T06:00:00+07:00' }),
      incident({ severity: 'major' }),
    ]);
    expect(rest).toEqual([]);
    expect(row).toMatchObject({
      title: 'Xã Trà Bồng',
      severity: 'critical',
      count: 3,
      unheld: 2,
      unheldCritical: true,
      holders: ['Lan'],
      beganMs: Date.parse('2026-11-22T06:00:00+07:00'),
    });
  });

  it('leave out what is over', () => {
    expect(incidentRows([incident({ endedAt: '2026-11-22T08:00:00+07:00' }), incident({ state: 'resolved' })])).toEqual(
      [],
    );
  });

  it('keep their places under a hand, with new ones at the end', () => {
    const a = incident({ communeCode: '1', deviceName: 'a' });
    const b = incident({ communeCode: '2', deviceName: 'b' });
    const held = incidentRows([a, b]).map((row) => row.key);
    const worse = incident({ communeCode: '3', deviceName: 'c', severity: 'critical' });
    const later = incidentRows([{ ...b, severity: 'critical' }, a, worse]);
    expect(later.map((row) => row.title)).toEqual(['b', 'c', 'a']);
    expect(keepOrder(later, held).map((row) => row.title)).toEqual(['a', 'b', 'c']);
  });
});
