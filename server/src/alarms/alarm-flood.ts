import type { AlarmRecord } from './alarm.js';

/*
 * More alarms than a person can read (ISA-18.2): above 10 new ones in 10 minutes, until there were fewer than 5 for half an
 * hour, or until somebody says that it is over. Then it begins again above 10 new ones since.
 */

export const FLOOD_WINDOW_MS = 600_000;
export const FLOOD_ABOVE = 10;
export const QUIET_BELOW = 5;
export const QUIET_FOR_MS = 1_800_000;

/** What a restart must know of a flood. Epoch ms. */
export interface FloodState {
  readonly sinceMs: number | null;
  /** Since when it has been quiet, while the flood still counts. */
  readonly quietSinceMs: number | null;
  /** Alarms before are not counted towards the next flood. */
  readonly endedByHandAtMs: number | null;
}

export const NO_FLOOD: FloodState = { sinceMs: null, quietSinceMs: null, endedByHandAtMs: null };

/** What a flood counts alarms by. All endpoints that are not ready for one meeting are one thing to read; null: it is its own. */
export function countedAs({ type, qualifier }: Pick<AlarmRecord, 'type' | 'qualifier'>): string | null {
  return type === 'meetingNotReady' ? `meeting:${qualifier}` : null;
}

/** New alarms by the slice in which they came; bounded, whatever comes. */
export class NewAlarms {
  readonly #slices = new Map<number, number>();
  /** When what comes in many alarms was counted last; epoch ms. */
  readonly #counted = new Map<string, number>();

  note(atMs: number, count = 1): void {
    const slice = Math.floor(atMs / SLICE_MS);
    this.#slices.set(slice, (this.#slices.get(slice) ?? 0) + count);
  }

  /** New alarms of one moment; those that are counted as one thing count again after 10 minutes at the earliest. */
  noteAll(atMs: number, alarms: readonly Pick<AlarmRecord, 'type' | 'qualifier'>[]): void {
    for (const [key, countedAtMs] of this.#counted)
      if (atMs - countedAtMs >= FLOOD_WINDOW_MS) this.#counted.delete(key);
    for (const alarm of alarms) {
      const key = countedAs(alarm);
      if (key !== null && this.#counted.has(key)) continue;
      if (key !== null) this.#counted.set(key, atMs);
      this.note(atMs);
    }
  }

  /** Within the last 10 minutes, and not before `fromMs`. */
  count(nowMs: number, fromMs: number | null): number {
    const oldest = Math.floor((nowMs - FLOOD_WINDOW_MS) / SLICE_MS);
    let count = 0;
    for (const [slice, alarms] of this.#slices) {
      if (slice <= oldest) this.#slices.delete(slice);
      else if (fromMs === null || (slice + 1) * SLICE_MS > fromMs) count += alarms;
    }
    return count;
  }
}

const SLICE_MS = 10_000;

/** The same object when nothing changes. */
export function nextFlood(before: FloodState, newAlarms: number, nowMs: number): FloodState {
  if (before.sinceMs === null) {
    return newAlarms > FLOOD_ABOVE ? { ...NO_FLOOD, sinceMs: nowMs } : before;
  }
  if (newAlarms >= QUIET_BELOW) return before.quietSinceMs === null ? before : { ...before, quietSinceMs: null };
  if (before.quietSinceMs === null) return { ...before, quietSinceMs: nowMs };
  return nowMs - before.quietSinceMs >= QUIET_FOR_MS ? NO_FLOOD : before;
}
