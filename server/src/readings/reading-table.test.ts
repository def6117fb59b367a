import { describe, expect, test } from 'vitest';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { daysOutside, insertParameters, readingsByClass, readingTable } from './reading-table.js';
import type { Reading } from './reading.js';

const NOON = Date.parse('2026-11-22T05:00:00Z');
const HOUR = 3_600_000;

function reading(deviceClass: RegisteredDevice['deviceClass'], more: Partial<Reading> = {}): Reading {
  const device: RegisteredDevice = {
    no: 7,
    id: `${deviceClass}-7`,
    deviceClass,
    name: '',
    communeCode: '21025',
    owner: 'VNPT',
    siteId: null,
    hubId: null,
    gatewayId: null,
    lat: 15,
    lon: 108,
    hardened: false,
    reportingIntervalMs: 10_000,
    attributes: {},
    version: 1,
  };
  return {
    device,
    atMs: NOON,
    receivedAtMs: NOON + 1,
    effectiveAtMs: NOON,
    seq: null,
    live: true,
    clockOffsetMs: null,
    metrics: {},
    suspect: [],
    ...more,
  };
}

describe('the parameters of an insert', () => {
  const link = readingTable('link');
  const column = (readings: readonly Reading[], name: string) =>
    insertParameters(link, readings)[5 + link.metrics.findIndex((metric) => metric.name === name)];

  test('are one array literal a column, metrics in the order of the class', () => {
    const parameters = insertParameters(link, [
      reading('link', { seq: 3, metrics: { rttMs: 12.5, linkUp: true }, suspect: ['rttMs', 'lossPercent'] }),
      reading('link', { metrics: { linkUp: false } }),
    ]);
    expect(parameters.slice(0, 7)).toEqual([
      '{7,7}',
      `{${NOON},${NOON}}`,
      `{${NOON + 1},${NOON + 1}}`,
      '{3,NULL}',
      '{"rttMs,lossPercent",NULL}',
      '{t,f}',
      '{12.5,NULL}',
    ]);
    expect(parameters).toHaveLength(5 + link.metrics.length);
  });

  test('keep a number that the column cannot hold as the nearest it can', () => {
    const values = [1e300, -1e300, 1e-300, Infinity, Number.NaN, 0];
    expect(
      column(
        values.map((rttMs) => reading('link', { metrics: { rttMs } })),
        'rttMs',
      ),
    ).toBe('{3.402823e+38,-3.402823e+38,0,3.402823e+38,NULL,0}');
  });

  test('take a value of the wrong type as absent', () => {
    expect(column([reading('link', { metrics: { rttMs: true } })], 'rttMs')).toBe('{NULL}');
    expect(column([reading('link', { metrics: { linkUp: 1 } })], 'linkUp')).toBe('{NULL}');
  });

  test('carry no name that is not a metric of the class', () => {
    expect(insertParameters(link, [reading('link', { suspect: ['"},{', 'levelM'] })])[4]).toBe('{NULL}');
  });
});

test('a batch is parted by class, classes without a reading left out', () => {
  const parted = readingsByClass([reading('link'), reading('bts'), reading('link')]);
  expect([...parted].map(([deviceClass, readings]) => [deviceClass, readings.length])).toEqual([
    ['bts', 1],
    ['link', 2],
  ]);
});

test('days are cut at midnight in Asia/Ho_Chi_Minh, and only those outside the span are named', () => {
  const midnight = Date.parse('2026-11-21T17:00:00Z');
  const readings = [midnight - 1, midnight, midnight + 23 * HOUR, midnight + 24 * HOUR].map((atMs) =>
    reading('bts', { atMs }),
  );
  expect(daysOutside(readings, Infinity, -Infinity)).toEqual([midnight - 24 * HOUR, midnight, midnight + 24 * HOUR]);
  expect(daysOutside(readings, midnight, midnight + 24 * HOUR)).toEqual([midnight - 24 * HOUR, midnight + 24 * HOUR]);
  expect(daysOutside(readings, -Infinity, Infinity)).toEqual([]);
});
