import type { Reading } from './reading.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When an hour's roll-ups are stored, in ms of the console's clock. */
export interface Settling {
  /** An hour is stored this long after its end at the earliest. */
  readonly settledMs: number;
  /** A transaction that writes readings ends within this, or is given up: statements and idle transactions have time limits. */
  readonly uncommittedMs: number;
}

/** A rehearsal's clock runs faster than the database's time limits. */
export function settlingAt(clockSpeed: number): Settling {
  return {
    settledMs: Math.max(15 * MINUTE_MS, 3 * MINUTE_MS * clockSpeed),
    uncommittedMs: Math.max(10 * MINUTE_MS, 2 * MINUTE_MS * clockSpeed),
  };
}

/**
 * Readings before this moment must be noted as late when they are written at `nowMs`: their hour may be stored before they
 * are committed. No reading after it can be missed, whenever its transaction ends: an hour is not stored until all that were
 * under way during it, and did not note it, have ended.
 *
 * @param storedUntilMs What was stored at the start: the clock may have been set back since.
 */
export function lateBeforeMs(nowMs: number, storedUntilMs: number, { settledMs, uncommittedMs }: Settling): number {
  return Math.max(storedUntilMs, hourOf(nowMs - (settledMs - uncommittedMs)));
}

/** An hour of a device whose roll-ups must be stored again. */
export interface LateHour {
  readonly deviceNo: number;
  readonly hourMs: number;
}

/** The hours of the readings before `beforeMs`, each once. */
export function lateHours(readings: readonly Reading[], beforeMs: number): readonly LateHour[] {
  const hours = new Map<string, LateHour>();
  for (const { device, atMs } of readings) {
    if (atMs >= beforeMs) continue;
    const hourMs = hourOf(atMs);
    hours.set(`${device.no} ${hourMs}`, { deviceNo: device.no, hourMs });
  }
  return [...hours.values()];
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}
