import { describe, expect, it } from 'vitest';
import { device } from '../connectivity/judge-world.fixture.js';
import { unheardDevice, type DeviceState } from '../connectivity/device-state.js';
import { buildRegister } from '../devices/register.js';
import { hubBackSince, hubTree, inferHubLoss } from './hub-watch.js';

/** A core, H1 below it, H2 and H3 below H1; H4 hangs on H1 and on the core. */
const hubs = [
  { id: 'CORE', upstreamIds: [] },
  { id: 'H1', upstreamIds: ['CORE'] },
  { id: 'H2', upstreamIds: ['H1'] },
  { id: 'H3', upstreamIds: ['H1'] },
  { id: 'H4', upstreamIds: ['H1', 'CORE'] },
].map(({ id, upstreamIds }) => ({ id, name: id, siteId: null, upstreamIds }));
const at = (hubId: string, count: number) =>
  Array.from({ length: count }, (_, index) => device(`${hubId}-${index}`, { hubId }));
const devices = [...at('H1', 6), ...at('H2', 10), ...at('H3', 4), ...at('H4', 8)];
const register = buildRegister({
  version: 1,
  organisations: [],
  feeds: [],
  devices,
  sites: [],
  hubs,
  gateways: [],
});
const tree = hubTree(register);

const up: DeviceState = { ...unheardDevice(0), connectivity: 'up', lastKnown: 'up' };
const downSince = (beganAtMs: number): DeviceState => ({
  ...up,
  connectivity: 'down',
  lastKnown: 'down',
  sinceMs: beganAtMs,
  outage: { beganAtMs, detectedAtMs: beganAtMs, basis: 'said', reason: null },
});
const lossOf = (hubId: string, wentAt: (id: string) => number | null) => {
  const branch = tree.branches.get(hubId);
  if (branch === undefined) throw new Error(hubId);
  return inferHubLoss(branch, (id) => {
    const moment = wentAt(id);
    return moment === null ? up : downSince(moment);
  });
};

describe('what hangs on a hub', () => {
  it('is what is behind it and reached in no other way', () => {
    expect(tree.branches.get('H1')?.devices).toHaveLength(20);
    expect(tree.branches.get('CORE')?.devices).toHaveLength(28);
    expect(tree.selfAndAbove.get('H4')).toEqual(['CORE', 'H4']);
    expect(tree.selfAndAbove.get('H2')).toEqual(['CORE', 'H1', 'H2']);
  });
});

describe('a hub', () => {
  it('is down when 80 % of what hangs on it went within 120 s', () => {
    expect(lossOf('H2', (id) => (id.endsWith('-0') || id.endsWith('-1') ? null : 1_000))).toEqual({
      beganAtMs: 1_000,
      wentDown: 8,
      children: 10,
      withinS: 0,
    });
    expect(lossOf('H2', (id) => (Number(id.split('-')[1]) < 3 ? null : 1_000))).toBeNull();
    expect(lossOf('H2', (id) => Number(id.split('-')[1]) * 60_000)).toBeNull();
    expect(lossOf('H2', (id) => Number(id.split('-')[1]) * 12_000)).toMatchObject({ wentDown: 10, withinS: 108 });
  });

  it('with fewer than five behind it is never told by them', () => {
    expect(lossOf('H3', () => 1_000)).toBeNull();
  });

  it('above another is down only when its own went too: a cut below is a cut below', () => {
    const below = (id: string) => (id.startsWith('H2') || id.startsWith('H3') ? 1_000 : null);
    expect(lossOf('H1', below)).toBeNull();
    expect(lossOf('H1', (id) => (id.startsWith('H4') ? null : 1_000))).toMatchObject({ wentDown: 20, children: 20 });
  });

  it('is back once something behind it that went speaks again', () => {
    const branch = tree.branches.get('H2');
    if (branch === undefined) throw new Error('H2');
    expect(hubBackSince(branch, () => downSince(1_000), 1_000)).toBeNull();
    const one = (id: string) => (id === 'H2-3' ? { ...up, sinceMs: 9_000 } : downSince(1_000));
    expect(hubBackSince(branch, one, 1_000)).toBe(9_000);
  });
});
