import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aLink, after, defaultReadingRule, readingOf, surroundings } from './condition.fixture.js';

const MINUTE = 60_000;
const rule = defaultReadingRule('link.rttMs');
/** A link at so many milliseconds for 6 minutes, longer than its rule waits. */
const held = (rttMs: number, fromMs = 0) =>
  Array.from({ length: 73 }, (_, index) => readingOf(aLink, fromMs + index * 5_000, { rttMs }));
const usual = (median: number | null) => surroundings({ medianOf: () => median });
const verdictAt = (rttMs: number, median: number | null) =>
  rule.verdict(after(rule, held(rttMs), usual(median)), aLink, usual(median));

describe('the round trip of a link', () => {
  it('warns above three times what is usual for it, and says so', () => {
    expect(verdictAt(90, 32)).toBeNull();
    expect(verdictAt(97, 32)).toMatchObject({
      severity: 'warning',
      text: {
        vi: 'Độ trễ cao (> 96 ms = 3 × trung vị 7 ngày 32 ms)',
        en: 'Round trip high (> 96 ms = 3 × the 7-day median of 32 ms)',
      },
      detail: { metric: 'rttMs', limit: 96, median: 32 },
    });
  });

  it('never warns below the floor, which is also that of a link of which too little is known', () => {
    expect(verdictAt(50, 8)).toBeNull();
    expect(verdictAt(51, 8)?.text).toEqual({
      vi: 'Độ trễ cao (> 50 ms, mức sàn: 3 × trung vị 7 ngày 8 ms thấp hơn)',
      en: 'Round trip high (> 50 ms, the floor: 3 × the 7-day median of 8 ms is less)',
    });
    expect(verdictAt(51, null)?.text).toEqual({
      vi: 'Độ trễ cao (> 50 ms, mức sàn: chưa đủ số liệu 7 ngày)',
      en: 'Round trip high (> 50 ms, the floor: too little is known of the last 7 days)',
    });
  });

  it('has fixed limits for what is worse, whatever is usual', () => {
    expect(verdictAt(160, 32)).toMatchObject({ severity: 'minor', text: { vi: 'Độ trễ cao (> 150 ms)' } });
    expect(verdictAt(451, 32)).toMatchObject({ severity: 'major' });
    // Where even three times the usual is above it, the fixed one still holds.
    expect(verdictAt(160, 100)).toMatchObject({ severity: 'minor' });
  });

  it('is held by a fifth of the limit that applies', () => {
    const around = usual(32);
    const warned = after(rule, held(97), around);
    const still = after(rule, [...held(77, 10 * MINUTE), ...held(77, 30 * MINUTE)], around, warned);
    expect(rule.verdict(still, aLink, around)).not.toBeNull();
    expect(after(rule, [...held(76, 50 * MINUTE), ...held(76, 70 * MINUTE)], around, still)).toBeNull();
  });

  it('is judged by the floor at least, so that a calm link costs a comparison', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1_000, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        (median, rttMs) => {
          expect(rule.rests?.mildest).toBe(50);
          expect(after(rule, held(rttMs), usual(median))).toBeNull();
        },
      ),
    );
  });
});
