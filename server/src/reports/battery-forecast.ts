/*
 * How long a station's battery lasts, where no alarm carries a forecast. An estimate of ours, and shown as one: from how fast
 * the charge fell, else from the design autonomy.
 */

export interface BatterySample {
  readonly atMs: number;
  /** Remaining capacity, %; null when it was not reported or is suspect. */
  readonly percent: number | null;
  /** Voltage of the −48 V plant, absolute; null when it was not reported or is suspect. */
  readonly voltageV: number | null;
}

/** Design autonomy of a cell site: at least 4 h (docs/SOURCES.md). */
export const DESIGN_AUTONOMY_MIN = 240;
/** A fall is believed over so long a time, and of so many points: the charge comes in whole percent. */
const LEAST_SPAN_MS = 5 * 60_000;
const LEAST_FALL_PERCENT = 2;
/** Open-circuit knee of 24 lead-acid cells: full and, near 43 V, disconnected (docs/SOURCES.md). */
const FULL_V = 51.4;
const EMPTY_V = 43;

/**
 * Minutes until the battery disconnects the load; null when nothing tells. `before` is an older sample of the same discharge.
 */
export function minutesOfBattery(
  now: BatterySample,
  before: BatterySample | null,
  battery: 'leadAcid' | 'lithium' | null,
): number | null {
  const charge = chargePercent(now, battery);
  if (charge === null) return null;
  if (charge <= 0) return 0;
  const slope = before === null ? null : fallPerMinute(now, before);
  const minutes = slope === null ? (charge / 100) * DESIGN_AUTONOMY_MIN : charge / slope;
  return Math.round(minutes);
}

function chargePercent({ percent, voltageV }: BatterySample, battery: 'leadAcid' | 'lithium' | null): number | null {
  if (percent !== null) return percent;
  // A lithium battery holds its voltage until it is nearly empty: it tells nothing.
  if (voltageV === null || battery !== 'leadAcid') return null;
  return Math.min(Math.max((100 * (voltageV - EMPTY_V)) / (FULL_V - EMPTY_V), 0), 100);
}

function fallPerMinute(now: BatterySample, before: BatterySample): number | null {
  if (now.percent === null || before.percent === null || now.atMs - before.atMs < LEAST_SPAN_MS) return null;
  const fall = before.percent - now.percent;
  return fall < LEAST_FALL_PERCENT ? null : fall / ((now.atMs - before.atMs) / 60_000);
}
