import type { LocalizedText, Severity, Suppression } from '@ioc/contract';
import {
  alarmKey,
  type AlarmDetail,
  type AlarmKey,
  type AlarmOutcome,
  type AlarmRecord,
  type Shelved,
  type WantedAlarm,
} from './alarm.js';

/** One line of an alarm's history. */
export interface AlarmNote {
  readonly action: string;
  readonly severity: Severity | null;
  readonly text: LocalizedText | null;
  readonly person: { readonly personId: string; readonly name: string } | null;
}

/** What a draft reads of what stands; nothing here is changed before its commit. */
export interface StandingAlarms {
  get(key: string): AlarmRecord | null;
}

/** What an alarm is told by as it is raised. */
export interface Muting {
  /** Why an alarm of this key tells nobody; null when it does. */
  suppressionOf(wanted: WantedAlarm): Suppression | null;
  /** The shelf that its key is on; null when it is on none. */
  shelfOf(key: string): Shelved | null;
}

export interface DraftedAlarm {
  /** Null: it did not stand before. */
  readonly before: AlarmRecord | null;
  after: AlarmRecord;
  readonly notes: AlarmNote[];
}

/** The id of an alarm that is not written yet. */
export const NO_ID = 0;

/** What a judgement makes of the alarms, in the making: an overlay on what stands. */
export class AlarmDraft {
  readonly #drafted = new Map<string, DraftedAlarm>();
  readonly #touched = new Set<string>();

  constructor(
    private readonly standing: StandingAlarms,
    private readonly muting: Muting,
    readonly nowMs: number,
  ) {}

  /** The alarm that stands under a key, with what this draft made of it. */
  standingOf(key: string): AlarmRecord | null {
    const drafted = this.#drafted.get(key);
    if (drafted === undefined) return this.standing.get(key);
    return drafted.after.clearedAtMs === null ? drafted.after : null;
  }

  /**
   * Raises an alarm, or changes the one that stands under its key. One that ended in this same draft goes on: nobody ever saw
   * it end. Its text changes with its severity, or when `tells` says that there is something new to tell.
   */
  want(wanted: WantedAlarm, { tells = false }: { readonly tells?: boolean } = {}): void {
    const key = alarmKey(wanted);
    const drafted = this.#drafted.get(key);
    const last = drafted?.after ?? this.standing.get(key);
    if (last === null) {
      this.#raise(key, wanted);
      return;
    }
    const again = last.clearedAtMs !== null;
    const differs = last.severity !== wanted.severity || tells;
    if (!differs && !again && sameDetail(last.detail, wanted.detail)) return;
    const after: AlarmRecord = {
      ...last,
      ...(differs ? { ...wanted, beganAtMs: last.beganAtMs, changedAtMs: this.nowMs } : { detail: wanted.detail }),
      clearedAtMs: null,
    };
    const note: AlarmNote = { action: 'changed', severity: after.severity, text: after.text, person: null };
    this.#change(key, after, differs ? note : null);
  }

  /** Ends the alarm that stands under a key; nothing when none does. */
  clear(key: AlarmKey | string): void {
    const text = typeof key === 'string' ? key : alarmKey(key);
    const standing = this.standingOf(text);
    if (standing === null) return;
    const after = { ...standing, changedAtMs: this.nowMs, clearedAtMs: Math.max(this.nowMs, standing.raisedAtMs) };
    this.#change(text, after, { action: 'cleared', severity: null, text: null, person: null });
  }

  /** Why it tells nobody, from now on; nothing when that is so already. */
  suppress(alarm: AlarmRecord, suppression: Suppression | null, action: string): void {
    const key = alarmKey(alarm);
    const standing = this.standingOf(key);
    if (standing === null || standing.suppression === suppression) return;
    const after = { ...standing, suppression, changedAtMs: this.nowMs };
    this.#change(key, after, { action, severity: standing.severity, text: null, person: null });
  }

  /** Puts right what it says of the past; its state, and when that changed, stay as they are. */
  correct(alarm: AlarmRecord, note: Pick<AlarmNote, 'action' | 'text'>): void {
    this.#change(alarmKey(alarm), alarm, { ...note, severity: null, person: null });
  }

  /** Puts it aside, or takes it up again. */
  shelve(alarm: AlarmRecord, shelved: Shelved | null, note: Pick<AlarmNote, 'action' | 'person'>): void {
    const key = alarmKey(alarm);
    const standing = this.standingOf(key);
    if (standing === null) return;
    const operatorState = shelved === null ? 'none' : 'shelved';
    const after: AlarmRecord = { ...standing, shelved, operatorState, changedAtMs: this.nowMs };
    this.#change(key, after, { ...note, severity: null, text: null });
  }

  /** A device whose alarm level differs, though none of its alarms need do so. */
  touch(deviceId: string): void {
    this.#touched.add(deviceId);
  }

  /** Devices whose alarm level differs. */
  touched(): Iterable<string> {
    return this.#touched;
  }

  drafted(): Iterable<DraftedAlarm> {
    return this.#drafted.values();
  }

  /** Read once the ids of what was raised are known. */
  outcome(): AlarmOutcome {
    const raised: AlarmRecord[] = [];
    const changed: { before: AlarmRecord; after: AlarmRecord }[] = [];
    const cleared: AlarmRecord[] = [];
    const touchedDevices = new Set(this.#touched);
    for (const { before, after } of this.#drafted.values()) {
      if (after.deviceId !== null) touchedDevices.add(after.deviceId);
      if (before === null) raised.push(after);
      else if (after.clearedAtMs === null) changed.push({ before, after });
      if (after.clearedAtMs !== null) cleared.push(after);
    }
    return { raised, changed, cleared, touchedDevices };
  }

  #raise(key: string, wanted: WantedAlarm): void {
    const shelved = this.muting.shelfOf(key);
    const after: AlarmRecord = {
      ...wanted,
      id: NO_ID,
      version: 1,
      raisedAtMs: this.nowMs,
      changedAtMs: this.nowMs,
      clearedAtMs: null,
      operatorState: shelved === null ? 'none' : 'shelved',
      suppression: this.muting.suppressionOf(wanted),
      shelved,
      incidentId: null,
    };
    const note = { action: 'raised', severity: wanted.severity, text: wanted.text, person: null };
    this.#drafted.set(key, { before: null, after, notes: [note] });
  }

  #change(key: string, after: AlarmRecord, note: AlarmNote | null): void {
    const drafted = this.#drafted.get(key);
    if (drafted !== undefined) {
      drafted.after = after;
      if (note !== null) drafted.notes.push(note);
      return;
    }
    const before = this.standing.get(key);
    if (before === null) throw new Error(`an alarm that does not stand cannot change: ${key}`);
    this.#drafted.set(key, {
      before,
      after: { ...after, version: before.version + 1 },
      notes: note === null ? [] : [note],
    });
  }
}

function sameDetail(a: AlarmDetail, b: AlarmDetail): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
