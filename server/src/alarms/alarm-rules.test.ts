import { RIVER_STATION_BY_NAME } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { Reading } from '../readings/reading.js';
import type { Alarm, AlarmEdge } from './standing-alarm.js';
import { clockEdge, keptStage, riverEdge, stageAfter, stationOf } from './alarm-rules.js';
import { CLEAR_AFTER_MS, LOW_WATER, type RiverStage } from './river-stage.js';

const T0 = 1_000_000_000_000;
const gauge: RegisteredDevice = {
  no: 1,
  id: 'FLOOD-1',
  deviceClass: 'flood',
  name: 'Trà Khúc',
  communeCode: '21172',
  owner: 'PROVINCE',
  siteId: null,
  hubId: null,
  gatewayId: null,
  lat: 15,
  lon: 108,
  hardened: false,
  reportingIntervalMs: 60_000,
  attributes: { kind: 'river', river: 'Trà Khúc', station: 'Trà Khúc', terrain: 'plain' },
  version: 1,
};
const reading = (overrides: Partial<Reading> = {}): Reading => ({
  device: gauge,
  atMs: T0,
  receivedAtMs: T0,
  effectiveAtMs: T0,
  seq: null,
  live: true,
  clockOffsetMs: null,
  metrics: {},
  suspect: [],
  ...overrides,
});
const station = RIVER_STATION_BY_NAME.get('Trà Khúc');
if (station === undefined) throw new Error('the contract lost its first station');
const stage = (rank: RiverStage['rank'], belowSinceMs: number | null = null): RiverStage => ({
  ...LOW_WATER,
  rank,
  belowSinceMs,
});
const standing = (edge: AlarmEdge | null): Alarm => {
  if (edge === null || edge.kind === 'cleared') throw new Error('no alarm stands');
  return edge.alarm;
};

describe('the alarm on a river', () => {
  it('applies where the station is known and has a level', () => {
    expect(stationOf(gauge)?.station).toBe('Trà Khúc');
    expect(stationOf({ ...gauge, attributes: { ...gauge.attributes, station: 'An Chỉ' } })).toBeNull();
    expect(stationOf({ ...gauge, attributes: { ...gauge.attributes, station: '' } })).toBeNull();
    expect(stationOf({ ...gauge, deviceClass: 'vcs' })).toBeNull();
  });

  it('takes no notice of a suspect level', () => {
    expect(stageAfter(reading({ metrics: { levelM: 9 }, suspect: ['levelM'] }), station, LOW_WATER)).toBeNull();
    expect(stageAfter(reading({ metrics: { rain10minMm: 9 } }), station, LOW_WATER)).toBeNull();
  });

  it('is raised, changed with the stage, and cleared an hour after the lowest stage was left', () => {
    const raised = riverEdge(gauge, station, stage(1), null, T0);
    expect(raised).toMatchObject({ kind: 'raised', alarm: { severity: 'warning', text: 'Báo động 1 · Trà Khúc' } });
    const first = standing(raised);
    expect(riverEdge(gauge, station, stage(1), first, T0 + 1)).toBeNull();
    const changed = riverEdge(gauge, station, stage(3), first, T0 + 2);
    expect(changed).toMatchObject({ kind: 'changed', alarm: { severity: 'critical', raisedAtMs: T0 } });
    const below = riverEdge(gauge, station, stage(0, T0 + 3), standing(changed), T0 + 3);
    expect(below).toMatchObject({ kind: 'changed', alarm: { severity: 'critical' } });
    const kept = standing(below);
    expect(riverEdge(gauge, station, stage(0, T0 + 3), kept, T0 + CLEAR_AFTER_MS)).toBeNull();
    expect(riverEdge(gauge, station, stage(0, T0 + 3), kept, T0 + 3 + CLEAR_AFTER_MS)).toMatchObject({
      kind: 'cleared',
      clearedAtMs: T0 + 3 + CLEAR_AFTER_MS,
    });
  });

  it('remembers its stage over a restart', () => {
    const alarm = standing(riverEdge(gauge, station, stage(2.5), null, T0));
    expect(keptStage(alarm)).toMatchObject({ rank: 2.5, belowSinceMs: null });
    const below = standing(riverEdge(gauge, station, stage(0, T0), alarm, T0));
    expect(keptStage(below)).toMatchObject({ rank: 0, belowSinceMs: T0 });
  });
});

describe('the alarm on a clock', () => {
  it('is raised once while readings are taken by arrival, and cleared by three good ones', () => {
    const raised = clockEdge(reading({ clockOffsetMs: -300_000 }), 0, null);
    expect(raised).toMatchObject({
      kind: 'raised',
      alarm: { severity: 'warning', text: 'Đồng hồ thiết bị lệch −300 s' },
    });
    const alarm = standing(raised);
    expect(clockEdge(reading({ clockOffsetMs: -301_000 }), 0, alarm)).toBeNull();
    expect(clockEdge(reading(), 2, alarm)).toBeNull();
    expect(clockEdge(reading(), 3, alarm)).toMatchObject({ kind: 'cleared' });
  });
});
