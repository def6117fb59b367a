import { HOUR, MINUTE } from './local-time.js';
import type { Interval } from './interval.js';

/**
 * The −48 V plant of a station: rectifiers on mains, a battery of 24 lead-acid cells or of lithium, perhaps a generator.
 * Figures: float 53.5–54.5 V, design autonomy 4 h, disconnect near 43 V (docs/SOURCES.md).
 */
export interface PowerPlant {
  readonly chemistry: 'leadAcid' | 'lithium';
  /** How long a full battery carries the load. */
  readonly autonomyMs: number;
  /** null: none. It starts after `startsAfterMs` and has fuel for `fuelMs`. */
  readonly generator: { readonly startsAfterMs: number; readonly fuelMs: number } | null;
}

export interface Supply {
  /** `none`: the battery is empty and has disconnected the load until mains return. */
  readonly source: 'mains' | 'battery' | 'generator' | 'none';
  readonly sinceMs: number;
  /** State of charge, 0 … 1. */
  readonly charge: number;
}

/** What is missing of a charge falls to 1/e in this time. */
const RECHARGE_MS = { leadAcid: 3 * HOUR, lithium: 1.2 * HOUR } as const;
/** Older failures than this no longer show in the battery. */
export const POWER_MEMORY_MS = 30 * HOUR;

/**
 * The supply at a moment, from the mains failures of the last 30 hours (in order, without overlaps).
 */
export function supplyAt(failures: readonly Interval[], plant: PowerPlant, atMs: number): Supply {
  let charge = 1;
  let cursorMs = Number.NEGATIVE_INFINITY;
  for (const failure of failures) {
    if (failure.sinceMs > atMs) break;
    charge = recharged(charge, failure.sinceMs - cursorMs, plant);
    const until = Math.min(failure.untilMs, atMs);
    const spent = discharge(charge, failure.sinceMs, until, plant);
    if (atMs < failure.untilMs) return spent;
    charge = spent.charge;
    cursorMs = failure.untilMs;
  }
  return { source: 'mains', sinceMs: cursorMs, charge: recharged(charge, atMs - cursorMs, plant) };
}

function discharge(fromCharge: number, sinceMs: number, untilMs: number, plant: PowerPlant): Supply {
  const { generator, autonomyMs } = plant;
  const emptyMs = sinceMs + fromCharge * autonomyMs;
  if (generator === null) return onBattery(fromCharge, sinceMs, untilMs, emptyMs, autonomyMs);
  const startMs = sinceMs + generator.startsAfterMs;
  const dryMs = startMs + generator.fuelMs;
  if (untilMs < startMs || emptyMs < startMs) return onBattery(fromCharge, sinceMs, untilMs, emptyMs, autonomyMs);
  const atStart = fromCharge - generator.startsAfterMs / autonomyMs;
  if (untilMs < dryMs)
    return { source: 'generator', sinceMs: startMs, charge: recharged(atStart, untilMs - startMs, plant) };
  const atDry = recharged(atStart, generator.fuelMs, plant);
  return onBattery(atDry, dryMs, untilMs, dryMs + atDry * autonomyMs, autonomyMs);
}

function onBattery(fromCharge: number, sinceMs: number, untilMs: number, emptyMs: number, autonomyMs: number): Supply {
  if (untilMs >= emptyMs) return { source: 'none', sinceMs: emptyMs, charge: 0 };
  return { source: 'battery', sinceMs, charge: Math.max(0, fromCharge - (untilMs - sinceMs) / autonomyMs) };
}

function recharged(charge: number, forMs: number, plant: PowerPlant): number {
  return charge >= 1 ? 1 : 1 - (1 - charge) * Math.exp(-forMs / RECHARGE_MS[plant.chemistry]);
}

/** Voltage of a battery that carries the load, by charge: 24 lead-acid cells sag and fall off a knee, lithium stays flat. */
const DISCHARGE_V = {
  leadAcid: [
    [1, 51.4],
    [0.9, 50.4],
    [0.6, 48.7],
    [0.3, 46.6],
    [0.1, 44.6],
    [0, 43],
  ],
  lithium: [
    [1, 52.8],
    [0.9, 52],
    [0.3, 50.4],
    [0.1, 48.2],
    [0, 44],
  ],
} as const;

/** Volts of the plant, absolute; `none` reads what the disconnected battery shows to nobody: 0. */
export function plantVoltage(supply: Supply, plant: PowerPlant, atMs: number): number {
  switch (supply.source) {
    case 'none':
      return 0;
    case 'mains':
    case 'generator':
      // A deeply empty battery holds the rectifiers in current limit at first.
      return 54 - 2.5 * (1 - supply.charge) ** 2;
    case 'battery': {
      const curve = curveAt(DISCHARGE_V[plant.chemistry], supply.charge);
      // The surface charge of the float is gone within minutes.
      const freshMs = atMs - supply.sinceMs;
      return freshMs < 3 * MINUTE ? curve + (54 - curve) * (1 - freshMs / (3 * MINUTE)) : curve;
    }
  }
}

function curveAt(curve: readonly (readonly [number, number])[], x: number): number {
  for (let i = 1; i < curve.length; i++) {
    const high = curve[i - 1];
    const low = curve[i];
    if (high === undefined || low === undefined || x < low[0]) continue;
    return low[1] + ((x - low[0]) / (high[0] - low[0])) * (high[1] - low[1]);
  }
  return curve.at(-1)?.[1] ?? 0;
}
