import type { Place } from '../fleet/places.js';
import { between, keyOf, unit, wander } from '../random.js';
import { HOUR, MINUTE, localDay, localHour } from './local-time.js';

/** Rain at a place and time in mm/h. */
export type RainField = (place: Place, atMs: number) => number;

/**
 * Rain of 24 hours, 17–18 November 2025, mm (press quoting the forecast centre; gauges stand at a point of their commune).
 * Where nothing was printed the figure is assumed: less on the coast, little west of the Kon Tum valley.
 */
const STORM_TOTALS: readonly (Place & { readonly mm: number; readonly printed: boolean })[] = [
  { lat: 14.72, lon: 108.5, mm: 430, printed: true }, // Pờ Ê
  { lat: 14.96, lon: 108.34, mm: 427, printed: true }, // Sơn Long
  { lat: 14.76, lon: 108.56, mm: 356, printed: true }, // Ba Tiêu
  { lat: 14.68, lon: 108.57, mm: 303, printed: true }, // Giá Vực
  { lat: 14.91, lon: 108.22, mm: 286, printed: true }, // Măng Bút
  { lat: 14.7, lon: 108.38, mm: 279, printed: true }, // Hiếu
  { lat: 14.79, lon: 108.63, mm: 273, printed: true }, // Ba Giang
  { lat: 15.27, lon: 108.38, mm: 272, printed: true }, // Trà Thanh
  { lat: 15.12, lon: 108.8, mm: 190, printed: false },
  { lat: 15.33, lon: 108.75, mm: 180, printed: false },
  { lat: 14.81, lon: 108.95, mm: 230, printed: false },
  { lat: 14.95, lon: 108.7, mm: 260, printed: false },
  { lat: 15.38, lon: 109.12, mm: 90, printed: false },
  { lat: 14.45, lon: 108.2, mm: 210, printed: false },
  { lat: 14.85, lon: 107.95, mm: 200, printed: false },
  { lat: 15.1, lon: 107.85, mm: 130, printed: false },
  { lat: 14.35, lon: 108.0, mm: 110, printed: false },
  { lat: 14.6, lon: 107.85, mm: 120, printed: false },
  { lat: 14.7, lon: 107.6, mm: 75, printed: false },
  { lat: 14.25, lon: 107.6, mm: 50, printed: false },
];

/** The storm's total at a place, mm in 24 h: inverse-distance weighting (power 3) of the measured totals. */
export function stormTotalMm(place: Place): number {
  let weights = 0;
  let sum = 0;
  for (const gauge of STORM_TOTALS) {
    const weight = ((place.lat - gauge.lat) ** 2 + (place.lon - gauge.lon) ** 2 + 0.0004) ** -1.5;
    weights += weight;
    sum += weight * gauge.mm;
  }
  return sum / weights;
}

/** Hours after its beginning at which the storm's two pulses peak; their width; their share of the whole. */
const PULSES = [
  { peakHour: 5.5, widthHours: 2.4 },
  { peakHour: 13, widthHours: 2.3 },
] as const;
/** Integral of `stormCurve` over its 24 hours. */
const CURVE_HOURS = 13.4;
export const STORM_HOURS = 24;

/** How hard it storms, 0 … about 1.1, by hours since the first rain. */
export function stormCurve(hours: number): number {
  if (hours < 0 || hours > STORM_HOURS + 6) return 0;
  const drizzle = 0.1 * Math.min(1, hours) * Math.max(0, Math.min(1, STORM_HOURS + 6 - hours));
  return PULSES.reduce(
    (sum, { peakHour, widthHours }) => sum + Math.exp(-(((hours - peakHour) / widthHours) ** 2) / 2),
    drizzle,
  );
}

/**
 * The storm of November 2025, scaled by `strength`: bands of rain that come in from the sea and cross the province in about
 * four hours, heaviest on the eastern slope.
 */
export function stormRain(seed: number, beganAtMs: number, strength: number): RainField {
  const totals = new Map<string, number>();
  return (place, atMs) => {
    const curve = stormCurve((atMs - beganAtMs) / HOUR);
    if (curve === 0) return 0;
    const cell = cellOf(place);
    let total = totals.get(cell);
    if (total === undefined) {
      total = stormTotalMm(place);
      totals.set(cell, total);
    }
    // Time since the beginning, not of day: a seed has its storm whenever it is started.
    const sinceMs = atMs - beganAtMs;
    const phaseMs = sinceMs - (109.2 - place.lon) * 2.2 * HOUR;
    const band =
      1 + 0.55 * wander(seed, 101, phaseMs, 50 * MINUTE) + 0.35 * wander(keyOf(cell) ^ seed, 102, sinceMs, 20 * MINUTE);
    return Math.max(0, ((strength * total) / CURVE_HOURS) * curve * band);
  };
}

/** A quiet day: showers on some afternoons over the hills. */
export function quietRain(seed: number): RainField {
  return (place, atMs) => {
    const key = seed ^ keyOf(cellOf(place));
    const day = localDay(atMs);
    if (unit(key, 110, day) > 0.3) return 0;
    const startHour = between(14, 18, key, 111, day);
    const hours = localHour(atMs) - startHour;
    if (hours < 0 || hours > 1.2) return 0;
    return between(1, 14, key, 112, day) * Math.sin((Math.PI * hours) / 1.2) ** 2;
  };
}

/** Rain of the last `spanMs`, mm, in ten-minute steps like a tipping bucket's registers. */
export function rainSumMm(rain: RainField, place: Place, atMs: number, spanMs: number): number {
  const stepMs = 10 * MINUTE;
  let sum = 0;
  for (let back = stepMs / 2; back < spanMs; back += stepMs) sum += rain(place, atMs - back) / 6;
  return sum;
}

/** Ambient temperature, °C: warm coast, cool plateau, sun by day, cooler in rain. */
export function ambientC(place: Place, atMs: number, rainMmPerHour: number): number {
  const sun = Math.cos(((localHour(atMs) - 14) / 24) * 2 * Math.PI);
  const lapse = heightM(place.lon) * 0.006;
  return 27.5 - lapse + sun * (rainMmPerHour > 1 ? 1.5 : 4.5) - Math.min(3, rainMmPerHour * 0.2);
}

/** The sun's strength, 0 … 1, through cloud and rain. */
export function sunshine(atMs: number, rainMmPerHour: number): number {
  const arc = Math.sin(((localHour(atMs) - 6) / 12) * Math.PI);
  return Math.max(0, arc) * (rainMmPerHour > 0.5 ? 0.15 : 0.85);
}

/** Height above the sea along the section coast – eastern slope – plateau – Kon Tum valley, m. */
function heightM(lon: number): number {
  const section: readonly (readonly [number, number])[] = [
    [107.3, 500],
    [107.8, 620],
    [108.05, 560],
    [108.3, 1_050],
    [108.5, 400],
    [108.7, 40],
    [109.2, 5],
  ];
  for (let i = 1; i < section.length; i++) {
    const west = section[i - 1];
    const east = section[i];
    if (west === undefined || east === undefined || lon > east[0]) continue;
    return west[1] + ((lon - west[0]) / (east[0] - west[0])) * (east[1] - west[1]);
  }
  return 5;
}

/** About 2 km: places of one cell share their weather, which keeps caches small. */
function cellOf(place: Place): string {
  return `${Math.round(place.lat * 50)} ${Math.round(place.lon * 50)}`;
}
