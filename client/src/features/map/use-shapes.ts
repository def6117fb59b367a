import { shallowRef, type ShallowRef } from 'vue';
import { z } from 'zod';
import { ENDPOINTS } from '@ioc/contract';
import { project, type Point } from '../../charts/commune-map/projection.js';
import type { CommuneShape } from '../../charts/commune-map/schematic-cells.js';
import stored from '../../charts/commune-map/schematic-cells.json';
import { decodeShapes } from '../../charts/commune-map/shape-text.js';
import { call } from '../../live/api.js';

export type ShapeKind = 'schematic' | 'geographic';

/** The built-in shapes. */
export const SCHEMATIC: readonly CommuneShape[] = decodeShapes(stored);

const ring = z.array(z.tuple([z.number(), z.number()]).rest(z.number()));
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: z.array(ring) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring)) }),
]);

export interface Boundaries {
  readonly shapes: readonly CommuneShape[];
  /** What must stand beside the map. */
  readonly attribution: string | null;
}

/** Real boundaries from the server, once; null while they are not there, which is no fault. */
export function useBoundaries(): Readonly<ShallowRef<Boundaries | null>> {
  const boundaries = shallowRef<Boundaries | null>(null);
  void loadBoundaries().then((loaded) => {
    boundaries.value = loaded;
  });
  return boundaries;
}

async function loadBoundaries(): Promise<Boundaries | null> {
  const result = await call(ENDPOINTS.boundaries);
  if (!result.ok) return null;
  const shapes: CommuneShape[] = [];
  for (const feature of result.value.features) {
    const parsed = geometry.safeParse(feature['geometry']);
    if (!parsed.success) return null;
    const polygons = parsed.data.type === 'Polygon' ? [parsed.data.coordinates] : parsed.data.coordinates;
    shapes.push({
      code: feature.properties.code,
      polygons: polygons.map((rings) => rings.map((points) => points.map(([lon, lat]): Point => project(lon, lat)))),
    });
  }
  return { shapes, attribution: result.value.attribution ?? null };
}
