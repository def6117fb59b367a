import { describe, expect, it } from 'vitest';
import { buildRegister } from '../devices/register.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { basinsOf } from './basins.js';
import { aLink, deviceOf } from './conditions/condition.fixture.js';

const gauge = (id: string, communeCode: string, river: string): RegisteredDevice =>
  deviceOf({
    id,
    communeCode,
    attributes: { kind: river === '' ? 'rain' : 'river', river, station: '', terrain: 'plain' },
  });

describe('the basin of a gauge', () => {
  const devices = [
    gauge('UP', '21334', 'Trà Khúc'),
    gauge('DOWN', '21172', 'Trà Khúc'),
    gauge('RAIN', '21334', ''),
    gauge('OTHER', '23401', 'Pô Kô'),
    gauge('THIRD', '23401', 'Đăk Tờ Kan'),
    gauge('BETWEEN', '23401', ''),
    gauge('ISLAND', '21548', ''),
    aLink,
  ];
  const basins = basinsOf(
    buildRegister({ version: 1, organisations: [], feeds: [], devices, sites: [], hubs: [], gateways: [] }),
  );
  const of = (id: string) => {
    const device = devices.find((each) => each.id === id);
    return device === undefined ? [] : [...basins.gaugesOf(device)].sort();
  };

  it('is that of the river that the register names, whatever commune they stand in', () => {
    expect(of('DOWN')).toEqual(['DOWN', 'RAIN', 'UP']);
    expect(of('OTHER')).toEqual(['BETWEEN', 'OTHER']);
  });

  it('of a rain gauge without a river is that of the rivers of its commune', () => {
    expect(of('RAIN')).toEqual(['DOWN', 'RAIN', 'UP']);
    expect(of('BETWEEN')).toEqual(['BETWEEN', 'OTHER', 'THIRD']);
  });

  it('is the gauge alone where there is no river, and nothing for what is no gauge', () => {
    expect(of('ISLAND')).toEqual(['ISLAND']);
    expect(of(aLink.id)).toEqual([]);
  });
});
