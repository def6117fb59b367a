import { ENDPOINTS } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { mapDevicesJson } from './map-devices.js';
import { buildRegister } from './register.js';
import type { RegisteredDevice } from './registered-device.js';

const registerOf = (devices: number) =>
  buildRegister({
    version: 7,
    organisations: [{ id: 'VNPT', name: 'VNPT "Quảng Ngãi"' }],
    feeds: [],
    sites: [],
    hubs: [],
    gateways: [],
    devices: Array.from({ length: devices }, (_, no): RegisteredDevice => ({
      no,
      id: `LINK-${no}`,
      deviceClass: 'link',
      name: `Xã ${no}`,
      communeCode: '21025',
      owner: 'VNPT',
      siteId: null,
      hubId: null,
      gatewayId: null,
      lat: 15,
      lon: 108,
      hardened: false,
      reportingIntervalMs: 5_000,
      attributes: { secret: 'not for the map' },
      version: 1,
    })),
  });

describe('the list of devices for the map', () => {
  it.each([0, 1, 999, 1_000, 1_001, 2_500])('is one JSON text, whole, of %i devices', (count) => {
    const register = registerOf(count);
    const parsed: unknown = JSON.parse([...mapDevicesJson(register)].join(''));
    const { registerVersion, organisations, items } = ENDPOINTS.mapDevices.response.parse(parsed);
    expect(registerVersion).toBe(7);
    expect(organisations).toEqual([{ id: 'VNPT', name: 'VNPT "Quảng Ngãi"' }]);
    expect(items.map(({ id }) => id)).toEqual([...register.devices.keys()]);
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });

  it('is never held whole', () => {
    const pieces = [...mapDevicesJson(registerOf(10_000))];
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(
      pieces.reduce((sum, { length }) => sum + length, 0) / 8,
    );
  });
});
