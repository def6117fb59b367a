import { describe, expect, test } from 'vitest';
import type { FactSubject } from '@ioc/contract';
import type { RegisteredDevice, RegisteredSite } from '../devices/registered-device.js';
import { buildRegister } from '../devices/register.js';
import { subjectKey, type FactRecord } from '../facts/fact.js';
import type { StationPower } from './judged-site.js';
import { powerPriorities } from './power-sites.js';

const NOW = Date.parse('2026-11-17T22:00:00+07:00');
const MINUTE = 60_000;
/** Trà Bồng. */
const COMMUNE = '21115';
const OTHER = '21172';

const site = (id: string, communeCode: string, feedId: string | null, hubId: string | null = null): RegisteredSite => ({
  id,
  name: id,
  communeCode,
  lat: 15,
  lon: 108,
  hubId,
  feedId,
  hardened: false,
});
let no = 0;
const station = (id: string, at: RegisteredSite, owner: string): RegisteredDevice => ({
  no: (no += 1),
  id,
  deviceClass: 'bts',
  name: id,
  communeCode: at.communeCode,
  owner,
  siteId: at.id,
  hubId: null,
  gatewayId: null,
  lat: 15,
  lon: 108,
  hardened: false,
  reportingIntervalMs: 10_000,
  attributes: {},
  version: 1,
});

const hill = site('S-HILL', COMMUNE, 'F-1', 'H-1');
const hubSite = site('S-HUB', OTHER, 'F-2');
const town = site('S-TOWN', OTHER, 'F-2', 'H-1');
const register = buildRegister({
  version: 1,
  organisations: ['VNPT', 'VIETTEL', 'EVN'].map((id) => ({ id, name: id })),
  feeds: ['F-1', 'F-2'].map((id) => ({ id, name: `Lộ ${id}`, owner: 'EVN' })),
  hubs: [{ id: 'H-1', name: 'H-1', siteId: 'S-HUB', upstreamIds: [] }],
  gateways: [],
  sites: [hill, hubSite, town],
  devices: [
    station('B-HILL', hill, 'VNPT'),
    station('B-HUB', hubSite, 'VNPT'),
    station('B-TOWN-1', town, 'VNPT'),
    station('B-TOWN-2', town, 'VIETTEL'),
  ],
});

const MAINS: StationPower = {
  alive: true,
  onBattery: false,
  emptied: false,
  minutesLeft: null,
  onBatterySinceMs: null,
};
const battery = (minutesLeft: number): StationPower => ({
  ...MAINS,
  onBattery: true,
  minutesLeft,
  onBatterySinceMs: NOW - 60 * MINUTE,
});
const EMPTY: StationPower = { ...MAINS, alive: false, onBattery: true, emptied: true, minutesLeft: 0 };

function priorities(powers: Readonly<Record<string, StationPower>>, facts: readonly FactRecord[] = []) {
  return powerPriorities({
    register,
    nowMs: NOW,
    powerOf: ({ id }) => powers[id] ?? MAINS,
    factsOf: (subject) => facts.filter((fact) => subjectKey(fact.subject) === subjectKey(subject)),
  });
}
const fact = (subject: FactSubject, change: Partial<FactRecord>): FactRecord => ({
  id: 1,
  subject,
  subjectName: '',
  kind: 'other',
  note: '',
  atMs: NOW - MINUTE,
  expiresAtMs: NOW + 120 * MINUTE,
  means: null,
  host: null,
  guests: [],
  author: { personId: 'p', name: 'P' },
  recordedAtMs: NOW,
  withdrawnAtMs: null,
  withdrawnBy: null,
  ...change,
});

describe('where to send the generator', () => {
  test('is nowhere while every site has its mains', () => {
    expect(priorities({})).toEqual({ total: 0, sites: [], feeders: [] });
  });

  test('names what goes with each site: a commune, the stations behind a hub, an operator’s last', () => {
    const { sites } = priorities({ 'B-HILL': battery(90), 'B-HUB': battery(90), 'B-TOWN-2': battery(90) });
    const byId = new Map(sites.map((each) => [each.siteId, each]));
    expect(byId.get('S-HILL')).toMatchObject({ lastOfCommune: true, isHub: false, minutesLeft: 90 });
    expect(byId.get('S-HUB')).toMatchObject({ lastOfCommune: false, isHub: true, stationsBehind: 3 });
    expect(byId.get('S-TOWN')).toMatchObject({ isHub: false, lastOfOperator: ['VIETTEL'] });
    expect(sites.map(({ siteId }) => siteId)).toEqual(['S-HILL', 'S-HUB', 'S-TOWN']);
    expect(byId.get('S-HILL')?.emptyAt).toBe(new Date(NOW + 90 * MINUTE).toISOString());
  });

  test('counts the minutes of the first station of a site to run out, and none left when all have', () => {
    expect(priorities({ 'B-TOWN-1': battery(40), 'B-TOWN-2': battery(70) }).sites[0]?.minutesLeft).toBe(40);
    expect(priorities({ 'B-TOWN-1': EMPTY, 'B-TOWN-2': battery(70) }).sites[0]?.minutesLeft).toBe(70);
    expect(priorities({ 'B-TOWN-1': EMPTY, 'B-TOWN-2': EMPTY }).sites[0]).toMatchObject({
      minutesLeft: 0,
      emptyAt: null,
    });
  });

  test('of a commune that is silent names one site that would bring it back, not all of them', () => {
    const { sites, feeders } = priorities({ 'B-HUB': EMPTY, 'B-TOWN-1': EMPTY, 'B-TOWN-2': EMPTY });
    expect(sites.filter(({ lastOfCommune }) => lastOfCommune).map(({ siteId }) => siteId)).toEqual(['S-TOWN']);
    expect(feeders).toMatchObject([{ feedId: 'F-2', sitesDown: 2, sitesOnBattery: 0, lastOfCommunes: 1, hubs: 1 }]);
  });

  test('knows a running generator, a promise of power and a cut road, and that somebody came through after it', () => {
    const about = { kind: 'site' as const, id: 'S-HILL' };
    const generator = fact(about, { kind: 'generatorRunning' });
    const cut = fact({ kind: 'commune', id: COMMUNE }, { id: 2, kind: 'roadCut', atMs: NOW - 10 * MINUTE });
    const promised = fact({ kind: 'feed', id: 'F-1' }, { id: 3, kind: 'powerExpected' });
    const through = fact(cut.subject, { id: 4, kind: 'reached', means: 'inPerson', atMs: NOW - MINUTE });
    const only = (facts: readonly FactRecord[]) => priorities({ 'B-HILL': battery(90) }, facts).sites[0];
    const plain = only([])?.priority ?? 0;
    expect(only([generator])).toMatchObject({ generatorUntil: new Date(NOW + 120 * MINUTE).toISOString() });
    expect(only([generator])?.priority).toBeLessThan(plain);
    expect(only([cut])).toMatchObject({ reachable: false });
    expect(only([cut])?.priority).toBeCloseTo(plain / 4, 1);
    expect(only([through, cut])).toMatchObject({ reachable: true });
    expect(only([promised])).toMatchObject({ powerExpectedAt: new Date(NOW + 120 * MINUTE).toISOString() });
    // Mains is back or its meter does not know of the generator: it is on the list as long as somebody says that it runs.
    expect(priorities({}, [generator]).sites.map(({ siteId }) => siteId)).toEqual(['S-HILL']);
  });
});

test('feeders stand by what all of their sites together are worth; a cut road does not hold the power company back', () => {
  const cut = fact({ kind: 'commune', id: COMMUNE }, { kind: 'roadCut' });
  const powers = { 'B-HILL': battery(30), 'B-TOWN-1': battery(200) };
  expect(priorities(powers).feeders.map(({ feedId }) => feedId)).toEqual(['F-1', 'F-2']);
  expect(priorities(powers, [cut]).feeders).toEqual(priorities(powers).feeders);
});
