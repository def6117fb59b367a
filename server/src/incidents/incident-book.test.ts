import type { Incident } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { CurrentIncidents, SHOWN_AFTER_END_MS } from './current-incidents.js';

const incident = (overrides: Partial<Incident> = {}): Incident => ({
  id: '1',
  version: 1,
  state: 'open',
  severity: 'critical',
  impact: 'critical',
  deviceId: 'BTS-1',
  deviceName: 'BTS-1',
  deviceClass: 'bts',
  communeCode: '21025',
  communeName: 'Phường Cẩm Thành',
  owner: 'VNPT',
  basis: 'said',
  reason: null,
  beganAt: '2026-01-10T00:00:00.000Z',
  detectedAt: '2026-01-10T00:00:00.000Z',
  endedAt: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  note: null,
  ...overrides,
});

describe('the list of current incidents', () => {
  it('never goes back to an older version, in whatever order commits are told', () => {
    const list = new CurrentIncidents();
    list.take([incident({ version: 3, state: 'acknowledged' })], 0);
    expect(list.take([incident({ version: 2 })], 0)).toEqual([]);
    expect(list.all()).toMatchObject([{ version: 3, state: 'acknowledged' }]);
  });

  it('shows a resolved one for ten minutes and then lets it go', () => {
    const list = new CurrentIncidents();
    list.take([incident()], 0);
    list.take([incident({ version: 2, state: 'resolved' })], 1_000);
    expect(list.openOf('BTS-1')).toBeUndefined();
    expect(list.expire(1_000 + SHOWN_AFTER_END_MS - 1)).toEqual([]);
    expect(list.all()).toHaveLength(1);
    expect(list.expire(1_000 + SHOWN_AFTER_END_MS)).toEqual(['1']);
    expect(list.all()).toEqual([]);
  });

  it('counts what is open, and what of that is critical and held by nobody', () => {
    const list = new CurrentIncidents();
    list.take([incident(), incident({ id: '2', deviceId: 'BTS-2', severity: 'minor' })], 0);
    expect(list.counts).toEqual({ open: 2, unheldCritical: 1 });
    list.take([incident({ version: 2, state: 'acknowledged' })], 0);
    expect(list.counts).toEqual({ open: 2, unheldCritical: 0 });
    list.take([incident({ id: '2', version: 2, deviceId: 'BTS-2', severity: 'critical' })], 0);
    expect(list.counts).toEqual({ open: 2, unheldCritical: 1 });
    list.take([incident({ id: '2', version: 3, deviceId: 'BTS-2', severity: 'critical', state: 'resolved' })], 0);
    expect(list.counts).toEqual({ open: 1, unheldCritical: 0 });
  });
});
