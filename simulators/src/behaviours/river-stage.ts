import { COMMUNE_BY_CODE, RIVER_STATION_BY_NAME } from '@ioc/contract';
import type { Place } from '../fleet/places.js';
import { RIVERS, type Terrain } from '../fleet/rivers.js';
import { HOUR } from '../world/local-time.js';
import type { RainField } from '../world/weather.js';

/**
 * Rain into river stage: the catchment's mean rain, spread in time by a unit hydrograph (gamma, shape 3) whose lag grows from
 * reach to reach, through a rating curve stage = low + (flood − low) · (runoff / 15 mm/h)^0.6.
 */
export interface Gauge {
  readonly lowM: number;
  /** Stage at which the runoff is 15 mm/h over the whole catchment. */
  readonly floodM: number;
  /** Time from rain to its crest here. */
  readonly lagMs: number;
  readonly catchment: readonly Place[];
  readonly tideM: number;
}

const REFERENCE_MM_PER_HOUR = 15;
const HEAD_LAG_HOURS = 1.5;
const TRAVEL_HOURS: Readonly<Record<Terrain, number>> = { hills: 0.7, plain: 1.1 };
const STEP_MS = HOUR / 2;

/**
 * Low-water and flood stages of the hydrological stations. Kon Plông (590.61 m) and Kon Tum (515.98 m) low water are
 * published; the others are assumed below their alarm level 1 and fitted so that the storm of November 2025 reaches about
 * what was measured then.
 */
const STAGES: Readonly<Record<string, readonly [lowM: number, floodM: number]>> = {
  'Trà Khúc': [1.2, 6.8],
  'Sơn Giang': [29.8, 34.9],
  'Sông Vệ': [0.8, 4.5],
  'An Chỉ': [3.6, 7.8],
  'Châu Ổ': [0.6, 4.8],
  'Trà Câu': [1.3, 5.1],
  'Kon Plông': [590.6, 594.1],
  'Kon Tum': [516, 519.3],
  'Đăk Mốt': [582.4, 587],
  'Đăk Tô': [575.6, 579],
};
/** Village gauges have a zero of their own near the river bed. */
const VILLAGE: Readonly<Record<Terrain, readonly [number, number]>> = { hills: [0.9, 6.2], plain: [1.1, 5.4] };

/** Catchments outside the listed reaches: side valleys that feed a river. */
const TRIBUTARIES: Readonly<Record<string, readonly string[]>> = {
  TRAKHUC: ['21529', '21319', '21343'],
  VE: ['21490', '21361'],
  DAKBLA: ['23476', '23485'],
  POKO: ['23356', '23368'],
};

/** The gauges of a river in its order, for sensors `FLOOD-{river}-{n}`. */
export function gaugesOf(riverId: string): readonly Gauge[] {
  const river = RIVERS.find(({ id }) => id === riverId);
  if (river === undefined) return [];
  const catchment = (TRIBUTARIES[river.id] ?? []).flatMap((code) => COMMUNE_BY_CODE.get(code) ?? []);
  let lagHours = HEAD_LAG_HOURS;
  return river.reaches.map((reach, i) => {
    const commune = COMMUNE_BY_CODE.get(reach.commune);
    if (commune !== undefined) catchment.push(commune);
    if (i > 0) lagHours += TRAVEL_HOURS[reach.terrain];
    const station = reach.station === undefined ? undefined : RIVER_STATION_BY_NAME.get(reach.station);
    const [lowM, floodM] = (station === undefined ? undefined : STAGES[station.station]) ?? VILLAGE[reach.terrain];
    const estuary = reach.terrain === 'plain' && i === river.reaches.length - 1;
    return { lowM, floodM, lagMs: lagHours * HOUR, catchment: [...catchment], tideM: estuary ? 0.12 : 0 };
  });
}

/** Stage above the gauge's datum, m, without measurement noise. */
export function stageM(gauge: Gauge, rain: RainField, atMs: number): number {
  const runoff = runoffMmPerHour(gauge, rain, atMs);
  const tide = gauge.tideM * Math.cos((2 * Math.PI * atMs) / (12.42 * HOUR));
  return gauge.lowM + (gauge.floodM - gauge.lowM) * (runoff / REFERENCE_MM_PER_HOUR) ** 0.6 + tide;
}

function runoffMmPerHour(gauge: Gauge, rain: RainField, atMs: number): number {
  // Gamma with shape 3: crest at twice the scale; beyond ten scales nothing is left.
  const scaleMs = gauge.lagMs / 2;
  let sum = 0;
  let weights = 0;
  for (let back = STEP_MS / 2; back < scaleMs * 10; back += STEP_MS) {
    const weight = (back / scaleMs) ** 2 * Math.exp(-back / scaleMs);
    weights += weight;
    for (const place of gauge.catchment) sum += (weight * rain(place, atMs - back)) / gauge.catchment.length;
  }
  return sum / weights;
}
