import { describe, expect, it } from 'vitest';
import { placeLabels, type LabelWish } from './label-layout.js';

const wish = (code: string, x: number, must = false): LabelWish => ({
  code,
  x,
  y: 100,
  width: 60,
  height: 12,
  weight: 1,
  must,
});
const at = (wishes: readonly LabelWish[], taken: Parameters<typeof placeLabels>[1] = []) =>
  placeLabels(wishes, taken, 0);

describe('names on the map', () => {
  it('stand where they belong when there is room', () => {
    expect(at([wish('a', 100), wish('b', 200)])).toEqual([
      { code: 'a', x: 100, y: 100 },
      { code: 'b', x: 200, y: 100 },
    ]);
  });

  it('move a little for another, and are left out when that is not enough', () => {
    const crowd = [100, 105, 95, 100].map((y, index) => ({ ...wish('abcd'.charAt(index), 100), y }));
    const placed = at(crowd);
    expect(placed.map(({ code }) => code)).toEqual(['a', 'b', 'c']);
    expect(placed.map(({ y }) => Math.round(y))).toEqual([100, 116, 84]);
  });

  it('that must be shown are shown, and rather over a mark than over another name', () => {
    const crowd = [wish('a', 100, true), wish('b', 110, true)];
    // Nothing is free around the second: marks everywhere but at the first name.
    const marks = [
      { left: 0, top: 0, right: 300, bottom: 94 },
      { left: 0, top: 106, right: 300, bottom: 300 },
      { left: 131, top: 94, right: 300, bottom: 106 },
    ];
    const [first, second] = at(crowd, marks);
    expect(first).toEqual({ code: 'a', x: 100, y: 100 });
    const apart = Math.abs((second?.x ?? 0) - 100) >= 60 || Math.abs((second?.y ?? 0) - 100) >= 10;
    expect(apart).toBe(true);
  });
});
