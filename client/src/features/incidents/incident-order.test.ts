import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IMPACTS, INCIDENT_STATES, SEVERITIES, type Incident } from '@ioc/contract';
import {
  arrange,
  matches,
  newestFirst,
  NO_FILTER,
  NOTHING_ARRANGED,
  worstFirst,
  type Arrangement,
  type IncidentFilter,
} from './incident-order.js';

function incident(id: string, change: Partial<Incident> = {}): Incident {
  return {
    id,
    version: 1,
    state: 'open',
    severity: 'minor',
    impact: 'minor',
    deviceId: `BTS-${id}`,
    deviceName: `Trạm ${id}`,
    deviceClass: 'bts',
    communeCode: '21025',
    communeName: 'Phường Cẩm Thành',
    owner: 'VNPT',
    basis: 'said',
    reason: null,
    beganAt: '2026-10-01T08:00:00+07:00',
    detectedAt: '2026-10-01T08:01:00+07:00',
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
    ...change,
  };
}

const byId = (...incidents: Incident[]) => new Map(incidents.map((each) => [each.id, each]));
const ids = (arrangement: Arrangement) => arrangement.rows.map(({ id }) => id);
const all = () => true;

const anyIncident = fc
  .record({
    id: fc.integer({ min: 1, max: 30 }).map(String),
    severity: fc.constantFrom(...SEVERITIES),
    impact: fc.constantFrom(...IMPACTS),
    state: fc.constantFrom(...INCIDENT_STATES),
    hour: fc.integer({ min: 10, max: 20 }),
  })
  .map(({ id, hour, ...rest }) => incident(id, { ...rest, beganAt: `2026-10-01T${hour}:00:00+07:00` }));

describe('the order of incidents', () => {
  it('is worst first, unheld before held, newest first, cleared last', () => {
    const sorted = [
      incident('1', { state: 'resolved', severity: 'critical' }),
      incident('2'),
      incident('3', { beganAt: '2026-10-01T09:00:00+07:00' }),
      incident('4', { acknowledgedBy: { personId: 'p', name: 'An' }, state: 'acknowledged' }),
      incident('5', { severity: 'critical', impact: 'major' }),
      incident('6', { severity: 'critical', impact: 'isolated' }),
    ].sort(worstFirst);
    expect(sorted.map(({ id }) => id)).toEqual(['6', '5', '3', '2', '4', '1']);
  });

  it('puts people who are cut off above everything, whatever its severity', () => {
    const sorted = [
      incident('1', { severity: 'critical', impact: 'isolated', kind: 'hubDown' }),
      incident('2', { severity: 'major', kind: 'communeNearlyIsolated' }),
      incident('3', { severity: 'major', kind: 'communeIsolated' }),
    ].sort(worstFirst);
    expect(sorted.map(({ id }) => id)).toEqual(['3', '2', '1']);
  });

  it('is by time for what is over', () => {
    const over = ['09', '11', '10'].map((hour) =>
      incident(hour, { state: 'closed', beganAt: `2026-10-01T${hour}:00:00+07:00` }),
    );
    expect(ids(arrange(NOTHING_ARRANGED, byId(...over), all, false, newestFirst))).toEqual(['11', '10', '09']);
  });

  it('is the same on two screens whatever order the incidents came in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyIncident, { selector: ({ id }) => id }), fc.func(fc.integer()), (some, key) => {
        const shuffled = [...some].sort((a, b) => key(a.id) - key(b.id));
        const first = arrange(NOTHING_ARRANGED, byId(...some), all, false);
        expect(ids(arrange(NOTHING_ARRANGED, byId(...shuffled), all, false))).toEqual(ids(first));
      }),
    );
  });
});

describe('a list under a hand', () => {
  it('never moves a row and lets new ones wait, whatever changes', () => {
    fc.assert(
      fc.property(fc.array(anyIncident), fc.array(fc.array(anyIncident)), (before, updates) => {
        let shown = arrange(NOTHING_ARRANGED, byId(...before), all, false);
        const places = ids(shown);
        for (const update of updates) {
          const incidents = byId(...update);
          shown = arrange(shown, incidents, all, true);
          expect(ids(shown)).toEqual(places);
          expect(shown.waiting).toBe([...incidents.keys()].filter((id) => !places.includes(id)).length);
        }
      }),
    );
  });

  it('brings a row up to date in its place and keeps one that left the list', () => {
    const shown = arrange(NOTHING_ARRANGED, byId(incident('1'), incident('2')), all, false);
    const worse = incident('2', { severity: 'critical', version: 2 });
    const next = arrange(shown, byId(worse), all, true);
    expect(ids(next)).toEqual(ids(shown));
    expect(next.rows.find(({ id }) => id === '2')?.severity).toBe('critical');
  });

  it('puts everything in its place when the hand leaves', () => {
    const shown = arrange(NOTHING_ARRANGED, byId(incident('1')), all, false);
    const now = byId(incident('1'), incident('2', { severity: 'critical' }));
    const held = arrange(shown, now, all, true);
    expect(held.waiting).toBe(1);
    const released = arrange(held, now, all, false);
    expect(ids(released)).toEqual(['2', '1']);
    expect(released.waiting).toBe(0);
  });

  it('counts only what the filter wants as waiting', () => {
    const wanted = (each: Incident) => matches(each, { ...NO_FILTER, severity: 'critical' }, null);
    const held = arrange(NOTHING_ARRANGED, byId(incident('1'), incident('2', { severity: 'critical' })), wanted, true);
    expect(held.waiting).toBe(1);
  });
});

describe('a filter', () => {
  const wanted = (over: Partial<Incident>, filter: Partial<IncidentFilter>) =>
    matches(incident('9', over), { ...NO_FILTER, ...filter }, null);

  it('by kind and by state shows those and no others', () => {
    expect(wanted({ kind: 'hubDown' }, { kind: 'hubDown' })).toBe(true);
    expect(wanted({ kind: 'single' }, { kind: 'hubDown' })).toBe(false);
    expect(wanted({ state: 'closed' }, { state: 'closed' })).toBe(true);
    expect(wanted({ state: 'resolved' }, { state: 'closed' })).toBe(false);
  });

  it('leaves out what was merged into another one, unless closed ones are asked for', () => {
    expect(wanted({ state: 'closed', mergedInto: '7' }, {})).toBe(false);
    expect(wanted({ state: 'closed', mergedInto: '7' }, { state: 'closed' })).toBe(true);
  });

  it('by commune shows what touches it, wherever most of it is', () => {
    const spread = { communeCode: '21025', communeCodes: ['21025', '21115'] };
    expect(wanted(spread, { communeCode: '21115' })).toBe(true);
    expect(wanted(spread, { communeCode: '21117' })).toBe(false);
  });

  const mine = incident('1', { acknowledgedBy: { personId: 'me', name: 'An' }, state: 'acknowledged' });

  it('"mine" shows what I hold, and nothing to a wall that is nobody', () => {
    const filter = { ...NO_FILTER, mine: true };
    expect(matches(mine, filter, 'me')).toBe(true);
    expect(matches(mine, filter, 'you')).toBe(false);
    expect(matches(incident('2'), filter, null)).toBe(false);
  });

  it('"unheld" leaves out what somebody holds and what has cleared', () => {
    const filter = { ...NO_FILTER, unheld: true };
    expect(matches(mine, filter, 'me')).toBe(false);
    expect(matches(incident('2'), filter, 'me')).toBe(true);
    expect(matches(incident('3', { state: 'resolved' }), filter, 'me')).toBe(false);
  });
});
