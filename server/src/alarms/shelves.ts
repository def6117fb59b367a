import { alarmKey, type AlarmKey, type AlarmRecord, type Shelved } from './alarm.js';
import type { ShelfChange } from './shelf-change.js';
import { watchKey, type Turn } from './turn.js';

/** Keys of alarms that people put aside. A shelf outlives its alarm: a recurrence until its end is put aside too. */
export class Shelves {
  readonly #shelves = new Map<string, { readonly key: AlarmKey; readonly shelved: Shelved }>();

  load(shelves: readonly { readonly key: AlarmKey; readonly shelved: Shelved }[]): void {
    for (const shelf of shelves) this.#shelves.set(alarmKey(shelf.key), shelf);
  }

  all(): Iterable<{ readonly key: AlarmKey; readonly shelved: Shelved }> {
    return this.#shelves.values();
  }

  shelfOf(key: string, drafted: ReadonlyMap<string, ShelfChange>): Shelved | null {
    const change = drafted.get(key);
    return change === undefined ? (this.#shelves.get(key)?.shelved ?? null) : change.shelved;
  }

  put(turn: Turn, alarm: AlarmRecord, shelved: Shelved): void {
    const key = alarmKey(alarm);
    turn.shelfChanges.set(key, { key: keyOf(alarm), shelved });
    turn.draft.shelve(alarm, shelved, { action: 'shelved', person: shelved.by });
    turn.lookAgain('shelf', key, shelved.untilMs);
  }

  take(turn: Turn, alarm: AlarmRecord, person: Shelved['by']): void {
    turn.shelfChanges.set(alarmKey(alarm), { key: keyOf(alarm), shelved: null });
    turn.draft.shelve(alarm, null, { action: 'unshelved', person });
  }

  /** Ends a shelf whose time has come. */
  look(turn: Turn, key: string): void {
    const shelf = this.#shelves.get(key);
    if (shelf === undefined || turn.shelfChanges.has(key)) return;
    if (turn.nowMs < shelf.shelved.untilMs) {
      turn.lookAgain('shelf', key, shelf.shelved.untilMs);
      return;
    }
    turn.shelfChanges.set(key, { key: shelf.key, shelved: null });
    const alarm = turn.draft.standingOf(key);
    if (alarm !== null && alarm.shelved !== null)
      turn.draft.shelve(alarm, null, { action: 'shelfEnded', person: null });
  }

  accept(drafted: ReadonlyMap<string, ShelfChange>): void {
    for (const [text, { key, shelved }] of drafted) {
      if (shelved === null) this.#shelves.delete(text);
      else this.#shelves.set(text, { key, shelved });
    }
  }

  /** When each shelf ends, to be looked at then. */
  deadlines(): readonly (readonly [string, number])[] {
    return [...this.#shelves].map(([key, { shelved }]) => [watchKey('shelf', key), shelved.untilMs] as const);
  }
}

function keyOf({ resource: { kind, id }, type, qualifier }: AlarmRecord): AlarmKey {
  return { resource: { kind, id }, type, qualifier };
}
