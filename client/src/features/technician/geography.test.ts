import { describe, expect, it } from 'vitest';
import type { MapDevice } from '@ioc/contract';
import { directionsUrl, distanceM, formatDistance, pointOf } from './geography.js';

const station: MapDevice = {
  id: 'BTS-1',
  deviceClass: 'bts',
  name: 'Trạm 1',
  communeCode: '21115',
  owner: 'VIETTEL',
  siteId: 'SITE-1',
  lat: 15.2655,
  lon: 108.50248,
};
const devices = new Map([[station.id, station]]);
const sites = new Map([['SITE-1', station]]);
const at = (
  kind: 'device' | 'site' | 'hub',
  id: string,
  deviceId: string | null,
  communeCode: string | null = '21115',
) => pointOf({ place: { kind, id, name: id }, deviceId, communeCode }, devices, sites);

describe('distances', () => {
  it('are great circles: from Quảng Ngãi to Kon Tum 121 km', () => {
    const metres = distanceM({ lat: 15.1205, lon: 108.7923 }, { lat: 14.3497, lon: 108.0005 });
    expect(metres / 1_000).toBeCloseTo(120.8, 0);
    expect(distanceM(station, station)).toBe(0);
  });

  it.each([
    [0, 'vi', '0 m'],
    [330, 'vi', '350 m'],
    [3_240, 'vi', '3,2 km'],
    [3_240, 'en', '3.2 km'],
    [9_960, 'vi', '10 km'],
    [48_400, 'en', '48 km'],
  ] as const)('of %d m read %s: %s', (metres, locale, text) => {
    expect(formatDistance(metres, locale)).toBe(text);
  });
});

describe('the place of an incident', () => {
  it('is its device, or a device of its site', () => {
    expect(at('device', 'BTS-1', 'BTS-1')).toEqual({ lat: 15.2655, lon: 108.50248, exact: true });
    expect(at('site', 'SITE-1', null)).toEqual({ lat: 15.2655, lon: 108.50248, exact: true });
  });

  it('is said to be only its commune when nothing better is known, and nowhere without one', () => {
    expect(at('hub', 'H-07', null)).toMatchObject({ exact: false });
    expect(at('device', 'BTS-9', 'BTS-9')).toMatchObject({ exact: false });
    expect(at('hub', 'H-07', null, null)).toBeNull();
  });
});

it('directions open the navigation of an Android phone, and a map elsewhere, with nothing of a name left unescaped', () => {
  const name = 'Trạm "A" & (B)';
  expect(directionsUrl(station, name, 'Mozilla/5.0 (Linux; Android 14)')).toBe(
    'geo:15.265500,108.502480?q=15.265500,108.502480(Tr%E1%BA%A1m%20%22A%22%20%26%20(B))',
  );
  expect(directionsUrl(station, name, 'Mozilla/5.0 (iPhone)')).toBe(
    'https://www.google.com/maps/dir/?api=1&destination=15.265500%2C108.502480',
  );
});
