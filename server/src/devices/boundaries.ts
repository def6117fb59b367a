import { COMMUNES, COMMUNE_BY_CODE, type LocalizedText, type ResponseOf, type ENDPOINTS } from '@ioc/contract';
import { feature } from 'topojson-client';
import { z } from 'zod';

/** The 96 communes as GeoJSON; properties are `code` and `name`, and what the source says of its origin stays. */
export type Boundaries = ResponseOf<typeof ENDPOINTS.boundaries>;
export type BoundariesResult =
  | { readonly ok: true; readonly boundaries: Boundaries }
  /** One sentence that says what to mend. */
  | { readonly ok: false; readonly reason: LocalizedText };

/** Names under which files of Vietnamese units carry the code, compared without case and underscores. */
const CODE_PROPERTIES = [
  'code',
  'ma',
  'maxa',
  'maphuongxa',
  'madvhc',
  'madonvi',
  'wardcode',
  'communecode',
  'wardid',
  'maxaphuong',
];
const MOST_POSITIONS = 2_000_000;
/** Where a WGS 84 position of the province can lie at all: another projection, or swapped axes, falls outside. */
const BOX = { lon: { min: 106, max: 111 }, lat: { min: 13, max: 17 } };

const position = z.array(z.number()).min(2).max(4);
const ring = z.array(position).min(4);
const polygon = z.array(ring).min(1);
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: polygon }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon).min(1) }),
]);
const properties = z.record(z.string(), z.unknown());
const featureCollection = z.looseObject({
  type: z.literal('FeatureCollection'),
  features: z.array(z.object({ type: z.literal('Feature'), properties: properties.nullable(), geometry: z.unknown() })),
});
const arcIndexes = z.array(z.int());
const topoGeometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), arcs: z.array(arcIndexes), properties: properties.optional() }),
  z.object({ type: z.literal('MultiPolygon'), arcs: z.array(z.array(arcIndexes)), properties: properties.optional() }),
]);
const topology = z.looseObject({
  type: z.literal('Topology'),
  arcs: z.array(z.array(z.tuple([z.number(), z.number()]).rest(z.number()))),
  transform: z
    .object({ scale: z.tuple([z.number(), z.number()]), translate: z.tuple([z.number(), z.number()]) })
    .optional(),
  objects: z.record(z.string(), z.object({ type: z.literal('GeometryCollection'), geometries: z.array(topoGeometry) })),
});
const attributed = z.looseObject({ attribution: z.string().max(500).optional() });

interface RawFeature {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly geometry: unknown;
}

/**
 * Reads GeoJSON or TopoJSON of commune polygons, checks that each of the 96 units is there once, by its code, and gives back
 * those units in the order of the contract; units of other provinces are left out. Simplifies nothing. Never throws.
 */
export function readBoundaries(text: string): BoundariesResult {
  const json = parseJson(text);
  if (json === undefined) return bad('Tệp không phải là JSON.', 'The file is not JSON.');
  const raw = rawFeatures(json);
  if (!raw.ok) return raw;
  const byCode = new Map<string, RawFeature>();
  for (const item of raw.features) {
    const code = codeOf(item.properties);
    if (code === null || !COMMUNE_BY_CODE.has(code)) continue;
    if (byCode.has(code)) return bad(`Xã ${code} có hai lần trong tệp.`, `Commune ${code} is in the file twice.`);
    byCode.set(code, item);
  }
  const missing = COMMUNES.filter(({ code }) => !byCode.has(code));
  if (missing.length > 0) return missingUnits(missing, raw.features);
  const features: Boundaries['features'] = [];
  let positions = 0;
  for (const { code, name } of COMMUNES) {
    const parsed = geometry.safeParse(byCode.get(code)?.geometry);
    if (!parsed.success)
      return bad(`Xã ${code} (${name}) không có đa giác hợp lệ.`, `Commune ${code} (${name}) has no valid polygon.`);
    const polygons = parsed.data.type === 'Polygon' ? [parsed.data.coordinates] : parsed.data.coordinates;
    for (const line of polygons.flat()) {
      positions += line.length;
      if (!line.every(isInBox)) {
        return bad(
          `Tọa độ của xã ${code} (${name}) không phải kinh độ, vĩ độ WGS 84 của tỉnh; có thể tệp dùng VN-2000.`,
          `The coordinates of commune ${code} (${name}) are not WGS 84 longitude and latitude in the province; perhaps the file is in VN-2000.`,
        );
      }
    }
    if (positions > MOST_POSITIONS) {
      return bad(
        `Tệp có hơn ${MOST_POSITIONS} điểm; hãy giản lược trước.`,
        `The file has more than ${MOST_POSITIONS} points; simplify it first.`,
      );
    }
    features.push({ type: 'Feature', properties: { code, name }, geometry: rounded(parsed.data) });
  }
  const attribution = attributed.safeParse(json).data?.attribution;
  return {
    ok: true,
    boundaries: { type: 'FeatureCollection', ...(attribution === undefined ? {} : { attribution }), features },
  };
}

type RawResult =
  { readonly ok: true; readonly features: readonly RawFeature[] } | (BoundariesResult & { readonly ok: false });

function rawFeatures(json: unknown): RawResult {
  const collection = featureCollection.safeParse(json);
  if (collection.success) {
    return {
      ok: true,
      features: collection.data.features.map((item) => ({
        properties: item.properties ?? {},
        geometry: item.geometry,
      })),
    };
  }
  const parsed = topology.safeParse(json);
  if (!parsed.success) {
    return bad(
      'Tệp không phải là FeatureCollection của GeoJSON, cũng không phải TopoJSON gồm các đa giác.',
      'The file is neither a GeoJSON FeatureCollection nor a TopoJSON of polygons.',
    );
  }
  return topologyFeatures(parsed.data);
}

function topologyFeatures(parsed: z.output<typeof topology>): RawResult {
  const { arcs, transform, objects } = parsed;
  const source: Parameters<typeof feature>[0] = {
    type: 'Topology',
    arcs,
    objects: {},
    ...(transform === undefined ? {} : { transform }),
  };
  const features: RawFeature[] = [];
  for (const object of Object.values(objects)) {
    for (const item of object.geometries) {
      // The library reads beyond the arcs without asking.
      if (!arcIndexesOf(item).every((index) => (index < 0 ? ~index : index) < arcs.length)) {
        return bad('TopoJSON trỏ tới cung không có.', 'The TopoJSON refers to an arc that is not there.');
      }
      const made = feature(source, item);
      features.push({ properties: item.properties ?? {}, geometry: 'geometry' in made ? made.geometry : null });
    }
  }
  return { ok: true, features };
}

function arcIndexesOf(item: z.output<typeof topoGeometry>): readonly number[] {
  return item.type === 'Polygon' ? item.arcs.flat() : item.arcs.flat(2);
}

/** The 5-digit code of a unit, whatever the property is called; null when it has none. */
function codeOf(from: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(from)) {
    if (!CODE_PROPERTIES.includes(name.toLowerCase().replaceAll(/[_\s-]/g, ''))) continue;
    const code = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
    if (/^\d{4,5}$/.test(code)) return code.padStart(5, '0');
  }
  return null;
}

/** To 0.1 m: a quantized TopoJSON unpacks to fifteen digits, which would double the file. */
function rounded(from: z.output<typeof geometry>): z.output<typeof geometry> {
  const roundRing = (line: readonly (readonly number[])[]) =>
    line.map((point) => point.slice(0, 2).map((value) => Math.round(value * 1e6) / 1e6));
  return from.type === 'Polygon'
    ? { type: from.type, coordinates: from.coordinates.map(roundRing) }
    : { type: from.type, coordinates: from.coordinates.map((rings) => rings.map(roundRing)) };
}

function isInBox([lon = Number.NaN, lat = Number.NaN]: readonly number[]): boolean {
  return lon >= BOX.lon.min && lon <= BOX.lon.max && lat >= BOX.lat.min && lat <= BOX.lat.max;
}

function missingUnits(
  missing: readonly { readonly code: string; readonly name: string }[],
  found: readonly RawFeature[],
): RawResult & { ok: false } {
  const some = missing
    .slice(0, 5)
    .map(({ code, name }) => `${code} ${name}`)
    .join(', ');
  const more = missing.length > 5 ? ' …' : '';
  if (missing.length === COMMUNES.length && found.length > 0) {
    const names = Object.keys(found[0]?.properties ?? {})
      .slice(0, 10)
      .join(', ');
    return bad(
      `Không vùng nào mang mã xã của tỉnh; cần một thuộc tính như code, ma_xa hoặc ward_code với mã 5 chữ số (tệp có: ${names}).`,
      `No feature carries the code of one of our communes; a property such as code, ma_xa or ward_code with the 5-digit code is needed (the file has: ${names}).`,
    );
  }
  return bad(
    `Tệp thiếu ${missing.length} trong 96 xã: ${some}${more}.`,
    `The file lacks ${missing.length} of the 96 communes: ${some}${more}.`,
  );
}

function bad(vi: string, en: string): { readonly ok: false; readonly reason: LocalizedText } {
  return { ok: false, reason: { vi, en } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
