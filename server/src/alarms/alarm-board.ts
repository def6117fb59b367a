import { SEVERITIES, type Severity } from '@ioc/contract';
import { alarmKey, type AlarmRecord } from './alarm.js';

/** The alarms that stand, in memory: by key, by id, and by device. */
export class AlarmBoard {
  readonly #byKey = new Map<string, AlarmRecord>();
  readonly #keyOfId = new Map<number, string>();
  readonly #keysOfDevice = new Map<string, Set<string>>();
  readonly #silentGauges = new Set<string>();
  #shelved = 0;

  get size(): number {
    return this.#byKey.size;
  }

  /** How many are put aside. */
  get shelved(): number {
    return this.#shelved;
  }

  /** Devices whose silence is an alarm. */
  get silentGauges(): ReadonlySet<string> {
    return this.#silentGauges;
  }

  all(): Iterable<AlarmRecord> {
    return this.#byKey.values();
  }

  get(key: string): AlarmRecord | null {
    return this.#byKey.get(key) ?? null;
  }

  byId(id: number): AlarmRecord | null {
    const key = this.#keyOfId.get(id);
    return key === undefined ? null : this.get(key);
  }

  ofDevice(deviceId: string): readonly AlarmRecord[] {
    const keys = this.#keysOfDevice.get(deviceId);
    return keys === undefined ? [] : [...keys].flatMap((key) => this.#byKey.get(key) ?? []);
  }

  /** Worst severity of a device's alarms; null when none stands. */
  severityOf(deviceId: string): Severity | null {
    const keys = this.#keysOfDevice.get(deviceId);
    if (keys === undefined) return null;
    let worst: Severity | null = null;
    for (const key of keys) {
      const severity = this.#byKey.get(key)?.severity;
      if (severity === undefined) continue;
      if (worst === null || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(worst)) worst = severity;
    }
    return worst;
  }

  /** Takes the newest record of an alarm; one that is cleared leaves the board. */
  take(alarm: AlarmRecord): void {
    const key = alarmKey(alarm);
    const before = this.#byKey.get(key);
    if (before !== undefined && before.shelved !== null) this.#shelved -= 1;
    if (alarm.clearedAtMs !== null) {
      // A later occurrence may stand under the same key.
      if (before !== undefined && before.id === alarm.id) this.#remove(key, before);
      else if (before !== undefined && before.shelved !== null) this.#shelved += 1;
      return;
    }
    if (alarm.shelved !== null) this.#shelved += 1;
    this.#byKey.set(key, alarm);
    this.#keyOfId.set(alarm.id, key);
    if (alarm.deviceId === null) return;
    if (alarm.type === 'gaugeSilent') this.#silentGauges.add(alarm.deviceId);
    const keys = this.#keysOfDevice.get(alarm.deviceId);
    if (keys === undefined) this.#keysOfDevice.set(alarm.deviceId, new Set([key]));
    else keys.add(key);
  }

  #remove(key: string, alarm: AlarmRecord): void {
    this.#byKey.delete(key);
    this.#keyOfId.delete(alarm.id);
    if (alarm.deviceId === null) return;
    if (alarm.type === 'gaugeSilent') this.#silentGauges.delete(alarm.deviceId);
    const keys = this.#keysOfDevice.get(alarm.deviceId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOfDevice.delete(alarm.deviceId);
  }
}
