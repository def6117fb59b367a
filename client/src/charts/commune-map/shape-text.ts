import type { Point } from './projection.js';
import type { CommuneShape } from './schematic-cells.js';

/** Shapes by commune code as text: `|` between polygons, `;` between rings, a space between points, `x,y` in kilometres. */
export type ShapeTexts = Readonly<Record<string, string>>;

export function encodeShapes(shapes: readonly CommuneShape[]): ShapeTexts {
  return Object.fromEntries(
    shapes.map(({ code, polygons }) => [
      code,
      polygons.map((rings) => rings.map((ring) => ring.map((point) => point.join(',')).join(' ')).join(';')).join('|'),
    ]),
  );
}

function decodePoint(text: string): Point {
  const comma = text.indexOf(',');
  return [Number(text.slice(0, comma)), Number(text.slice(comma + 1))];
}

export function decodeShapes(texts: ShapeTexts): CommuneShape[] {
  return Object.entries(texts).map(([code, text]) => ({
    code,
    polygons: text.split('|').map((polygon) => polygon.split(';').map((ring) => ring.split(' ').map(decodePoint))),
  }));
}
