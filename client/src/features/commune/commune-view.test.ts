import { describe, expect, it } from 'vitest';
import type { DeviceLive, MapDevice } from '@ioc/contract';
import { byOwner, devicesOf, incidentsOf, isAbnormal, withStates, type CommuneIncident } from './commune-view.js';

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

describe('the incidents of a commune', () => {
  const incident = (change: Partial<CommuneIncident>): CommuneIncident => ({
    state: 'open',
    kind: 'single',
    severity: 'minor',
    communeCode: '21025',
    communeCodes: ['21025'],
    beganAt: '2026-11-22T20:00:00+07:00',
    ...change,
  });

  it('are those that touch it, wherever most of them is, and no others', () => {
    const hub = incident({ kind: 'hubDown', communeCode: '23293', communeCodes: ['23293', '21025'] });
    expect(incidentsOf('21025', [hub, incident({ communeCode: '23293', communeCodes: ['23293'] })])).toEqual([hub]);
  });

  it('begin with its isolation and end with what is over', () => {
    const over = incident({ state: 'closed', severity: 'critical' });
    const isolated = incident({ kind: 'communeIsolated', severity: 'major' });
    const critical = incident({ kind: 'hubDown', severity: 'critical' });
    expect(incidentsOf('21025', [over, critical, isolated])).toEqual([isolated, critical, over]);
  });
});
