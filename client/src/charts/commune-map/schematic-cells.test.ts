import polygonClipping, { type MultiPolygon } from 'polygon-clipping';
import { describe, expect, it } from 'vitest';
import { COMMUNES } from '@ioc/contract';
import { areaOf, contains } from './geometry.js';
import { project } from './projection.js';
import { schematicCells, type CommuneShape } from './schematic-cells.js';
import stored from './schematic-cells.json';
import { decodeShapes, encodeShapes } from './shape-text.js';

const cells = schematicCells(COMMUNES);
const clippable = (shape: CommuneShape): MultiPolygon =>
  shape.polygons.map((polygon) => polygon.map((ring) => ring.map(([x, y]): [number, number] => [x, y])));

describe('schematic cells', () => {
  it('give each of the 96 communes a cell that holds its label point and no other', () => {
    expect(cells.map((cell) => cell.code)).toEqual(COMMUNES.map((commune) => commune.code));
    for (const commune of COMMUNES) {
      const [x, y] = project(commune.lon, commune.lat);
      const holding = cells.filter((cell) => contains(cell.polygons, x, y)).map((cell) => cell.code);
      expect(holding, commune.name).toEqual([commune.code]);
    }
  });

  it('do not overlap, and leave no hole between them', () => {
    const union = polygonClipping.union([], ...cells.map(clippable));
    const areaOfUnion = areaOf(union.map((polygon) => polygon.map((ring) => ring.map(([x, y]) => [x, y] as const))));
    const sum = cells.reduce((total, cell) => total + areaOf(cell.polygons), 0);
    expect(Math.abs(sum - areaOfUnion)).toBeLessThan(1);
    // Rounding to 10 m leaves slivers; a real hole would be larger than 0.1 km².
    const holes = union.flatMap(([, ...inner]) => inner).map((ring) => areaOf([[ring]]));
    expect(Math.max(0, ...holes)).toBeLessThan(0.1);
  });

  it('have sizes that go with the official areas', () => {
    const total = cells.reduce((sum, cell) => sum + areaOf(cell.polygons), 0);
    const official = COMMUNES.reduce((sum, commune) => sum + commune.areaKm2, 0);
    expect(total / official).toBeGreaterThan(0.9);
    expect(total / official).toBeLessThan(1.35);
  });

  it('leave Lý Sơn an island', () => {
    const others = cells.filter((cell) => cell.code !== '21548').map(clippable);
    const island = cells.filter((cell) => cell.code === '21548').map(clippable);
    expect(polygonClipping.union([], ...others, ...island)).toHaveLength(
      polygonClipping.union([], ...others).length + 1,
    );
  });

  it('are the ones that the client carries (vitest -u writes them)', async () => {
    await expect(`${JSON.stringify(encodeShapes(cells), null, 2)}\n`).toMatchFileSnapshot('./schematic-cells.json');
    expect(encodeShapes(decodeShapes(stored))).toEqual(stored);
  });
});
