import type { Connectivity, DeviceThen, SituationReport } from '@ioc/contract';
import { describe, expect, test } from 'vitest';
import { buildRegister } from '../devices/register.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { downThen, situationOf, type FormerSituation, type SituationInput } from './situation.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EVENING = Date.parse('2026-11-17T21:00:00+07:00');
/** Trà Bồng. */
const COMMUNE = '21115';
const LINK = 'LINK';

let no = 0;
const device = (id: string, deviceClass: 'bts' | 'link', owner: string): RegisteredDevice => ({
  no: (no += 1),
  id,
  deviceClass,
  name: id,
  communeCode: COMMUNE,
  owner,
  siteId: null,
  hubId: null,
  gatewayId: 'GW',
  lat: 15,
  lon: 108,
  hardened: false,
  reportingIntervalMs: 10_000,
  attributes: {},
  version: 1,
});
const register = buildRegister({
  version: 1,
  organisations: [
    { id: 'VNPT', name: 'VNPT' },
    { id: 'VIETTEL', name: 'Viettel' },
  ],
  feeds: [],
  hubs: [],
  gateways: [{ id: 'GW', name: 'Cổng', owner: 'VNPT' }],
  sites: [],
  devices: [
    device('A', 'bts', 'VNPT'),
    device('B', 'bts', 'VNPT'),
    device('C', 'bts', 'VIETTEL'),
    device(LINK, 'link', 'VNPT'),
  ],
});

/** Who was down since when; the others were up. */
type Down = Readonly<Record<string, number>>;
const statesOf = (down: Down, connectivity: Connectivity = 'down') =>
  Object.fromEntries(
    [...register.devices.keys()].map((id): [string, DeviceThen] => {
      const sinceMs = down[id];
      return sinceMs === undefined
        ? [id, { connectivity: 'up', lastKnown: 'up', sinceMs: EVENING - HOUR }]
        : [id, { connectivity, lastKnown: 'down', sinceMs }];
    }),
  );
function report(atMs: number, down: Down, former: FormerSituation | null, change: Partial<SituationInput> = {}) {
  const then = { at: new Date(atMs).toISOString(), blind: false, devices: statesOf(down) };
  return situationOf({
    atMs,
    simulated: false,
    register,
    then,
    onBattery: new Set(),
    level: () => null,
    levelHourAgo: () => null,
    facts: [],
    incidents: [],
    hubsDown: new Map(),
    outageBeganMs: (id) => down[id] ?? null,
    former,
    ...change,
  });
}
const asFormer = (given: SituationReport, down: Down): FormerSituation => ({
  report: given,
  down: new Set(Object.keys(down)),
});
/** A report at nine, and one half an hour later against it. */
function since(before: Down, now: Down) {
  const first = report(EVENING, before, null);
  return report(EVENING + 30 * MINUTE, now, asFormer(first, before));
}
const everything = (sinceMs: number): Down => ({ A: sinceMs, B: sinceMs, C: sinceMs, [LINK]: sinceMs });

describe('since the former report', () => {
  test('what went down and came back in between is neither down nor restored', () => {
    expect(since({}, {}).stations[0]).toMatchObject({ down: 0, downBefore: 0, restored: 0 });
  });

  test('what was down and is up is restored, by its operator', () => {
    const { stations } = since({ A: EVENING - MINUTE, C: EVENING - MINUTE }, { C: EVENING - MINUTE });
    expect(stations).toMatchObject([
      { owner: null, total: 3, down: 1, downBefore: 2, restored: 1 },
      { owner: 'VIETTEL', total: 1, down: 1, downBefore: 1, restored: 0 },
      { owner: 'VNPT', total: 2, down: 0, downBefore: 1, restored: 1 },
    ]);
  });

  test('what came back and went down again is down and not restored; one for another is no change in number', () => {
    expect(since({ A: EVENING - MINUTE }, { A: EVENING + 20 * MINUTE }).stations[0]).toMatchObject({
      down: 1,
      downBefore: 1,
      restored: 0,
    });
    expect(since({ A: EVENING - MINUTE }, { B: EVENING + 20 * MINUTE }).stations[0]).toMatchObject({
      down: 1,
      downBefore: 1,
      restored: 1,
    });
  });

  test('a commune that stays isolated is not new; one that was reached and cut off again in between is', () => {
    const before = everything(EVENING - 20 * MINUTE);
    expect(since(before, before).communes).toMatchObject([{ code: COMMUNE, impact: 'isolated', isNew: false }]);
    const again = { ...before, [LINK]: EVENING + 15 * MINUTE };
    expect(since(before, again).communes).toMatchObject([
      { impact: 'isolated', isNew: true, since: new Date(EVENING + 15 * MINUTE).toISOString() },
    ]);
  });

  test('a commune that was isolated and no longer is one of them is told by name; one in between was never seen', () => {
    expect(since(everything(EVENING - 20 * MINUTE), {})).toMatchObject({
      communes: [],
      communesRestored: [{ code: COMMUNE }],
      links: { down: 0, downBefore: 1 },
    });
    expect(since({}, {}).communesRestored).toEqual([]);
  });

  test('from nearly isolated to isolated is new, and not restored', () => {
    const before = everything(EVENING - 5 * MINUTE);
    const { communes, communesRestored } = since(before, before);
    expect(communes).toMatchObject([{ impact: 'isolated', isNew: true }]);
    expect(communesRestored).toEqual([]);
  });
});

test('the first report compares with nothing', () => {
  const first = report(EVENING, everything(EVENING - 20 * MINUTE), null);
  expect(first).toMatchObject({ comparedWith: null, communes: [{ isNew: false }], links: { downBefore: null } });
  expect(first.stations[0]).toMatchObject({ downBefore: null, restored: 0 });
});

test('what is blind counts as what it was, and is counted as blind; alone it is the gateway that is told', () => {
  const then = { at: new Date(EVENING).toISOString(), blind: false, devices: statesOf(everything(EVENING), 'blind') };
  const blind = report(EVENING, {}, null, { then });
  expect(blind.stations[0]).toMatchObject({ down: 3, blind: 3 });
  expect(blind.blindGateways).toMatchObject([{ id: 'GW', devices: 4 }]);
  expect(downThen(then)).toEqual(new Set(['A', 'B', 'C', LINK]));
});
