import { describe, expect, it } from 'vitest';
import type { FactRecord } from '../facts/fact.js';
import { IncidentWorld, MINUTE, T0, TRA_BONG, makeRegister, stationsOf } from './incident-world.fixture.js';

const LINK = `LINK-${TRA_BONG}`;
const HUBS = [
  { id: 'CORE', upstreamIds: [] },
  { id: 'H-07', upstreamIds: ['CORE'] },
];

function fact(fields: Partial<FactRecord>): FactRecord {
  return {
    id: 1,
    subject: { kind: 'commune', id: TRA_BONG },
    subjectName: 'Xã Trà Bồng',
    kind: 'reached',
    note: '',
    atMs: T0,
    expiresAtMs: T0 + 60 * MINUTE,
    means: null,
    host: null,
    guests: [],
    author: { personId: 'an', name: 'An' },
    recordedAtMs: T0,
    withdrawnAtMs: null,
    withdrawnBy: null,
    ...fields,
  };
}

/** The link and so many stations of one commune down, and its isolation raised. */
function cutOff(options: { readonly hub: boolean; readonly alive?: number; readonly facts?: readonly FactRecord[] }) {
  const world = new IncidentWorld(
    makeRegister({ communes: [TRA_BONG], hubs: HUBS, hubOf: () => (options.hub ? 'H-07' : null) }),
  );
  world.facts = options.facts ?? [];
  const stations = stationsOf(world.register);
  const down = stations.slice(options.alive ?? 0);
  if (options.hub) world.raise(world.hubDown('H-07'));
  const isolated = world.isolated(
    TRA_BONG,
    down.length === stations.length ? 'communeIsolated' : 'communeNearlyIsolated',
  );
  world.raise(world.lost(LINK), ...down.map(({ id }) => world.lost(id)), isolated);
  return { world, isolated, stations, home: world.homeOf(isolated.id) };
}

describe('what is known of an isolated commune', () => {
  it('counts the commune, also where the alarms are symptoms of a hub', () => {
    const { home, stations } = cutOff({ hub: true });
    expect(home).toMatchObject({
      kind: 'communeIsolated',
      counts: { alarms: 1, symptoms: 0, devices: stations.length + 1, devicesDown: stations.length + 1 },
    });
  });

  it('counts the same where the alarms are its own', () => {
    const { home, stations } = cutOff({ hub: false });
    expect(home.counts).toEqual({
      alarms: stations.length + 2,
      symptoms: 0,
      devices: stations.length + 1,
      devicesDown: stations.length + 1,
    });
  });

  it('says since when the link is down, how many stations, and who is left', () => {
    const { home } = cutOff({ hub: false, alive: 1 });
    expect(home).toMatchObject({ kind: 'communeNearlyIsolated', cause: { code: 'unknown' } });
    expect(home.cause?.evidence).toEqual({
      vi: 'Đường truyền mất từ 00:00; 11/12 trạm tại Xã Trà Bồng mất; còn VNPT',
      en: 'The link is down since 00:00; 11 of 12 stations in Xã Trà Bồng down; left: VNPT',
    });
  });

  it('names the hub that it hangs on, with the number of its incident', () => {
    const { home, world } = cutOff({ hub: true });
    const hub = world.open().find(({ kind }) => kind === 'hubDown');
    expect(home.cause).toMatchObject({ code: 'hubFailure', namedBy: null });
    expect(home.cause?.evidence?.en).toBe(
      'The link is down since 00:00; 12 of 12 stations in Xã Trà Bồng down; no operator left; ' +
        `nearly all of it hangs on Nút H-07, which is down (incident ${hub?.id ?? 0})`,
    );
  });

  it('says the three newest things that people know, each with its time and who said it, and no more of a note than fits', () => {
    const facts = [
      fact({ kind: 'reached', means: 'satellitePhone', note: 'nước rút', atMs: T0 + 130 * MINUTE }),
      fact({
        kind: 'roamingOn',
        host: 'VNPT',
        guests: ['VIETTEL', 'MOBIFONE'],
        author: { personId: 'b', name: 'Bình' },
      }),
      fact({ kind: 'roadCut', note: 'x'.repeat(2_000) }),
      fact({ kind: 'other', note: 'không thấy' }),
    ];
    const { home } = cutOff({ hub: false, facts });
    const { vi = '', en = '' } = home.cause?.evidence ?? {};
    expect(en).toContain('; 02:10 reached by satellite phone: “nước rút” (An); ');
    expect(en).toContain('; 00:00 roaming switched on VIETTEL, MOBIFONE → VNPT (Bình); ');
    expect(vi).toContain('; 00:00 đường bị chia cắt: “xxx');
    expect(vi).not.toContain('không thấy');
    expect(vi.length).toBeLessThan(500);
  });

  it('leaves the cause that a person named as it is', () => {
    const { world, home, isolated } = cutOff({ hub: false });
    const cause = { code: 'landslide', evidence: null, namedBy: { personId: 'an', name: 'An' } } as const;
    world.edit(home.id, { cause });
    world.facts = [fact({})];
    world.change(isolated.id, { severity: 'critical', version: 2 });
    expect(world.homeOf(isolated.id).cause).toEqual(cause);
  });
});
