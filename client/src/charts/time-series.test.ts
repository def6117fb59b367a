import { describe, expect, it } from 'vitest';
import { axisSpan, drawnSeries, type TimeSeries } from './time-series.js';

const minute = 60_000;

function raw(atMs: number[], values: (number | null)[], suspect: number[] = []): TimeSeries {
  return { atMs, values, minimum: null, maximum: null, suspect, gapMs: 3 * minute };
}

describe('what a time chart draws', () => {
  it('breaks the line where nothing was heard for longer than the gap', () => {
    const { line } = drawnSeries(raw([0, minute, 10 * minute], [1, 2, 3]));
    expect(line).toEqual([
      [0, 1],
      [minute, 2],
      [minute + 1, null],
      [10 * minute, 3],
    ]);
  });

  it('does not break the line at exactly the allowed distance', () => {
    const { line } = drawnSeries(raw([0, 3 * minute], [1, 2]));
    expect(line.map(([, value]) => value)).toEqual([1, 2]);
  });

  it('keeps a metric that was not sent as a break, not as zero', () => {
    const { line } = drawnSeries(raw([0, minute, 2 * minute], [1, null, 3]));
    expect(line.map(([, value]) => value)).toEqual([1, null, 3]);
  });

  it('puts a suspect raw value beside the line, hollow, without breaking it', () => {
    const { line, hollow, extent } = drawnSeries(raw([0, 2 * minute, 4 * minute], [1, 99, 2], [1]));
    expect(hollow).toEqual([[2 * minute, 99]]);
    expect(line).toEqual([
      [0, 1],
      [4 * minute, 2],
    ]);
    expect(extent).toEqual({ min: 1, max: 99 });
  });

  it('keeps a bucket with suspect values in the line and draws its band from least to greatest', () => {
    const drawn = drawnSeries({
      atMs: [0, 5 * minute],
      values: [2, 3],
      minimum: [1, 2],
      maximum: [4, 9],
      suspect: [1],
      gapMs: 10 * minute,
    });
    expect(drawn.line.map(([, value]) => value)).toEqual([2, 3]);
    expect(drawn.hollow).toEqual([[5 * minute, 3]]);
    expect(drawn.band).toEqual({
      lower: [
        [0, 1],
        [5 * minute, 2],
      ],
      height: [
        [0, 3],
        [5 * minute, 7],
      ],
    });
    expect(drawn.extent).toEqual({ min: 1, max: 9 });
  });

  it('names the points that stand alone between gaps, because a line would not show them', () => {
    const { lone } = drawnSeries(raw([0, minute, 10 * minute, 20 * minute], [1, 2, 3, 4]));
    expect(lone).toEqual([
      [10 * minute, 3],
      [20 * minute, 4],
    ]);
  });

  it('has no extent when nothing was measured', () => {
    expect(drawnSeries(raw([], [])).extent).toBeNull();
    expect(drawnSeries(raw([0], [null])).extent).toBeNull();
  });
});

describe('the value axis', () => {
  it('is not flattened by a limit far above what was measured', () => {
    const span = axisSpan(
      { min: 10, max: 20 },
      [{ value: 50 }, { value: 150 }, { value: 450 }],
      { min: 0, max: 10_000 },
      1,
    );
    expect(span.max).toBeLessThan(45);
    expect(span.min).toBeGreaterThanOrEqual(0);
  });

  it('shows a limit that is near', () => {
    const span = axisSpan({ min: 40, max: 49 }, [{ value: 50 }, { value: 150 }], { min: 0, max: 10_000 }, 1);
    expect(span.max).toBeGreaterThan(50);
    expect(span.max).toBeLessThan(150);
  });

  it('does not blow up noise in the last decimal', () => {
    const span = axisSpan({ min: 54.01, max: 54.02 }, [], { min: 0, max: 65 }, 2);
    expect(span.max - span.min).toBeGreaterThanOrEqual(0.3);
  });

  it('always shows a level that must be seen, far from zero as it is close', () => {
    const levels = [
      { value: 518, always: true },
      { value: 519.5, always: true },
    ];
    const span = axisSpan({ min: 519.3, max: 519.32 }, levels, { min: -5, max: 1_500 }, 2);
    expect(span.min).toBeLessThan(518);
    expect(span.max).toBeGreaterThan(519.5);
    expect(span.max - span.min).toBeLessThan(3);
  });

  it('never leaves what is physically possible, except for a value that did', () => {
    const percent = { min: 0, max: 100 };
    expect(axisSpan({ min: 1, max: 99 }, [], percent, 0)).toEqual({ min: 0, max: 100 });
    expect(axisSpan({ min: 0, max: 130 }, [], percent, 0).max).toBe(130);
  });
});
