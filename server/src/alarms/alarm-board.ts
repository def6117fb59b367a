import { SEVERITIES, type AlarmType, type Severity } from '@ioc/contract';
import { alarmKey, type AlarmRecord } from './alarm.js';

const NONE: ReadonlySet<string> = new Set();

/** The alarms that stand, in memory: by key, by id, and by device. */
export class AlarmBoard {
  readonly #byKey = new Map<string, AlarmRecord>();
  readonly #keyOfId = new Map<number, string>();
  readonly #keysOfDevice = new Map<string, Set<string>>();
  readonly #devicesByType = new Map<AlarmType, Set<string>>();
  #shelved = 0;

  get size(): number {
    return this.#byKey.size;
  }

  /** How many are put aside. */
  get shelved(): number {
    return this.#shelved;
  }

  /** Devices on which an alarm of this type stands. */
  devicesWith(type: AlarmType): ReadonlySet<string> {
    return this.#devicesByType.get(type) ?? NONE;
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
    const devices = this.#devicesByType.get(alarm.type);
    if (devices === undefined) this.#devicesByType.set(alarm.type, new Set([alarm.deviceId]));
    else devices.add(alarm.deviceId);
    const keys = this.#keysOfDevice.get(alarm.deviceId);
    if (keys === undefined) this.#keysOfDevice.set(alarm.deviceId, new Set([key]));
    else keys.add(key);
  }

  #remove(key: string, alarm: AlarmRecord): void {
    this.#byKey.delete(key);
    this.#keyOfId.delete(alarm.id);
    if (alarm.deviceId === null) return;
    const keys = this.#keysOfDevice.get(alarm.deviceId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOfDevice.delete(alarm.deviceId);
    // Of some types several may stand on a device, told apart by their qualifiers.
    const more = this.ofDevice(alarm.deviceId).some(({ type }) => type === alarm.type);
    if (!more) this.#devicesByType.get(alarm.type)?.delete(alarm.deviceId);
  }
}
