import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repairOutage, type OutageInterval } from './outage-repair.js';

const TOLERANCE = 30;
const served = (...moments: number[]) => moments.map((atMs) => ({ atMs, provesService: true }));
const alive = (...moments: number[]) => moments.map((atMs) => ({ atMs, provesService: false }));
const outage = (beganAtMs: number, endedAtMs: number | null, basis: OutageInterval['basis'] = 'inferred') => ({
  beganAtMs,
  endedAtMs,
  basis,
});

describe('late data', () => {
  it('that proves service in the middle splits the outage', () => {
    const repair = repairOutage(outage(100, 500), served(300), [], TOLERANCE);
    expect(repair).toEqual({
      kind: 'split',
      readingAtMs: 300,
      pieces: [
        { beganAtMs: 100, endedAtMs: 300, basis: 'inferred' },
        { beganAtMs: 300, endedAtMs: 500, basis: 'inferred' },
      ],
    });
  });

  it('that proves service from the beginning shortens it', () => {
    const repair = repairOutage(outage(100, 500), served(110, 130, 150), [], TOLERANCE);
    expect(repair).toMatchObject({ kind: 'shortened', pieces: [{ beganAtMs: 150, endedAtMs: 500 }] });
  });

  it('that proves service throughout removes it', () => {
    const moments = Array.from({ length: 19 }, (_, index) => 100 + index * 20 + 10);
    expect(repairOutage(outage(100, 500), served(...moments), [], TOLERANCE)).toMatchObject({
      kind: 'removed',
      pieces: [],
    });
  });

  it('that only shows that the device lived changes nothing', () => {
    expect(repairOutage(outage(100, 500), alive(300), [], TOLERANCE)).toBeNull();
  });

  it('that only shows that the device lived repairs where the way to us had failed', () => {
    const blind = [{ beganAtMs: 250, endedAtMs: 350 }];
    expect(repairOutage(outage(100, 500), alive(300, 400), blind, TOLERANCE)).toMatchObject({
      kind: 'split',
      readingAtMs: 300,
    });
  });

  it('moves the beginning of an open outage and leaves it open', () => {
    const repair = repairOutage(outage(100, null), served(120, 140), [], TOLERANCE);
    expect(repair).toMatchObject({ kind: 'shortened', pieces: [{ beganAtMs: 140, endedAtMs: null }] });
  });

  it('keeps what was said of the moment before the proof, and only infers what follows it', () => {
    const repair = repairOutage(outage(100, null, 'said'), served(110), [], TOLERANCE);
    expect(repair?.pieces).toEqual([
      { beganAtMs: 100, endedAtMs: 110, basis: 'said' },
      { beganAtMs: 110, endedAtMs: null, basis: 'inferred' },
    ]);
  });

  it('from outside the outage changes nothing', () => {
    expect(repairOutage(outage(100, 500), served(50, 100, 500, 600), [], TOLERANCE)).toBeNull();
  });

  it('never adds down time, whatever arrives in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 60 }),
        fc.constantFrom<OutageInterval['basis']>('said', 'inferred'),
        (moments, basis) => {
          const repair = repairOutage(outage(100, 900, basis), served(...moments), [], TOLERANCE);
          let from = 100;
          let down = 0;
          for (const piece of repair?.pieces ?? []) {
            expect(piece.beganAtMs).toBeGreaterThanOrEqual(from);
            from = piece.endedAtMs ?? 0;
            expect(from).toBeGreaterThan(piece.beganAtMs);
            down += from - piece.beganAtMs;
          }
          expect(from).toBeLessThanOrEqual(900);
          expect(down).toBeLessThanOrEqual(800);
        },
      ),
    );
  });
});
