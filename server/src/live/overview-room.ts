import { COMMUNES, COMMUNE_BY_CODE, groupDevices, type OverviewDelta, type OverviewSnapshot } from '@ioc/contract';
import type { Room, SnapshotPart } from './live-room.js';
import type { LiveStateService } from './live-state.service.js';

/**
 * How many devices one message tells of, unless a single commune has more. A province is one message; a country is as many
 * as it takes, each made in some 10 ms, so that making them never holds up the intake, and none of them is large.
 */
export const DEVICES_PER_MESSAGE = 5_000;

/** Some communes with all of their devices, as they are now. */
interface Part extends Pick<OverviewSnapshot, 'communes' | 'devices'> {
  /** The first commune after these; null: there is none. */
  readonly next: string | null;
  readonly bytes: number;
}

/** The province: a snapshot in parts of whole communes, in the order of their list. */
export class OverviewRoom implements Room {
  readonly name = 'overview';
  readonly #devices = new Set<string>();
  readonly #communes = new Set<string>();
  #registerChanged = false;
  #systemDue = false;
  /**
   * Parts of which nothing has changed since they were made, by their first commune: after a restart every wall asks at
   * once. Together at most as large as one snapshot.
   */
  readonly #kept = new Map<string, Part>();
  /** The first commune of the kept part that a commune is in. */
  readonly #partOf = new Map<string, string>();

  constructor(private readonly state: LiveStateService) {}

  devicesChanged(ids: Iterable<string>): void {
    const { devices } = this.state.register();
    for (const id of ids) {
      this.#devices.add(id);
      if (this.#kept.size > 0) this.#drop(devices.get(id)?.communeCode);
    }
  }

  communesChanged(codes: Iterable<string>): void {
    for (const code of codes) {
      this.#communes.add(code);
      this.#drop(code);
    }
  }

  registerChanged(): void {
    this.#kept.clear();
    this.#partOf.clear();
    this.#registerChanged = true;
  }

  systemDue(): void {
    this.#systemDue = true;
  }

  snapshot(from: string | null): SnapshotPart | null {
    const first = from ?? COMMUNES[0]?.code;
    if (first === undefined || !COMMUNE_BY_CODE.has(first)) return null;
    const { communes, devices, next, bytes } = this.#kept.get(first) ?? this.#make(first);
    const system = this.state.system();
    return {
      snapshot: { registerVersion: this.state.register().version, devices, communes, system },
      next,
      bytes: bytes + JSON.stringify(system).length,
    };
  }

  takeDelta(): OverviewDelta | null {
    const register = this.state.register();
    const devices = this.#takeDevices();
    const communes = this.#takeCommunes();
    if (devices.length + communes.length === 0 && !this.#registerChanged && !this.#systemDue) return null;
    const delta: OverviewDelta = {
      ...(this.#registerChanged && { registerVersion: register.version }),
      ...(devices.length > 0 && { devices: Object.fromEntries(devices.map((id) => [id, this.state.deviceLive(id)])) }),
      ...(communes.length > 0 && { communes: communes.map((code) => this.state.communeLive(code)) }),
      ...(this.#systemDue && { system: this.state.system() }),
    };
    this.#registerChanged = false;
    this.#systemDue = false;
    return delta;
  }

  hasMore(): boolean {
    return this.#devices.size + this.#communes.size > 0;
  }

  #make(first: string): Part {
    const { devicesByCommune } = this.state.register();
    const codes: string[] = [];
    let count = 0;
    let next: string | null = null;
    for (const { code } of COMMUNES.slice(COMMUNES.findIndex((commune) => commune.code === first))) {
      count += devicesByCommune.get(code)?.length ?? 0;
      if (count > DEVICES_PER_MESSAGE && codes.length > 0) {
        next = code;
        break;
      }
      codes.push(code);
    }
    const live = codes.flatMap((code) =>
      (devicesByCommune.get(code) ?? []).map(({ id }) => [id, this.state.deviceLive(id)] as const),
    );
    const made = { communes: codes.map((code) => this.state.communeLive(code)), devices: groupDevices(live) };
    const part = { ...made, next, bytes: JSON.stringify(made).length };
    this.#keep(codes, part);
    return part;
  }

  /** Whoever asks for a place between two parts gets an answer, but nothing is kept twice. */
  #keep(codes: readonly string[], part: Part): void {
    const [first] = codes;
    if (first === undefined || codes.some((code) => this.#partOf.has(code))) return;
    this.#kept.set(first, part);
    for (const code of codes) this.#partOf.set(code, first);
  }

  #drop(code: string | undefined): void {
    const first = code === undefined ? undefined : this.#partOf.get(code);
    const part = first === undefined ? undefined : this.#kept.get(first);
    if (first === undefined || part === undefined) return;
    this.#kept.delete(first);
    for (const commune of part.communes) this.#partOf.delete(commune.code);
  }

  #takeDevices(): readonly string[] {
    const { devices } = this.state.register();
    const taken: string[] = [];
    for (const id of this.#devices) {
      if (taken.length === DEVICES_PER_MESSAGE) break;
      this.#devices.delete(id);
      if (devices.has(id)) taken.push(id);
    }
    return taken;
  }

  /** A commune is counted from its devices: so many communes that they have no more devices than a message tells of. */
  #takeCommunes(): readonly string[] {
    const { devicesByCommune } = this.state.register();
    const taken: string[] = [];
    let count = 0;
    for (const code of this.#communes) {
      count += devicesByCommune.get(code)?.length ?? 0;
      if (count > DEVICES_PER_MESSAGE && taken.length > 0) break;
      this.#communes.delete(code);
      taken.push(code);
    }
    return taken;
  }
}
