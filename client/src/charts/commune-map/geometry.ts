import type { Point } from './projection.js';
import type { CommuneShape } from './schematic-cells.js';

export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

type Polygons = CommuneShape['polygons'];

export function boxOf(shapes: readonly { readonly polygons: Polygons }[]): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { polygons } of shapes) {
    for (const [outer = []] of polygons) {
      for (const [x, y] of outer) {
        if (x < minX) minX = x;
        if (x > maxX) maxX = x;
        if (y < minY) minY = y;
        if (y > maxY) maxY = y;
      }
    }
  }
  return { minX, minY, maxX, maxY };
}

function insideRing(ring: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  let [previousX, previousY] = ring[ring.length - 1] ?? [0, 0];
  for (const [currentX, currentY] of ring) {
    if (currentY > y !== previousY > y) {
      const crossing = ((previousX - currentX) * (y - currentY)) / (previousY - currentY) + currentX;
      if (x < crossing) inside = !inside;
    }
    [previousX, previousY] = [currentX, currentY];
  }
  return inside;
}

/** Whether a point of the plane lies inside; the border counts as either. */
export function contains(polygons: Polygons, x: number, y: number): boolean {
  return polygons.some(
    ([outer = [], ...holes]) => insideRing(outer, x, y) && !holes.some((hole) => insideRing(hole, x, y)),
  );
}

/** Square kilometres of the outer rings less the holes. */
export function areaOf(polygons: Polygons): number {
  const ringArea = (ring: readonly Point[]): number => {
    let doubled = 0;
    let [previousX, previousY] = ring[ring.length - 1] ?? [0, 0];
    for (const [x, y] of ring) {
      doubled += previousX * y - x * previousY;
      [previousX, previousY] = [x, y];
    }
    return Math.abs(doubled) / 2;
  };
  return polygons.reduce(
    (sum, [outer = [], ...holes]) => sum + ringArea(outer) - holes.reduce((inner, hole) => inner + ringArea(hole), 0),
    0,
  );
}
