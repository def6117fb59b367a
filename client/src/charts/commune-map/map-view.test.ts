import { describe, expect, it } from 'vitest';
import { fit, toPixels, toPlane, transformBetween } from './map-view.js';

const box = { minX: -100, minY: -80, maxX: 100, maxY: 80 };

describe('a view of the map', () => {
  it('shows a box whole and centred', () => {
    const view = fit(box, 1000, 600, 20);
    expect(toPixels(view, [0, 0])).toEqual([500, 300]);
    expect(toPixels(view, [0, 80])[1]).toBeCloseTo(20);
    expect(toPixels(view, [-100, 0])[0]).toBeGreaterThan(20);
  });

  it('leads back from pixels to the plane', () => {
    const view = fit(box, 777, 333, 5);
    const [x, y] = toPlane(view, toPixels(view, [12.5, -33]));
    expect(x).toBeCloseTo(12.5);
    expect(y).toBeCloseTo(-33);
  });

  it('moves what was drawn to where another view would draw it', () => {
    const drawn = fit(box, 1000, 600, 0);
    const wanted = { ...drawn, scale: drawn.scale * 2, left: drawn.left - 130, top: drawn.top + 40 };
    const numbers =
      transformBetween(drawn, wanted)
        .match(/-?\d+(\.\d+)?/g)
        ?.map(Number) ?? [];
    const [x = 0, y = 0, ratio = 0] = numbers;
    const [px, py] = toPixels(drawn, [31, 17]);
    const [wantedX, wantedY] = toPixels(wanted, [31, 17]);
    expect(px * ratio + x).toBeCloseTo(wantedX);
    expect(py * ratio + y).toBeCloseTo(wantedY);
  });
});
