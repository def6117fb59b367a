import { describe, expect, it } from 'vitest';
import {
  communeImpact,
  ISOLATION_DELAY_MS,
  linkSeverity,
  stationSeverity,
  tallyCommune,
  type ImpactDevice,
  type ImpactState,
} from './impact.js';

const T0 = 1_000_000_000_000;
interface Part extends ImpactDevice, ImpactState {}
const bts = (owner: string, lastKnown: Part['lastKnown'], downSinceMs = T0): Part => ({
  deviceClass: 'bts',
  owner,
  lastKnown,
  outage:
    lastKnown === 'down' ? { beganAtMs: downSinceMs, detectedAtMs: downSinceMs, basis: 'said', reason: null } : null,
});
const link = (lastKnown: Part['lastKnown'], downSinceMs = T0): Part => ({
  ...bts('PROVINCE', lastKnown, downSinceMs),
  deviceClass: 'link',
});
const tallyOf = (parts: readonly Part[]) => tallyCommune(parts, (part) => part);
const impactOf = (parts: readonly Part[], nowMs = T0) => communeImpact(tallyOf(parts), nowMs).impact;

describe('the impact of a commune', () => {
  it('is none while everything is up, and minor for a station with living neighbours', () => {
    expect(impactOf([link('up'), bts('A', 'up'), bts('B', 'up')])).toBe('none');
    expect(impactOf([link('up'), bts('A', 'down'), bts('A', 'up'), bts('B', 'up')])).toBe('minor');
  });

  it('is major for the last station of an operator, and for the link', () => {
    expect(impactOf([link('up'), bts('A', 'down'), bts('B', 'up'), bts('B', 'up')])).toBe('major');
    expect(impactOf([link('down'), bts('A', 'up'), bts('B', 'up')])).toBe('major');
  });

  it('is critical for more than half of the stations; exactly half is not most', () => {
    const half = [link('up'), bts('A', 'down'), bts('A', 'up'), bts('B', 'down'), bts('B', 'up')];
    expect(impactOf(half)).toBe('minor');
    expect(impactOf([...half, bts('B', 'down')])).toBe('critical');
    expect(impactOf([link('up'), bts('A', 'down')])).toBe('critical');
  });

  it('is nearly isolated when the link is down with most stations, or with one operator left', () => {
    expect(impactOf([link('down'), bts('A', 'down'), bts('B', 'down'), bts('B', 'up')])).toBe('nearlyIsolated');
    expect(impactOf([link('down'), bts('A', 'down'), bts('B', 'up'), bts('B', 'up')])).toBe('nearlyIsolated');
    expect(impactOf([link('down'), bts('A', 'down'), bts('A', 'up'), bts('B', 'down'), bts('B', 'up')])).toBe('major');
  });

  it('is isolated when nobody could be reached for ten minutes, counted from the last that went', () => {
    const dead = [link('down', T0), bts('A', 'down', T0 + 60_000), bts('B', 'down', T0 + 120_000)];
    const tally = tallyOf(dead);
    const almost = communeImpact(tally, T0 + 120_000 + ISOLATION_DELAY_MS - 1);
    expect(almost).toMatchObject({ impact: 'nearlyIsolated', isolatedFromMs: T0 + 120_000 + ISOLATION_DELAY_MS });
    expect(communeImpact(tally, T0 + 120_000 + ISOLATION_DELAY_MS)).toMatchObject({
      impact: 'isolated',
      cutOffSinceMs: T0 + 120_000,
    });
  });

  it('takes a station that was never heard neither for alive nor for down', () => {
    const hour = T0 + 3_600_000;
    expect(impactOf([link('down'), bts('A', 'stale'), bts('B', 'stale')], hour)).toBe('major');
    expect(impactOf([link('down'), bts('A', 'down'), bts('B', 'down'), bts('B', 'stale')], hour)).toBe('isolated');
  });

  it('of a commune without a registered station is never isolation', () => {
    expect(impactOf([link('down')], T0 + 3_600_000)).toBe('major');
  });
});

describe('the severity of an outage', () => {
  const lostSite = { operators: 1, lost: true, hub: false };

  it('of one station is minor while neighbours live', () => {
    expect(stationSeverity('A', tallyOf([bts('A', 'down'), bts('A', 'up'), bts('B', 'up')]), lostSite)).toBe('minor');
  });

  it('is major for a whole site of two operators, and for the last of an operator', () => {
    const living = [bts('A', 'up'), bts('B', 'up'), bts('A', 'up'), bts('B', 'up')];
    const shared = tallyOf([bts('A', 'down'), bts('B', 'down'), ...living]);
    expect(stationSeverity('A', shared, { operators: 2, lost: true, hub: false })).toBe('major');
    expect(stationSeverity('A', shared, { operators: 2, lost: false, hub: false })).toBe('minor');
    expect(stationSeverity('A', tallyOf([bts('A', 'down'), bts('B', 'up'), bts('B', 'up')]), null)).toBe('major');
  });

  it('is critical on a lost site that carries a hub, and when most of the commune is down', () => {
    const living = tallyOf([bts('A', 'down'), bts('A', 'up'), bts('B', 'up')]);
    expect(stationSeverity('A', living, { operators: 1, lost: true, hub: true })).toBe('critical');
    expect(stationSeverity('A', tallyOf([bts('A', 'down'), bts('A', 'down'), bts('B', 'up')]), null)).toBe('critical');
  });

  it('of a link is major when it is the only path, minor beside a second one, critical by isolation', () => {
    expect(linkSeverity(tallyOf([link('down')]), 'major')).toBe('major');
    expect(linkSeverity(tallyOf([link('down'), link('up')]), 'minor')).toBe('minor');
    expect(linkSeverity(tallyOf([link('down')]), 'isolated')).toBe('critical');
  });
});
