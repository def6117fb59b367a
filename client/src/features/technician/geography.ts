import { COMMUNE_BY_CODE, type Incident, type MapDevice } from '@ioc/contract';

/** WGS 84, degrees. */
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

/** Where an incident is. Not `exact`: only its commune is known, and this is a point inside it. */
export interface IncidentPoint extends Point {
  readonly exact: boolean;
}

const EARTH_RADIUS_M = 6_371_000;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance, metres. */
export function distanceM(from: Point, to: Point): number {
  const sinLat = Math.sin(radians(to.lat - from.lat) / 2);
  const sinLon = Math.sin(radians(to.lon - from.lon) / 2);
  const chord = sinLat ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * sinLon ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** `350 m`, `3,2 km` (`3.2 km` in English), `48 km`: as exact as somebody who drives there needs it. */
export function formatDistance(metres: number, locale: 'vi' | 'en'): string {
  if (metres < 950) return `${Math.round(metres / 50) * 50} m`;
  const km = metres / 1_000;
  const text = km < 9.95 ? km.toFixed(1) : String(Math.round(km));
  return `${locale === 'vi' ? text.replace('.', ',') : text} km`;
}

/**
 * Where to drive: the device, any device of the site, or a point of the commune; null when nobody can tell.
 *
 * @param devices the map's devices by id
 * @param deviceOfSite one device of every site, by site
 */
export function pointOf(
  { deviceId, place, communeCode }: Pick<Incident, 'deviceId' | 'place' | 'communeCode'>,
  devices: ReadonlyMap<string, MapDevice>,
  deviceOfSite: ReadonlyMap<string, MapDevice>,
): IncidentPoint | null {
  const device = deviceId === null ? undefined : devices.get(deviceId);
  const found = device ?? (place.kind === 'site' ? deviceOfSite.get(place.id) : undefined);
  if (found !== undefined) return { lat: found.lat, lon: found.lon, exact: true };
  const commune = communeCode === null ? undefined : COMMUNE_BY_CODE.get(communeCode);
  return commune === undefined ? null : { lat: commune.lat, lon: commune.lon, exact: false };
}

/**
 * A link that opens the phone's own navigation. Android takes `geo:`; others get a map's address, which asks nothing of this
 * page and loads nothing into it.
 */
export function directionsUrl({ lat, lon }: Point, label: string, userAgent: string): string {
  const at = `${lat.toFixed(6)},${lon.toFixed(6)}`;
  if (/\bAndroid\b/.test(userAgent)) return `geo:${at}?q=${at}(${encodeURIComponent(label)})`;
  return `https://www.google.com/maps/dir/?api=1&destination=${encodeURIComponent(at)}`;
}
