import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aLink, after, defaultReadingRule, readingOf, surroundings } from './condition.fixture.js';
import { MOST_SAMPLES } from './samples.js';
import { addToWindow, sustainedValue } from './sustained.js';
import type { Sample } from './track.js';

const MINUTE = 60_000;
const EVERY = 5_000;
const rule = defaultReadingRule('link.lossPercent');
/** A link's losses, one every 5 s from a moment on; each span is seconds at a percentage. */
function losses(spans: readonly (readonly [seconds: number, percent: number])[], fromMs = 0) {
  let atMs = fromMs;
  return spans.flatMap(([seconds, percent]) =>
    Array.from({ length: seconds / 5 }, () => readingOf(aLink, (atMs += EVERY), { lossPercent: percent })),
  );
}
const verdict = (track: ReturnType<typeof after>) => rule.verdict(track, aLink, surroundings());

describe('the loss of a link', () => {
  it('is an alarm once it was above the limit for 3 of 5 minutes, however they are spread', () => {
    expect(verdict(after(rule, losses([[170, 2]])))).toBeNull();
    expect(verdict(after(rule, losses([[180, 2]])))).toMatchObject({
      severity: 'warning',
      beganAtMs: EVERY,
      text: { vi: 'Mất gói cao (> 1 %)', en: 'Packet loss high (> 1 %)' },
    });
    const bursts = [1, 2, 3, 4].flatMap(() => [[45, 2] as const, [30, 0] as const]);
    expect(verdict(after(rule, losses(bursts)))).toMatchObject({ severity: 'warning' });
    // Two minutes of five are not enough, for as long as it goes on.
    const rare = Array.from({ length: 20 }, () => [[24, 2] as const, [36, 0] as const]).flat();
    expect(verdict(after(rule, losses(rare)))).toBeNull();
  });

  it('is major above 5 % for 3 of 5 minutes, and each severity has its own hysteresis', () => {
    const major = after(rule, losses([[180, 6]]));
    expect(verdict(major)).toMatchObject({ severity: 'major' });
    // Back by less than 2 points: still major, for any time.
    const held = after(rule, losses([[1_800, 3.1]], 180_000), surroundings(), major);
    expect(verdict(held)).toMatchObject({ severity: 'major' });
    const milder = after(rule, losses([[1_800, 2.9]], 1_980_000), surroundings(), held);
    expect(verdict(milder)).toMatchObject({ severity: 'warning' });
    const still = after(rule, losses([[1_800, 0.6]], 3_780_000), surroundings(), milder);
    expect(verdict(still)).toMatchObject({ severity: 'warning' });
    // The 3 minutes leave the window 2 minutes after the last; 10 minutes later it is over.
    expect(verdict(after(rule, losses([[710, 0.4]], 5_580_000), surroundings(), still))).not.toBeNull();
    expect(after(rule, losses([[1_080, 0.4]], 5_580_000), surroundings(), still)).toBeNull();
  });

  it('of a calm link is not remembered', () => {
    expect(after(rule, losses([[3_600, 0.9]]))).toBeNull();
    expect(
      after(
        rule,
        losses([
          [30, 2],
          [3_600, 0],
        ]),
      ),
    ).toBeNull();
  });

  it('goes on from what was kept over a restart', () => {
    const before = after(rule, losses([[120, 2]]));
    const kept = JSON.parse(JSON.stringify(before)) as typeof before;
    expect(verdict(after(rule, losses([[60, 2]], 120_000), surroundings(), kept))).not.toBeNull();
  });
});

describe('what was reached for so many of so many minutes', () => {
  const values = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 200 });
  const windowOf = (series: readonly number[], of: number): readonly Sample[] =>
    series.reduce<readonly Sample[]>((kept, value, index) => addToWindow(kept, (index + 1) * EVERY, value, of), []);

  it('is past a limit exactly when the samples of the window were for that long', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 10, noNaN: true }), (series, limit) => {
        const window = windowOf(series, 5);
        const measured = sustainedValue(window, { minutes: 3, of: 5 }, true, EVERY);
        const seconds = series.slice(-60).filter((value) => value > limit).length * 5;
        expect(measured !== null && measured > limit).toBe(seconds >= 180);
      }),
    );
  });

  it('counts a gap as a minute at most, and silence never as a loss', () => {
    const sparse: readonly Sample[] = [
      [0, 6],
      [4 * MINUTE, 6],
    ];
    expect(sustainedValue(sparse, { minutes: 3, of: 5 }, true, EVERY)).toBeNull();
    expect(sustainedValue(sparse, { minutes: 1, of: 5 }, true, EVERY)).toBe(6);
  });

  it('costs no memory without end, however fast a sensor speaks', () => {
    let window: readonly Sample[] = [];
    for (let index = 1; index <= 3_000; index += 1) window = addToWindow(window, index * 200, 6, 5);
    expect(window.length).toBeLessThanOrEqual(MOST_SAMPLES);
    expect(sustainedValue(window, { minutes: 4, of: 5 }, true, 200)).toBeCloseTo(6);
  });
});
