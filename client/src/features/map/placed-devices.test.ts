import { describe, expect, it } from 'vitest';
import { COMMUNES, type MapDevice } from '@ioc/contract';
import { contains } from '../../charts/commune-map/geometry.js';
import stored from '../../charts/commune-map/schematic-cells.json';
import { decodeShapes } from '../../charts/commune-map/shape-text.js';
import { GridIndex } from './grid-index.js';
import { placeLabels, type LabelWish } from './label-layout.js';
import { placeDevices } from './placed-devices.js';

const shapes = decodeShapes(stored);
function device(id: string, communeCode: string, lat: number, lon: number): MapDevice {
  return { id, deviceClass: 'bts', name: id, communeCode, owner: 'VNPT', siteId: null, lat, lon };
}

describe('devices on the schematic map', () => {
  it('stand in the cell of their own commune, however far off their coordinates lie', () => {
    const devices = COMMUNES.flatMap(({ code, lat, lon }) =>
      [0.3, -0.3].map((off) => device(`${code}${off}`, code, lat + off, lon + off)),
    );
    const placed = placeDevices(devices, shapes, true);
    devices.forEach((each, index) => {
      const cell = shapes.find(({ code }) => code === each.communeCode);
      expect(cell && contains(cell.polygons, placed.x[index] ?? 0, placed.y[index] ?? 0), each.id).toBe(true);
    });
  });

  it('of one tower stand around it, not on each other', () => {
    const placed = placeDevices(
      ['a', 'b', 'c'].map((id) => device(id, '21115', 15.2655, 108.50248)),
      shapes,
      true,
    );
    const offsets = [0, 1, 2].map((index) => `${placed.offsetX[index] ?? 0},${placed.offsetY[index] ?? 0}`);
    expect(new Set(offsets).size).toBe(3);
  });
});

describe('the grid index', () => {
  it('finds the same points as looking at all of them', () => {
    const x = Float64Array.from({ length: 500 }, (_, index) => ((index * 7919) % 200) - 100);
    const y = Float64Array.from({ length: 500 }, (_, index) => ((index * 104_729) % 160) - 80);
    const grid = new GridIndex(x, y, 3);
    for (const [minX, minY, maxX, maxY] of [
      [-20, -10, 15, 30],
      [-100, -80, 100, 80],
      [5, 5, 5, 5],
    ] as const) {
      const all = [...x.keys()].filter((index) => {
        const [px, py] = [x[index] ?? 0, y[index] ?? 0];
        return px >= minX && px <= maxX && py >= minY && py <= maxY;
      });
      expect(grid.within(minX, minY, maxX, maxY).sort((a, b) => a - b)).toEqual(all);
    }
  });
});

describe('names on the map', () => {
  const wish = (code: string, x: number, weight: number, must = false): LabelWish => ({
    code,
    x,
    y: 50,
    width: 60,
    height: 10,
    weight,
    must,
  });

  it('never lie on each other, and the weightier ones stay', () => {
    const wishes = Array.from({ length: 12 }, (_, index) => wish(String(index), index * 9, index));
    const placed = placeLabels(wishes, [], 1);
    expect(placed.length).toBeGreaterThan(1);
    expect(placed.length).toBeLessThan(12);
    expect(placed.map(({ code }) => code)).toContain('11');
    for (const a of placed) {
      for (const b of placed) {
        if (a !== b) expect(Math.abs(a.x - b.x) >= 60 || Math.abs(a.y - b.y) >= 9).toBe(true);
      }
    }
  });

  it('of isolated communes are shown in any case', () => {
    const crowded = Array.from({ length: 8 }, (_, index) => wish(String(index), 10, index));
    const placed = placeLabels([...crowded, wish('isolated', 12, -1, true)], [], 1);
    expect(placed.map(({ code }) => code)).toContain('isolated');
  });
});
