import { describe, expect, test } from 'vitest';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { lateBeforeMs, lateHours, settlingAt } from './late-readings.js';
import type { Reading } from './reading.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.parse('2026-11-22T05:00:00Z');

const device = (no: number): RegisteredDevice => ({
  no,
  id: `LINK-${no}`,
  deviceClass: 'link',
  name: `link ${no}`,
  communeCode: '21025',
  owner: 'VNPT',
  siteId: null,
  hubId: null,
  gatewayId: null,
  lat: 15.1,
  lon: 108.8,
  hardened: false,
  reportingIntervalMs: 5_000,
  attributes: {},
  version: 1,
});
const reading = (no: number, atMs: number): Reading => ({
  device: device(no),
  atMs,
  receivedAtMs: atMs,
  effectiveAtMs: atMs,
  seq: null,
  live: true,
  clockOffsetMs: null,
  metrics: {},
  suspect: [],
});

describe('late readings', () => {
  test.each([1, 10, 60, 600])(
    'are noted whenever their hour may be stored before their transaction ends, at %d times the speed',
    (speed) => {
      const settling = settlingAt(speed);
      for (let nowMs = NOON; nowMs < NOON + 2 * HOUR; nowMs += 7 * MINUTE) {
        const noted = lateBeforeMs(nowMs, -Infinity, settling);
        const lastCommitMs = nowMs + settling.uncommittedMs;
        // The newest hour whose end has settled when that transaction ends.
        const storedUntilMs = Math.floor((lastCommitMs - settling.settledMs) / HOUR) * HOUR;
        expect(noted).toBeGreaterThanOrEqual(storedUntilMs);
      }
    },
  );

  test('are not those that come within minutes', () => {
    expect(lateBeforeMs(NOON, -Infinity, settlingAt(1))).toBe(NOON - HOUR);
    expect(lateBeforeMs(NOON + 5 * MINUTE, -Infinity, settlingAt(1))).toBe(NOON);
    expect(lateBeforeMs(NOON + 64 * MINUTE, -Infinity, settlingAt(1))).toBe(NOON);
  });

  test('are all that is older than what was stored before the clock was set back', () => {
    expect(lateBeforeMs(NOON, NOON + 3 * HOUR, settlingAt(1))).toBe(NOON + 3 * HOUR);
  });

  test('name each hour of a device once', () => {
    const batch = [
      reading(1, NOON - 2 * HOUR),
      reading(1, NOON - 2 * HOUR + 59 * MINUTE),
      reading(2, NOON - HOUR - 1),
      reading(1, NOON - 1),
      reading(1, NOON),
    ];
    expect(lateHours(batch, NOON)).toEqual([
      { deviceNo: 1, hourMs: NOON - 2 * HOUR },
      { deviceNo: 2, hourMs: NOON - 2 * HOUR },
      { deviceNo: 1, hourMs: NOON - HOUR },
    ]);
    expect(lateHours(batch, -Infinity)).toEqual([]);
  });
});
