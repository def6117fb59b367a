import { describe, expect, it } from 'vitest';
import type { Incident } from '@ioc/contract';
import { digestOf, newsOf } from './flood-digest.js';

const SINCE_MS = Date.parse('2026-11-22T20:00:00+07:00');

function incident(id: string, change: Partial<Incident> = {}): Incident {
  return {
    id,
    version: 1,
    state: 'open',
    kind: 'single',
    title: { vi: `Trạm ${id}`, en: `Station ${id}` },
    severity: 'minor',
    impact: 'minor',
    place: { kind: 'device', id, name: id },
    deviceId: id,
    deviceName: id,
    deviceClass: 'bts',
    communeCode: '21115',
    communeName: 'Xã Trà Bồng',
    communeCodes: ['21115'],
    owner: 'VNPT',
    basis: 'said',
    reason: null,
    counts: { alarms: 1, symptoms: 0, devices: 1, devicesDown: 1 },
    cause: null,
    proposals: 0,
    beganAt: '2026-11-22T20:01:00+07:00',
    detectedAt: '2026-11-22T20:02:00+07:00',
    endedAt: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    acknowledgedUntil: null,
    note: null,
    expectedAt: null,
    request: null,
    resolution: null,
    reopenings: 0,
    mergedInto: null,
    ...change,
  };
}

describe('the digest of a flood', () => {
  it('counts what is new since the digest before, whoever has it', () => {
    const before = incident('1', { detectedAt: '2026-11-22T19:59:59+07:00' });
    const taken = incident('3', { acknowledgedBy: { personId: 'p', name: 'Lan' }, state: 'acknowledged' });
    expect(digestOf([before, incident('2'), taken], SINCE_MS)).toEqual({ opened: 2, isolated: 0, unheld: 2 });
  });

  it('counts communes that are cut off or nearly so, also those of before', () => {
    const detectedAt = '2026-11-22T18:00:00+07:00';
    const digest = digestOf(
      [
        incident('1', { kind: 'communeIsolated', detectedAt }),
        incident('2', { kind: 'communeNearlyIsolated', detectedAt }),
        incident('3', { kind: 'hubDown', impact: 'isolated', detectedAt }),
      ],
      SINCE_MS,
    );
    expect(digest).toEqual({ opened: 0, isolated: 2, unheld: 3 });
  });

  it('leaves out what is over', () => {
    const over = [incident('1', { state: 'resolved' }), incident('2', { state: 'closed', kind: 'communeIsolated' })];
    expect(digestOf(over, SINCE_MS)).toEqual({ opened: 0, isolated: 0, unheld: 0 });
  });

  it('counts everything while nobody knows when the flood began', () => {
    expect(digestOf([incident('1'), incident('2')], Number.NaN).opened).toBe(2);
  });
});

describe('news of incidents', () => {
  it('is read one by one in the order of detection', () => {
    const later = incident('1', { detectedAt: '2026-11-22T20:05:00+07:00' });
    const news = newsOf([later, incident('2'), incident('known')], new Set(['known']));
    expect(news).toEqual({ kind: 'each', incidents: [incident('2'), later] });
  });

  it('is only a number when there is much of it at once', () => {
    expect(
      newsOf(
        ['1', '2', '3', '4'].map((id) => incident(id)),
        new Set(),
      ),
    ).toEqual({ kind: 'count', count: 4 });
  });

  it('says nothing of what was known, and nothing of what is over', () => {
    expect(newsOf([incident('1'), incident('2', { state: 'resolved' })], new Set(['1']))).toBeNull();
  });
});
