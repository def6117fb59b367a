import { Delaunay } from 'd3-delaunay';
import polygonClipping, { type MultiPolygon, type Polygon, type Ring } from 'polygon-clipping';
import { project, type Point } from './projection.js';

/** What a cell grows from: a point inside the unit (WGS 84) and its official area. */
export interface CellSeed {
  readonly code: string;
  readonly lat: number;
  readonly lon: number;
  readonly areaKm2: number;
}

/** A commune's shape on the map's plane: polygons of rings of kilometres, the first ring of each the outer one. */
export interface CommuneShape {
  readonly code: string;
  readonly polygons: readonly (readonly (readonly Point[])[])[];
}

/** Discs as wide as these, times the radius of a circle of the commune's area. */
const REACH = 1.75;
const COAST = 1.35;
/** Corners of a disc. */
const CORNERS = 48;

function disc([x, y]: Point, radius: number): Polygon {
  const ring: Ring = [];
  for (let corner = 0; corner <= CORNERS; corner += 1) {
    const angle = (2 * Math.PI * (corner % CORNERS)) / CORNERS;
    ring.push([x + radius * Math.cos(angle), y + radius * Math.sin(angle)]);
  }
  return [ring];
}

function rounded(shape: MultiPolygon): CommuneShape['polygons'] {
  // Ten metres are far below a pixel, and keep the file small.
  const round = (value: number): number => Math.round(value * 100) / 100;
  return shape.map((polygon) => polygon.map((ring) => ring.map(([x, y]): Point => [round(x), round(y)])));
}

/**
 * The built-in shapes: for every commune the Voronoi cell of its label point, cut by its own disc of 1.75 × √(area/π), then by
 * the union of all discs of 1.35 ×, which leaves a coast and a border that look like the province's. What is left open
 * between communes is no lake: it goes to the cells in which it lies.
 */
export function schematicCells(seeds: readonly CellSeed[]): CommuneShape[] {
  const grown = seeds.map((seed) => ({
    code: seed.code,
    point: project(seed.lon, seed.lat),
    radiusKm: Math.sqrt(seed.areaKm2 / Math.PI),
  }));
  const voronoi = Delaunay.from(grown.map(({ point: [x, y] }): [number, number] => [x, y])).voronoi([
    -500, -500, 500, 500,
  ]);
  const land = polygonClipping.union([], ...grown.map(({ point, radiusKm }) => disc(point, COAST * radiusKm)));
  const cells = grown.map(({ code, point, radiusKm }, index) => {
    const whole: Polygon = [voronoi.cellPolygon(index).map(([x, y]): [number, number] => [x, y])];
    return { code, whole, cut: polygonClipping.intersection(whole, disc(point, REACH * radiusKm), land) };
  });
  const province = polygonClipping.union([], ...cells.map(({ cut }) => cut));
  const holes: MultiPolygon = province.flatMap(([, ...inner]) => inner.map((ring): Polygon => [ring]));
  return cells.map(({ code, whole, cut }) => {
    const own = polygonClipping.intersection(whole, holes);
    return { code, polygons: rounded(own.length === 0 ? cut : polygonClipping.union(cut, own)) };
  });
}
