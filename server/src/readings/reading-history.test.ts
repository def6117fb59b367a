import { describe, expect, test } from 'vitest';
import type { Resolution } from '@ioc/contract';
import {
  exceedsPoints,
  gapMs,
  pointsEach,
  resolutionsFor,
  toHistory,
  toMetricHistory,
  type Reach,
} from './reading-history.js';

const NOW = Date.parse('2026-11-22T05:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FOREVER: Reach = { rawMs: Infinity, rollup5minMs: Infinity, rollup1hMs: Infinity };
const TIMESCALE: Reach = { rawMs: 90 * DAY, rollup5minMs: 730 * DAY, rollup1hMs: 3_650 * DAY };

function finest(spanMs: number, endedAgoMs = 0, reach = FOREVER): string | undefined {
  const toMs = NOW - endedAgoMs;
  return resolutionsFor({
    fromMs: toMs - spanMs,
    toMs,
    nowMs: NOW,
    reportingIntervalMs: 10_000,
    maxPoints: 2_000,
    reach,
  })[0];
}

describe('the resolution of an answer', () => {
  test('is the finest that gives at most 2,000 points', () => {
    expect(finest(2_000 * 10_000)).toBe('raw');
    expect(finest(2_000 * 10_000 + 1)).toBe('5min');
    expect(finest(2_000 * 300_000)).toBe('5min');
    expect(finest(2_000 * 300_000 + 1)).toBe('1h');
    expect(finest(2_000 * HOUR)).toBe('1h');
    expect(finest(2_000 * HOUR + 1)).toBe('1d');
    expect(finest(20 * 365 * DAY)).toBe('1d');
  });

  test('is one that still reaches back to the beginning of the span', () => {
    expect(finest(HOUR, 89 * DAY, TIMESCALE)).toBe('raw');
    expect(finest(HOUR, 90 * DAY, TIMESCALE)).toBe('5min');
    expect(finest(HOUR, 800 * DAY, TIMESCALE)).toBe('1h');
    expect(finest(HOUR, 4_000 * DAY, TIMESCALE)).toBe('1d');
  });

  test('may be asked for only where it keeps to the number of points', () => {
    const exceeds = (resolution: Resolution, spanMs: number, maxPoints = 2_000) =>
      exceedsPoints(resolution, {
        fromMs: NOW - spanMs,
        toMs: NOW,
        nowMs: NOW,
        reportingIntervalMs: 10_000,
        maxPoints,
        reach: FOREVER,
      });
    expect(exceeds('raw', HOUR)).toBe(false);
    expect(exceeds('raw', HOUR, 300)).toBe(true);
    expect(exceeds('raw', DAY)).toBe(true);
    expect(exceeds('1h', 365 * DAY)).toBe(true);
    expect(exceeds('1d', 365 * DAY)).toBe(false);
  });

  test('leaves each of many devices its share of 20,000 points', () => {
    expect(pointsEach(1)).toBe(2_000);
    expect(pointsEach(10)).toBe(2_000);
    expect(pointsEach(50)).toBe(400);
  });
});

test('a gap is three missed readings, or a missing bucket, whichever is longer', () => {
  expect(gapMs('raw', 60_000)).toBe(180_000);
  expect(gapMs('raw', 1_000)).toBe(30_000);
  expect(gapMs('1h', 60_000)).toBe(1.5 * HOUR);
  expect(gapMs('5min', HOUR)).toBe(3 * HOUR);
});

test('averages carry one decimal more than the metric, missing values stay missing', () => {
  const metric = { name: 'rttMs', column: 'rtt_ms', kind: 'number', decimals: 1 } as const;
  const rows = [
    { device_no: 1, at_ms: 1.4, average_0: 10.123456, minimum_0: 9.5, maximum_0: 11.25, suspect_0: 0, last_0: null },
    { device_no: 1, at_ms: 2, average_0: null, minimum_0: null, maximum_0: null, suspect_0: 2, last_0: 99 },
    { device_no: 1, at_ms: 3, average_0: null, minimum_0: null, maximum_0: null, suspect_0: 0, last_0: null },
  ];
  const { atMs, series } = toHistory({ no: 1, id: 'LINK-1', reportingIntervalMs: 5_000 }, '5min', [metric], rows);
  expect(atMs).toEqual([1, 2, 3]);
  expect(series).toEqual([
    {
      metric: 'rttMs',
      average: [10.12, 99, null],
      minimum: [9.5, null, null],
      maximum: [11.25, null, null],
      suspect: [1],
    },
  ]);
});

test('many devices come in the order in which they were asked for, each with its own times', () => {
  const metric = { name: 'rttMs', column: 'rtt_ms', kind: 'number', decimals: 1 } as const;
  const devices = [
    { no: 2, id: 'LINK-2', reportingIntervalMs: 5_000 },
    { no: 3, id: 'LINK-3', reportingIntervalMs: 5_000 },
    { no: 1, id: 'LINK-1', reportingIntervalMs: 60_000 },
  ];
  const rows = [
    { device_no: 1, at_ms: 10, suspect: null, average_0: 1 },
    { device_no: 2, at_ms: 20, suspect: null, average_0: 2 },
    { device_no: 2, at_ms: 30, suspect: ['rttMs'], average_0: 3 },
  ];
  expect(toMetricHistory(devices, 'raw', metric, rows).devices).toEqual([
    { deviceId: 'LINK-2', gapMs: 30_000, atMs: [20, 30], average: [2, 3], minimum: null, maximum: null, suspect: [1] },
    { deviceId: 'LINK-3', gapMs: 30_000, atMs: [], average: [], minimum: null, maximum: null, suspect: [] },
    { deviceId: 'LINK-1', gapMs: 180_000, atMs: [10], average: [1], minimum: null, maximum: null, suspect: [] },
  ]);
});
