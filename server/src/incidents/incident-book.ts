import type { Incident } from '@ioc/contract';
import type { AlarmRecord } from '../alarms/alarm.js';
import type { GroupedIncident } from './incident-draft.js';
import { isOpen, toIncident, type IncidentRecord } from './incident-record.js';

/** How long an incident that is resolved or closed stays on the list; ms. */
export const SHOWN_AFTER_END_MS = 10 * 60_000;

/** What changed on the list of current incidents. */
export interface CurrentChange {
  readonly changed: readonly Incident[];
  /** Ids that left the list. */
  readonly removed: readonly string[];
}

/** A newer version of an incident; `members` null: its alarms are as before. */
export interface BookEntry {
  readonly record: IncidentRecord;
  readonly members: ReadonlyMap<number, AlarmRecord> | null;
}

interface Kept {
  readonly record: IncidentRecord;
  readonly members: ReadonlyMap<number, AlarmRecord>;
  /** As the wire carries it; null once it has left the list. */
  readonly shown: Incident | null;
}

const NO_MEMBERS: ReadonlyMap<number, AlarmRecord> = new Map();

/**
 * The incidents in memory: all that are not closed, with the alarms that they hold, and those closed a short while ago. The
 * list that screens show leaves out what has been resolved for longer than that.
 */
export class IncidentBook {
  readonly #kept = new Map<number, Kept>();
  /** Ended ones that are still shown, with the moment when they leave. */
  readonly #leaving = new Map<number, number>();
  #open = 0;
  #unheldCritical = 0;

  /** What screens show: all that are open, and those that ended within the last 10 minutes. */
  shown(): readonly Incident[] {
    return [...this.#kept.values()].flatMap(({ shown }) => shown ?? []);
  }

  /** All that are not closed. */
  *grouped(): Generator<GroupedIncident> {
    for (const { record, members } of this.#kept.values()) if (record.state !== 'closed') yield { record, members };
  }

  get(id: number): IncidentRecord | null {
    return this.#kept.get(id)?.record ?? null;
  }

  membersOf(id: number): ReadonlyMap<number, AlarmRecord> {
    return this.#kept.get(id)?.members ?? NO_MEMBERS;
  }

  /** How many are open, and how many of those are critical and held by nobody. */
  get counts(): { readonly open: number; readonly unheldCritical: number } {
    return { open: this.#open, unheldCritical: this.#unheldCritical };
  }

  /** Takes newer versions; of older ones, overtaken by another transaction, only the alarms. Returns what is shown anew. */
  take(entries: readonly BookEntry[], nowMs: number): readonly Incident[] {
    const changed: Incident[] = [];
    for (const { record, members } of entries) {
      const before = this.#kept.get(record.id);
      const newer = before === undefined || before.record.version < record.version;
      const next = newer ? record : before.record;
      if (newer) {
        this.#count(before?.record, -1);
        this.#count(record, 1);
        if (isOpen(record)) this.#leaving.delete(record.id);
        else if (!this.#leaving.has(record.id)) this.#leaving.set(record.id, endOf(record, nowMs) + SHOWN_AFTER_END_MS);
      }
      const shown = newer ? toIncident(record) : before.shown;
      this.#kept.set(record.id, { record: next, members: members ?? before?.members ?? NO_MEMBERS, shown });
      if (newer && shown !== null) changed.push(shown);
    }
    return changed;
  }

  /** Takes those off the list that ended long enough ago. */
  expire(nowMs: number): readonly string[] {
    const gone: string[] = [];
    for (const [id, leavesAtMs] of this.#leaving) {
      if (leavesAtMs > nowMs) continue;
      const kept = this.#kept.get(id);
      if (kept === undefined) continue;
      if (kept.shown !== null) gone.push(String(id));
      if (kept.record.state === 'closed') {
        this.#kept.delete(id);
        this.#leaving.delete(id);
      } else if (kept.shown !== null) {
        this.#kept.set(id, { ...kept, shown: null });
      }
    }
    return gone;
  }

  #count(record: IncidentRecord | undefined, by: 1 | -1): void {
    if (record === undefined || !isOpen(record)) return;
    this.#open += by;
    if (record.state === 'open' && record.severity === 'critical') this.#unheldCritical += by;
  }
}

function endOf(record: IncidentRecord, nowMs: number): number {
  return record.resolvedAtMs ?? record.closedAtMs ?? nowMs;
}
