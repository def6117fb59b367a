import { describe, expect, test } from 'vitest';
import { exceedsPoints, gapMs, resolutionsFor, toHistory, type Reach } from './reading-history.js';

const NOW = Date.parse('2026-11-22T05:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FOREVER: Reach = { rawMs: Infinity, rollup5minMs: Infinity, rollup1hMs: Infinity };
const TIMESCALE: Reach = { rawMs: 90 * DAY, rollup5minMs: 730 * DAY, rollup1hMs: 3_650 * DAY };

function finest(spanMs: number, endedAgoMs = 0, reach = FOREVER): string | undefined {
  const toMs = NOW - endedAgoMs;
  return resolutionsFor({ fromMs: toMs - spanMs, toMs, nowMs: NOW, reportingIntervalMs: 10_000, reach })[0];
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

  test('may be asked for only where it keeps to 2,000 points', () => {
    expect(exceedsPoints('raw', HOUR, 10_000)).toBe(false);
    expect(exceedsPoints('raw', DAY, 10_000)).toBe(true);
    expect(exceedsPoints('1h', 365 * DAY, 10_000)).toBe(true);
    expect(exceedsPoints('1d', 365 * DAY, 10_000)).toBe(false);
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
    { at_ms: 1.4, average_0: 10.123456, minimum_0: 9.5, maximum_0: 11.25, suspect_0: 0, last_0: null },
    { at_ms: 2, average_0: null, minimum_0: null, maximum_0: null, suspect_0: 2, last_0: 99 },
    { at_ms: 3, average_0: null, minimum_0: null, maximum_0: null, suspect_0: 0, last_0: null },
  ];
  const { atMs, series } = toHistory('LINK-1', '5min', 5_000, [metric], rows);
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
