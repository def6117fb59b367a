import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PendingRanges } from './pending-ranges.js';

/** A database that refuses every range with one of these items in it. */
function commitAll(
  length: number,
  bad: ReadonlySet<number>,
): { readonly committed: number[]; readonly refused: number[] } {
  const pending = new PendingRanges(length);
  const committed: number[] = [];
  for (let range = pending.next; range !== null; range = pending.next) {
    const { from, to } = range;
    const items = Array.from({ length: to - from }, (_, index) => from + index);
    if (items.some((item) => bad.has(item))) {
      pending.onRefused(new Error('bad'));
    } else {
      committed.push(...items);
      pending.onCommitted();
    }
  }
  return { committed, refused: pending.refused.map(({ index }) => index) };
}

test('everything good is committed once and in order, and exactly the bad items are found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.array(fc.nat(199), { maxLength: 10 }), (length, marks) => {
      const bad = new Set(marks.filter((mark) => mark < length));
      const all = Array.from({ length }, (_, index) => index);
      expect(commitAll(length, bad)).toEqual({
        committed: all.filter((item) => !bad.has(item)),
        refused: all.filter((item) => bad.has(item)),
      });
    }),
  );
});

test('an empty batch is one range, for its rejections', () => {
  const pending = new PendingRanges(0);
  expect(pending.next).toEqual({ from: 0, to: 0 });
  expect(pending.last).toBe(true);
  pending.onCommitted();
  expect(pending.next).toBeNull();
  expect(pending.committedAny).toBe(false);
});
