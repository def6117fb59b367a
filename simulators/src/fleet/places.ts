import { COMMUNES, type Commune } from '@ioc/contract';
import { unit } from '../random.js';

/**
 * Where things of a commune stand. No polygons are needed: a place lies in the disc of the commune's area around its label
 * point, nearer to that label point than to any other, and not in the sea.
 */

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

const KM_PER_DEGREE_LAT = 110.6;
const KM_PER_DEGREE_LON = 107.5; // at 15° N

/** The shore from Sa Huỳnh to Dung Quất as [latitude, easternmost longitude of land], read off to about a kilometre. */
const SHORE: readonly (readonly [number, number])[] = [
  [14.55, 109.06],
  [14.7, 109.06],
  [14.8, 109.0],
  [14.9, 108.955],
  [15.05, 108.9],
  [15.2, 108.89],
  [15.3, 108.86],
  [15.4, 108.795],
];

const CANDIDATES = 24;
/** Discs poke out of elongated communes: this part of the radius keeps nearly everything inside. */
const USED_RADIUS = 0.8;

export function distanceKm(a: Place, b: Place): number {
  return Math.hypot((a.lat - b.lat) * KM_PER_DEGREE_LAT, (a.lon - b.lon) * KM_PER_DEGREE_LON);
}

/** The commune's neighbours, nearest label point first. */
export function nearestCommunes(place: Place, among: readonly Commune[]): readonly Commune[] {
  return [...among].sort((a, b) => distanceKm(place, a) - distanceKm(place, b) || (a.code < b.code ? -1 : 1));
}

/**
 * `count` well-spread places of a commune, denser towards its middle. Best-candidate sampling: of 24 draws the one farthest
 * from what stands there already, so that markers never lie on each other.
 */
export function spreadPlaces(commune: Commune, count: number, key: number): Place[] {
  const radiusKm = Math.sqrt(commune.areaKm2 / Math.PI) * USED_RADIUS;
  const rivals = nearestCommunes(commune, COMMUNES).slice(1, 13);
  const places: Place[] = [];
  for (let i = 0; i < count; i++) {
    let best: Place | null = null;
    let bestGap = -1;
    for (let c = 0; c < CANDIDATES; c++) {
      const candidate = drawInDisc(commune, radiusKm, key, i * CANDIDATES + c);
      if (!belongs(candidate, commune, rivals)) continue;
      const gap = places.reduce(
        (least, place) => Math.min(least, distanceKm(place, candidate)),
        Number.POSITIVE_INFINITY,
      );
      if (gap > bestGap) {
        best = candidate;
        bestGap = gap;
      }
    }
    places.push(best ?? drawInDisc(commune, radiusKm * 0.3, key, i));
  }
  return places;
}

/** A place `km` away from a point in a seeded direction, rounded like all coordinates here (5 decimals, about 1 m). */
export function offsetPlace(from: Place, km: number, key: number): Place {
  const angle = unit(key, 7) * 2 * Math.PI;
  return rounded(
    from.lat + (Math.sin(angle) * km) / KM_PER_DEGREE_LAT,
    from.lon + (Math.cos(angle) * km) / KM_PER_DEGREE_LON,
  );
}

function drawInDisc(centre: Place, radiusKm: number, key: number, slot: number): Place {
  const r = radiusKm * unit(key, 1, slot) ** 0.58;
  const angle = unit(key, 2, slot) * 2 * Math.PI;
  return rounded(
    centre.lat + (r * Math.sin(angle)) / KM_PER_DEGREE_LAT,
    centre.lon + (r * Math.cos(angle)) / KM_PER_DEGREE_LON,
  );
}

function belongs(place: Place, commune: Commune, rivals: readonly Commune[]): boolean {
  if (commune.type !== 'dacKhu' && place.lon > shoreLongitude(place.lat)) return false;
  const own = distanceKm(place, commune);
  return rivals.every((rival) => distanceKm(place, rival) >= own);
}

function shoreLongitude(lat: number): number {
  for (let i = 1; i < SHORE.length; i++) {
    const south = SHORE[i - 1];
    const north = SHORE[i];
    if (south === undefined || north === undefined || lat > north[0] || lat < south[0]) continue;
    return south[1] + ((lat - south[0]) / (north[0] - south[0])) * (north[1] - south[1]);
  }
  return lat < 14.55 ? 109.06 : 108.795;
}

function rounded(lat: number, lon: number): Place {
  return { lat: Math.round(lat * 1e5) / 1e5, lon: Math.round(lon * 1e5) / 1e5 };
}
