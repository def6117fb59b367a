import { COMMUNES } from '@ioc/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_COMMUNES, SETTLE_MS } from './grouping.js';
import {
  DONG_TRA_BONG,
  IncidentWorld,
  LY_SON,
  MINUTE,
  THANH_BONG,
  TRA_BONG,
  makeRegister,
  stationsOf,
} from './incident-world.fixture.js';

const HUBS = [
  { id: 'CORE', upstreamIds: [] },
  { id: 'H-07', upstreamIds: ['CORE'] },
  { id: 'H-08', upstreamIds: ['H-07'] },
];
const behindHub = () =>
  new IncidentWorld(
    makeRegister({
      communes: [TRA_BONG, DONG_TRA_BONG],
      hubs: HUBS,
      hubOf: (code) => (code === TRA_BONG ? 'H-07' : 'H-08'),
    }),
  );
const plain = (communes: readonly string[] = [TRA_BONG, DONG_TRA_BONG, THANH_BONG, LY_SON]) =>
  new IncidentWorld(makeRegister({ communes }));
const station = (code: string, site: number, owner = 'VNPT') => `S-${code}-${site}-${owner}`;

describe('topology', () => {
  it('makes one incident of a hub and whatever hangs on it, which says why', () => {
    const world = behindHub();
    const stations = stationsOf(world.register, TRA_BONG);
    stations.slice(0, 10).forEach(({ id }, index) => world.down.set(id, world.nowMs + index * 4_000));
    world.nowMs += 40_000;
    const hub = world.hubDown('H-07', { beganAtMs: world.nowMs - 40_000 });
    world.raise(hub);
    world.nowMs += MINUTE;
    world.raise(...stations.slice(0, 10).map(({ id }) => world.lost(id, { beganAtMs: world.down.get(id) ?? 0 })));
    expect(world.open()).toHaveLength(1);
    expect(world.homeOf(hub.id)).toMatchObject({
      kind: 'hubDown',
      severity: 'critical',
      place: { kind: 'hub', id: 'H-07' },
      communeCode: TRA_BONG,
      counts: { alarms: 11, symptoms: 10, devices: 13, devicesDown: 10 },
      cause: {
        code: 'hubFailure',
        namedBy: null,
        evidence: {
          vi: '10/12 trạm sau Nút H-07 mất kết nối trong 36 s',
          en: '10 of 12 stations behind Nút H-07 went down within 36 s',
        },
      },
    });
    for (const alarm of world.alarms.values()) expect(alarm.suppression).toBe(alarm.id === hub.id ? null : 'symptom');
  });

  it('takes what failed just before the hub was known, and leaves what failed long before as it was', () => {
    const world = behindHub();
    const old = world.lost(station(TRA_BONG, 0));
    world.raise(old);
    world.nowMs += 30 * MINUTE;
    const justBefore = world.lost(station(TRA_BONG, 1));
    world.raise(justBefore);
    world.nowMs += MINUTE;
    const hub = world.hubDown('H-07');
    world.raise(hub);
    expect(world.homeOf(justBefore.id).id).toBe(world.homeOf(hub.id).id);
    expect(world.get(justBefore.id).suppression).toBe('symptom');
    expect(world.homeOf(old.id).id).not.toBe(world.homeOf(hub.id).id);
    expect(world.get(old.id).suppression).toBeNull();
  });

  describe('hubs side by side', () => {
    const RING = ['A', 'B', 'C', 'D'];
    const sideBySide = () =>
      new IncidentWorld(
        makeRegister({
          communes: [TRA_BONG, DONG_TRA_BONG, THANH_BONG, LY_SON],
          hubs: [{ id: 'CORE', upstreamIds: [] }, ...RING.map((id) => ({ id, upstreamIds: ['CORE'] }))],
          hubOf: (code) => RING[[TRA_BONG, DONG_TRA_BONG, THANH_BONG, LY_SON].indexOf(code)] ?? null,
        }),
      );

    it('are one incident once three went within two minutes, which says so; two are two', () => {
      const world = sideBySide();
      const hubs = RING.slice(0, 3).map((id, index) => {
        world.nowMs += index * 30_000;
        const hub = world.hubDown(id);
        world.raise(hub, world.lost(station([TRA_BONG, DONG_TRA_BONG, THANH_BONG][index] ?? '', 0)));
        return hub;
      });
      const [open, ...others] = world.open();
      expect(others).toEqual([]);
      expect(open).toMatchObject({
        kind: 'hubDown',
        place: { kind: 'hub', id: 'A' },
        title: { en: 'Nút A and 2 other hubs down' },
        counts: { alarms: 6, symptoms: 3 },
      });
      expect(open?.cause?.evidence?.en).toMatch(/^3 hubs side by side went within 90 s: the cause may be above them; /);
      expect(hubs.map(({ id }) => world.homeOf(id).id)).toEqual(hubs.map(() => open?.id));
      // What is above them goes too: then it is that.
      const core = world.hubDown('CORE');
      world.raise(core);
      expect(world.open()).toMatchObject([{ place: { id: 'CORE' }, title: { en: 'Nút CORE down' } }]);

      const apart = sideBySide();
      apart.raise(apart.hubDown('A'));
      apart.raise(apart.hubDown('B'));
      apart.nowMs += 3 * MINUTE;
      apart.raise(apart.hubDown('C'));
      expect(apart.open()).toHaveLength(3);
    });

    it('are grouped alike in whatever order they are told', () => {
      const began = { A: 0, B: 100_000, C: 200_000, D: 210_000 } as const;
      const orders = [
        ['A', 'B', 'C', 'D'],
        ['D', 'C', 'B', 'A'],
        ['B', 'D', 'A', 'C'],
        ['C', 'A', 'D', 'B'],
      ] as const;
      for (const order of orders) {
        const world = sideBySide();
        const hubs = order.map((id) => world.hubDown(id, { beganAtMs: world.nowMs + began[id] }));
        for (const hub of hubs) world.raise(hub);
        const places = world.open().map(({ place }) => place.id);
        expect([order, places.sort()]).toEqual([order, ['A', 'B']]);
      }
    });

    it('is proposed and not done to the one that somebody has', () => {
      const world = sideBySide();
      const [a, b, c] = ['A', 'B', 'C'].map((id) => world.hubDown(id));
      if (a === undefined || b === undefined || c === undefined) throw new Error('three hubs');
      world.raise(a);
      world.hold(world.homeOf(a.id).id);
      world.raise(b);
      world.raise(c);
      expect(world.open()).toHaveLength(2);
      expect(world.homeOf(b.id).id).toBe(world.homeOf(c.id).id);
      expect(world.proposals).toMatchObject([{ kind: 'mergeInto', alarmIds: [a.id] }]);
    });
  });

  it('makes a hub below a failed one its symptom, with what hangs on it', () => {
    const world = behindHub();
    const below = world.hubDown('H-08');
    world.raise(below);
    const behind = world.lost(station(DONG_TRA_BONG, 0));
    world.raise(behind);
    world.nowMs += 10_000;
    const above = world.hubDown('H-07');
    world.raise(above);
    expect(world.open()).toHaveLength(1);
    expect(world.get(below.id).suppression).toBe('symptom');
    expect(world.homeOf(behind.id).place.id).toBe('H-07');
  });

  it('judges symptoms again once the hub is back: what stays down is a cause of its own, from then on', () => {
    const world = behindHub();
    const hub = world.hubDown('H-07');
    world.raise(hub);
    const stays = world.lost(station(TRA_BONG, 0));
    const returns = world.lost(station(TRA_BONG, 1));
    world.raise(stays, returns);
    const hubIncident = world.homeOf(hub.id).id;
    world.nowMs += 30 * MINUTE;
    world.clear(hub.id);
    const backAtMs = world.nowMs;
    world.nowMs += MINUTE;
    world.clear(returns.id);
    expect(world.homeOf(stays.id)).toMatchObject({ id: hubIncident, kind: 'hubDown' });
    world.pass(SETTLE_MS);
    const own = world.homeOf(stays.id);
    expect(own).toMatchObject({ kind: 'single', state: 'open', deviceId: stays.deviceId, beganAtMs: backAtMs });
    expect(own.id).not.toBe(hubIncident);
    expect(world.get(stays.id).suppression).toBeNull();
    expect(world.incidents.get(hubIncident)?.record.state).toBe('resolved');
  });

  it('makes one incident of a site whose stations are all down, and frees them when one returns', () => {
    const world = plain();
    const lost = ['VNPT', 'VIETTEL', 'MOBIFONE'].map((owner) => world.lost(station(TRA_BONG, 2, owner)));
    world.raise(...lost);
    expect(world.open()).toMatchObject([
      { kind: 'siteDown', place: { id: `S-${TRA_BONG}-2` }, counts: { symptoms: 2 } },
    ]);
    expect([...world.alarms.values()].map(({ suppression }) => suppression)).toEqual([null, 'symptom', 'symptom']);
    world.clear(lost[0]?.id ?? 0);
    expect(world.open()).toMatchObject([{ kind: 'operatorsDown', counts: { symptoms: 0 } }]);
    expect([...world.alarms.values()].map(({ suppression }) => suppression)).toEqual([null, null]);
  });
});

describe('what seems to belong together', () => {
  it('is one failure of a feed, however many sites it takes, with the stations that die of it', () => {
    const world = plain();
    world.raise(world.mains(station(TRA_BONG, 0)));
    world.nowMs += 30 * MINUTE;
    world.raise(world.mains(station(TRA_BONG, 1)));
    world.nowMs += 60 * MINUTE;
    world.raise(world.lost(station(TRA_BONG, 1)));
    expect(world.open()).toMatchObject([
      {
        kind: 'powerFailure',
        place: { kind: 'feed', id: `F-${TRA_BONG}`, name: `Lộ ${TRA_BONG}` },
        cause: { code: 'mainsFailure' },
      },
    ]);
  });

  it('is several operators down in one commune within a quarter of an hour, and not what fails later', () => {
    const world = plain();
    world.raise(world.lost(station(TRA_BONG, 0, 'VNPT')));
    world.nowMs += 10 * MINUTE;
    world.raise(world.lost(station(TRA_BONG, 1, 'VIETTEL')));
    expect(world.open()).toMatchObject([
      { kind: 'operatorsDown', place: { kind: 'commune', id: TRA_BONG }, counts: { alarms: 2 } },
    ]);
    world.nowMs += 10 * MINUTE;
    world.raise(world.lost(station(TRA_BONG, 2, 'MOBIFONE')));
    expect(world.open()).toHaveLength(2);
  });

  it('is adjoining communes of one former district, and not a commune across the sea', () => {
    const world = plain();
    world.raise(
      world.lost(station(TRA_BONG, 0)),
      world.lost(station(DONG_TRA_BONG, 0)),
      world.lost(station(LY_SON, 0)),
    );
    expect(world.open().map(({ communeCodes }) => communeCodes.length)).toEqual([2, 1]);
  });

  it('never spreads over more than fifteen communes', () => {
    const world = plain(COMMUNES.map(({ code }) => code));
    world.raise(...COMMUNES.map(({ code }) => world.lost(station(code, 0))));
    for (const { communeCodes } of world.open()) expect(communeCodes.length).toBeLessThanOrEqual(MOST_COMMUNES);
    expect(world.open().length).toBeLessThan(60);
  });
});

describe('an isolated commune', () => {
  it('is an incident of its own kind, and takes in what failed there and has no cause elsewhere', () => {
    const world = plain();
    world.raise(world.lost(station(TRA_BONG, 0)), world.lost(`LINK-${TRA_BONG}`));
    const before = world.open()[0]?.id;
    const nearly = world.isolated(TRA_BONG, 'communeNearlyIsolated');
    world.raise(nearly);
    expect(world.open()).toMatchObject([
      { kind: 'communeNearlyIsolated', impact: 'nearlyIsolated', severity: 'critical' },
    ]);
    expect(world.incidents.get(before ?? 0)?.record).toMatchObject({
      state: 'closed',
      mergedInto: world.open()[0]?.id,
    });
    world.nowMs += 10 * MINUTE;
    const isolated = world.isolated(TRA_BONG);
    world.raise(isolated);
    world.clear(nearly.id);
    expect(world.open()).toMatchObject([{ kind: 'communeIsolated', impact: 'isolated', counts: { alarms: 3 } }]);
  });

  it('does not take symptoms from a hub', () => {
    const world = behindHub();
    const hub = world.hubDown('H-07');
    const behind = world.lost(station(TRA_BONG, 0));
    world.raise(hub, behind);
    world.raise(world.isolated(TRA_BONG));
    expect(world.open()).toHaveLength(2);
    expect(world.homeOf(behind.id).kind).toBe('hubDown');
  });
});

describe('an incident that a person has', () => {
  it('is not regrouped: what seems to belong to it opens an incident of its own, and is proposed', () => {
    const world = plain();
    const first = world.lost(station(TRA_BONG, 0));
    world.raise(first);
    const held = world.homeOf(first.id).id;
    world.hold(held);
    const second = world.lost(station(TRA_BONG, 1, 'VIETTEL'));
    world.raise(second);
    expect(world.homeOf(second.id).id).not.toBe(held);
    expect(world.proposals).toMatchObject([{ kind: 'addAlarms', alarmIds: [second.id] }]);
    expect(world.proposals[0]?.draft.ref).toBe(String(held));
  });

  it('is not swallowed by a hub that fails: that it is the same is proposed', () => {
    const world = behindHub();
    const first = world.lost(station(TRA_BONG, 0));
    world.raise(first);
    const held = world.homeOf(first.id).id;
    world.edit(held, { cause: { code: 'equipmentFailure', evidence: null, namedBy: { personId: 'an', name: 'An' } } });
    world.raise(world.hubDown('H-07'));
    expect(world.homeOf(first.id).id).toBe(held);
    expect(world.proposals).toMatchObject([{ kind: 'mergeInto', alarmIds: [first.id] }]);
  });

  it('still takes what certainly belongs to it: what hangs on its hub', () => {
    const world = behindHub();
    const hub = world.hubDown('H-07');
    world.raise(hub);
    world.hold(world.homeOf(hub.id).id);
    const behind = world.lost(station(TRA_BONG, 0));
    world.raise(behind);
    expect(world.homeOf(behind.id).id).toBe(world.homeOf(hub.id).id);
    expect(world.proposals).toEqual([]);
  });

  it('keeps the cause that a person named, and proposes another', () => {
    const world = plain();
    const first = world.mains(station(TRA_BONG, 0));
    world.raise(first);
    const named = { code: 'plannedWork', evidence: null, namedBy: { personId: 'an', name: 'An' } } as const;
    world.edit(world.homeOf(first.id).id, { cause: named });
    world.change(first.id, { severity: 'major' });
    expect(world.homeOf(first.id).cause).toEqual(named);
    expect(world.last[0]?.otherCause?.code).toBe('mainsFailure');
  });
});

describe('the end and the return', () => {
  it('resolves an incident with its last alarm, and reopens it for its holder when it comes back in time', () => {
    const world = plain();
    const first = world.lost(station(TRA_BONG, 0));
    world.raise(first);
    const { id } = world.homeOf(first.id);
    world.hold(id);
    world.nowMs += MINUTE;
    world.clear(first.id);
    expect(world.incidents.get(id)?.record).toMatchObject({ state: 'resolved', endedAtMs: world.nowMs });
    world.nowMs += 60 * MINUTE;
    const again = world.lost(station(TRA_BONG, 0));
    world.raise(again);
    expect(world.homeOf(again.id)).toMatchObject({
      id,
      state: 'acknowledged',
      holder: { name: 'An' },
      acknowledgedAtMs: world.nowMs,
      acknowledgedUntilMs: world.nowMs + 240 * MINUTE,
      reopenings: 1,
      endedAtMs: null,
    });
    world.clear(again.id);
    world.nowMs += 121 * MINUTE;
    const late = world.lost(station(TRA_BONG, 0));
    world.raise(late);
    expect(world.homeOf(late.id)).toMatchObject({ state: 'open', holder: null, reopenings: 0 });
  });

  it('makes no incident of what nobody has to work: shelved, suppressed, or a mere warning', () => {
    const world = plain();
    const shelved = { by: { personId: 'an', name: 'An' }, atMs: 0, untilMs: 1, reason: 'x' };
    const muted = world.lost(station(TRA_BONG, 0), { suppression: 'maintenance' });
    world.raise(
      muted,
      world.lost(station(TRA_BONG, 1), { shelved, operatorState: 'shelved' }),
      world.alarm('metricLimit', { kind: 'device', id: station(TRA_BONG, 2) }, { severity: 'warning' }),
    );
    expect(world.open()).toEqual([]);
    world.change(muted.id, { suppression: null });
    expect(world.open()).toHaveLength(1);
  });
});

describe('whatever happens', () => {
  const communes = [TRA_BONG, DONG_TRA_BONG, THANH_BONG, LY_SON];
  const hubOf = (code: string) => (code === TRA_BONG ? 'H-07' : code === DONG_TRA_BONG ? 'H-08' : null);
  const register = makeRegister({ communes, hubs: HUBS, hubOf, sitesPerCommune: 3 });
  const devices = [...register.devices.keys()];
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('lose' as const), at: fc.nat(devices.length - 1) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('mains' as const), at: fc.nat(devices.length - 1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('hub' as const), at: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('isolate' as const), at: fc.nat(communes.length - 1) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('clear' as const), at: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), at: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), at: fc.integer({ min: 1, max: 20 }) }) },
  );

  it('every alarm that stands and is work is in exactly one open incident, and nothing is held by an incident that is over', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new IncidentWorld(register);
        const stands = (type: string, id: string) =>
          [...world.alarms.values()].some((alarm) => alarm.type === type && alarm.resource.id === id);
        for (const { kind, at } of steps) {
          const heldBefore = new Map(
            [...world.incidents.values()]
              .filter(({ record }) => record.holder !== null && record.state !== 'closed')
              .map(({ record, members }) => [record.id, members]),
          );
          if (kind === 'pass') world.pass(at * MINUTE);
          else if (kind === 'lose' || kind === 'mains') {
            const id = devices[at] ?? '';
            const type = kind === 'lose' ? 'connectivityLost' : 'mainsAbsent';
            if (!stands(type, id)) world.raise(kind === 'lose' ? world.lost(id) : world.mains(id));
          } else if (kind === 'hub') {
            const id = at === 0 ? 'H-07' : 'H-08';
            if (!stands('hubDown', id)) world.raise(world.hubDown(id));
          } else if (kind === 'isolate') {
            const id = communes[at] ?? '';
            if (!stands('communeIsolated', id)) world.raise(world.isolated(id));
          } else if (kind === 'clear') {
            const alarm = [...world.alarms.values()][at % Math.max(1, world.alarms.size)];
            if (alarm !== undefined) world.clear(alarm.id);
          } else {
            const incident = world.open()[at % Math.max(1, world.open().length)];
            if (incident !== undefined) world.hold(incident.id);
          }
          const homes = new Map<number, number>();
          for (const { record, members } of world.incidents.values()) {
            const over = record.state === 'resolved' || record.state === 'closed';
            for (const id of members.keys()) {
              expect(over).toBe(false);
              expect(homes.has(id)).toBe(false);
              homes.set(id, record.id);
            }
            expect(over || members.size > 0).toBe(true);
            if (record.mergedInto !== null) expect(world.incidents.has(record.mergedInto)).toBe(true);
          }
          for (const alarm of world.alarms.values()) expect(homes.get(alarm.id)).toBe(alarm.incidentId);
          expect(homes.size).toBe(world.alarms.size);
          // What a person held keeps every alarm that stands and hung on no hub.
          for (const [id, members] of heldBefore) {
            for (const alarm of members.values()) {
              if (alarm.suppression !== null || !world.alarms.has(alarm.id)) continue;
              expect(homes.get(alarm.id)).toBe(id);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('groups the same alarms alike in whatever order they come', () => {
    const losses = stationsOf(register).slice(0, 18);
    fc.assert(
      fc.property(fc.shuffledSubarray([...losses.keys()], { minLength: losses.length }), (order) => {
        const world = new IncidentWorld(register);
        const alarms = losses.map(({ id }) => world.lost(id));
        const hub = world.hubDown('H-07');
        world.raise(...order.flatMap((index) => alarms[index] ?? []), hub);
        const behind = alarms.filter(({ communeCode }) => communeCode === TRA_BONG);
        for (const { id } of behind) expect(world.homeOf(id).id).toBe(world.homeOf(hub.id).id);
        const sizes = [...world.incidents.values()].map(({ members }) => members.size).sort((a, b) => a - b);
        expect(sizes).toEqual([9, 10]);
      }),
      { numRuns: 50 },
    );
  });
});
