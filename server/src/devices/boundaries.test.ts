import { COMMUNES } from '@ioc/contract';
import { describe, expect, test } from 'vitest';
import { readBoundaries } from './boundaries.js';

interface SmallFeature {
  type: string;
  properties: Record<string, unknown>;
  geometry: unknown;
}

/** A square of 2 km around every label point. */
function squares(property = 'code'): SmallFeature[] {
  return COMMUNES.map(({ code, lat, lon }) => ({
    type: 'Feature',
    properties: { [property]: code, secret: 'left out' },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [lon - 0.01, lat - 0.01],
          [lon + 0.01, lat - 0.01],
          [lon + 0.01, lat + 0.01],
          [lon - 0.01, lat - 0.01],
        ],
      ],
    },
  }));
}
const geoJson = (features: unknown[], more: object = {}) =>
  JSON.stringify({ type: 'FeatureCollection', features, ...more });
const reasonOf = (text: string) => {
  const result = readBoundaries(text);
  return result.ok ? 'taken' : result.reason.en;
};

describe('commune polygons', () => {
  test('of all 96 units are taken with code, name and attribution, and nothing else', () => {
    const result = readBoundaries(geoJson(squares(), { attribution: '© Sở Nông nghiệp và Môi trường', name: 'x' }));
    if (!result.ok) throw new Error(result.reason.en);
    expect(result.boundaries.attribution).toBe('© Sở Nông nghiệp và Môi trường');
    expect(result.boundaries.features.map(({ properties }) => properties)).toEqual(
      COMMUNES.map(({ code, name }) => ({ code, name })),
    );
  });

  test.each(['code', 'ma', 'MA_XA', 'maXa', 'ward_code', 'Commune_Code', 'ma_dvhc'])(
    'are known by their property %s',
    (property) => {
      expect(readBoundaries(geoJson(squares(property))).ok).toBe(true);
    },
  );

  test('may carry codes as numbers, and units of other provinces, which are left out', () => {
    const features = squares().map((item) => ({ ...item, properties: { code: Number(item.properties['code']) } }));
    const elsewhere = { type: 'Feature', properties: { code: '00001' }, geometry: null };
    const result = readBoundaries(geoJson([elsewhere, ...features]));
    expect(result.ok && result.boundaries.features).toHaveLength(96);
  });

  test('may come as a quantized TopoJSON', () => {
    const scale = 0.0001;
    const q = (value: number, from: number) => Math.round((value - from) / scale);
    const arcs = COMMUNES.map(({ lat, lon }) => [
      [q(lon, 107), q(lat, 13)],
      [100, 0],
      [0, 100],
      [-100, -100],
    ]);
    const geometries = COMMUNES.map(({ code }, index) => ({ type: 'Polygon', arcs: [[index]], properties: { code } }));
    const topology = {
      type: 'Topology',
      arcs,
      transform: { scale: [scale, scale], translate: [107, 13] },
      objects: { communes: { type: 'GeometryCollection', geometries } },
    };
    const result = readBoundaries(JSON.stringify(topology));
    if (!result.ok) throw new Error(result.reason.en);
    const [commune] = COMMUNES;
    const [first] = result.boundaries.features;
    expect(JSON.stringify(first?.['geometry'])).toContain(`${Number((commune?.lon ?? 0).toFixed(4))}`);
    const beyond = { ...topology, arcs: arcs.slice(1) };
    expect(reasonOf(JSON.stringify(beyond))).toBe('The TopoJSON refers to an arc that is not there.');
  });

  test.each([
    ['{', 'The file is not JSON.'],
    ['{"type":"Feature"}', 'The file is neither a GeoJSON FeatureCollection nor a TopoJSON of polygons.'],
    ['null', 'The file is neither a GeoJSON FeatureCollection nor a TopoJSON of polygons.'],
  ])('%j is refused with a sentence', (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  test('that lack units say which', () => {
    expect(reasonOf(geoJson(squares().slice(1)))).toBe('The file lacks 1 of the 96 communes: 21025 Phường Cẩm Thành.');
    expect(reasonOf(geoJson(squares().slice(0, 60)))).toMatch(
      /^The file lacks 36 of the 96 communes: (\d{5} [^,]+, ){4}\d{5} [^,]+ …\.$/,
    );
  });

  test('without codes say what the file has', () => {
    expect(reasonOf(geoJson(squares('fid')))).toMatch(/the 5-digit code is needed \(the file has: fid, secret\)/);
  });

  test('with a unit twice, without a polygon, or in another projection name the unit', () => {
    const [first, ...others] = squares();
    expect(reasonOf(geoJson([first, first, ...others]))).toBe('Commune 21025 is in the file twice.');
    const point = { ...first, geometry: { type: 'Point', coordinates: [108, 15] } };
    expect(reasonOf(geoJson([point, ...others]))).toMatch(/^Commune 21025 .* has no valid polygon\.$/);
    const metres = {
      ...first,
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [580_000, 1_670_000],
            [581_000, 1_670_000],
            [581_000, 1_671_000],
            [580_000, 1_670_000],
          ],
        ],
      },
    };
    expect(reasonOf(geoJson([metres, ...others]))).toMatch(/VN-2000/);
  });
});
