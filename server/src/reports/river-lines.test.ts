import { describe, expect, test } from 'vitest';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { compareRivers, riverLine } from './river-lines.js';

const HOUR = 3_600_000;
const gauge = (station: string): RegisteredDevice => ({
  no: 1,
  id: 'FLOOD-1',
  deviceClass: 'flood',
  name: station,
  communeCode: '21172',
  owner: 'PROVINCE',
  siteId: null,
  hubId: null,
  gatewayId: null,
  lat: 15,
  lon: 108,
  hardened: false,
  reportingIntervalMs: 60_000,
  attributes: { kind: 'river', river: 'x', station, terrain: 'plain' },
  version: 1,
});
const sample = (atMs: number, levelM: number | null) => ({ atMs, levelM });

describe('a river in the report', () => {
  test('says its level, how fast it rises, and when it would reach the next level (BĐ2 5.0 m)', () => {
    const line = riverLine(gauge('Trà Khúc'), sample(10 * HOUR, 4.5), sample(9 * HOUR, 4.25));
    expect(line).toMatchObject({ alarmLevel: 1, risePerHourM: 0.25, confirmed: true });
    expect(line?.nextLevelAt).toBe(new Date(12 * HOUR).toISOString());
  });

  test('foretells nothing while it falls or stands, above the last level, or further ahead than a day', () => {
    const next = (nowM: number, beforeM: number) =>
      riverLine(gauge('Trà Khúc'), sample(10 * HOUR, nowM), sample(9 * HOUR, beforeM))?.nextLevelAt;
    expect(next(4.5, 4.6)).toBeNull();
    expect(next(4.5, 4.48)).toBeNull();
    expect(next(7.5, 7)).toBeNull();
    expect(next(1, 0.94)).toBeNull();
  });

  test('without two samples has no rise, without one no level', () => {
    expect(riverLine(gauge('Trà Khúc'), sample(10 * HOUR, 4.5), null)).toMatchObject({ risePerHourM: null });
    expect(riverLine(gauge('Trà Khúc'), null, null)).toMatchObject({ levelM: null, alarmLevel: null, at: null });
  });

  test('leaves out levels that are not confirmed, and says so', () => {
    // Sơn Giang: only BĐ2, not confirmed.
    expect(riverLine(gauge('Sơn Giang'), sample(10 * HOUR, 36.5), null)).toMatchObject({
      alarmLevel: null,
      confirmed: false,
    });
  });

  test('is none for a gauge without a hydrological station', () => {
    expect(riverLine(gauge(''), sample(10 * HOUR, 1), null)).toBeNull();
  });

  test('the highest alarm level stands first, then the fastest', () => {
    const lines = [2, 6.6, 3.6].flatMap(
      (levelM) => riverLine(gauge('Trà Khúc'), sample(HOUR, levelM), sample(0, levelM)) ?? [],
    );
    expect(lines.sort(compareRivers).map(({ alarmLevel }) => alarmLevel)).toEqual([3, 1, 0]);
  });
});
