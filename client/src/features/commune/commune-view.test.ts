import { describe, expect, it } from 'vitest';
import type { DeviceLive, MapDevice } from '@ioc/contract';
import { byOwner, devicesOf, isAbnormal, withStates } from './commune-view.js';

function station(id: string, owner = 'VNPT', communeCode = '21025'): MapDevice {
  return { id, deviceClass: 'bts', name: `Trạm ${id}`, communeCode, owner, siteId: null, lat: 15.1, lon: 108.8 };
}

function live(change: Partial<DeviceLive> = {}): DeviceLive {
  return {
    connectivity: 'up',
    lastKnown: 'up',
    sinceMs: 0,
    severity: null,
    onBattery: false,
    alarmLevel: null,
    ...change,
  };
}

const devices = new Map(
  [station('1'), station('2'), station('3', 'VIETTEL'), station('4', 'VIETTEL'), station('9', 'VNPT', '23293')].map(
    (device) => [device.id, device],
  ),
);
const states = new Map<string, DeviceLive>([
  ['1', live()],
  ['2', live({ connectivity: 'down', lastKnown: 'down' })],
  ['3', live({ connectivity: 'blind', lastKnown: 'up', onBattery: true })],
  ['4', live({ severity: 'minor' })],
]);

describe('the devices of a commune', () => {
  it('stand with what is wrong first, and those of other communes are left out', () => {
    expect(withStates(devicesOf('21025', devices), states).map(({ device }) => device.id)).toEqual([
      '2',
      '3',
      '4',
      '1',
    ]);
  });

  it('are abnormal unless up, without an alarm and on mains', () => {
    const abnormal = withStates(devicesOf('21025', devices), states).filter(isAbnormal);
    expect(abnormal.map(({ device }) => device.id)).toEqual(['2', '3', '4']);
  });

  it('are counted by operator as they were last known while we are blind', () => {
    const owners = byOwner(withStates(devicesOf('21025', devices), states), 'bts');
    expect(owners).toEqual([
      { owner: 'VIETTEL', total: 2, up: 2, down: 0, stale: 0, blind: 1, onBattery: 1 },
      { owner: 'VNPT', total: 2, up: 1, down: 1, stale: 0, blind: 0, onBattery: 0 },
    ]);
  });

  it('count as stale before anything was heard of them', () => {
    expect(byOwner(withStates(devicesOf('23293', devices), states), 'bts')[0]).toMatchObject({ total: 1, stale: 1 });
  });
});
