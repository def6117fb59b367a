import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, defaultReadingRule, deviceOf, readingOf, surroundings } from './condition.fixture.js';
import { rainOver } from './rain-memory.js';
import type { Track } from './track.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const gauge = deviceOf();

describe('heavy rain', () => {
  const day = defaultReadingRule('flood.rain24hMm');
  const half = defaultReadingRule('flood.rain12hMm');
  const around = surroundings();
  const verdictOf = (rule: typeof day, metrics: Record<string, number>) =>
    rule.verdict(after(rule, [readingOf(gauge, 0, metrics)]), gauge, around)?.severity ?? null;

  it('is told with one sample: above 50 mm in 12 h, and above 100, 200 and 400 mm in 24 h', () => {
    expect([50, 50.2].map((rain12hMm) => verdictOf(half, { rain12hMm }))).toEqual([null, 'warning']);
    const totals = [100, 100.2, 200.2, 400.2];
    expect(totals.map((rain24hMm) => verdictOf(day, { rain24hMm }))).toEqual([null, 'minor', 'major', 'critical']);
  });

  it('is over when the total was back for 3 hours', () => {
    const wet = after(day, [readingOf(gauge, 0, { rain24hMm: 120 })]);
    const dry = (hours: number) => readingOf(gauge, hours * HOUR, { rain24hMm: 99 });
    expect(day.verdict(after(day, [dry(1), dry(3.9)], around, wet), gauge, around)).not.toBeNull();
    expect(after(day, [dry(1), dry(4)], around, wet)).toBeNull();
  });
});

describe('the rain that a gauge told of', () => {
  const memory = defaultReadingRule('flood.silent');
  const SPAN = 6 * HOUR;
  /** What is remembered of rain given minute by minute, mm; every minute says the rain of the hour before it. */
  const remembered = (minutes: readonly number[]): Track | null =>
    after(
      memory,
      minutes.map((_, index) => {
        const hour = minutes.slice(Math.max(0, index - 59), index + 1);
        return readingOf(gauge, (index + 1) * MINUTE, { rain1hMm: hour.reduce((sum, mm) => sum + mm, 0) });
      }),
    );
  const total = (minutes: readonly number[]) => minutes.reduce((sum, mm) => sum + mm, 0);

  it('is not remembered while it is dry, and forgotten when it was dry for as long as a rule looks back', () => {
    expect(remembered(Array.from({ length: 600 }, () => 0))).toBeNull();
    expect(remembered([...Array.from({ length: 60 }, () => 0.5), ...Array.from({ length: 500 }, () => 0)])).toBeNull();
  });

  it('is added up over six hours, however it came', () => {
    // Showers: so many minutes of one intensity, mm a minute.
    const shower = fc.tuple(fc.integer({ min: 5, max: 120 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(shower, { minLength: 1, maxLength: 12 }), (showers) => {
        const minutes = showers.flatMap(([length, mm]) => Array.from({ length }, () => mm));
        const fallen = total(minutes.slice(-360));
        const added = rainOver(remembered(minutes)?.samples ?? [], SPAN, minutes.length * MINUTE);
        expect(Math.abs(added - fallen)).toBeLessThanOrEqual(3 + 0.1 * fallen);
      }),
      { numRuns: 30 },
    );
  });

  it('counts on while the gauge is silent, and less as it lies back', () => {
    const rain = Array.from({ length: 360 }, () => 0.2);
    const samples = remembered(rain)?.samples ?? [];
    expect(rainOver(samples, SPAN, 6 * HOUR)).toBeCloseTo(72, 0);
    expect(rainOver(samples, SPAN, 9 * HOUR)).toBeCloseTo(36, 0);
    expect(rainOver(samples, SPAN, 12 * HOUR)).toBe(0);
  });
});
