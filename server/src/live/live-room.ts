import type { CurrentChange } from '../incidents/current-incidents.js';
import type {
  DeltaMessage,
  DeviceDelta,
  DeviceSnapshot,
  Incident,
  IncidentsDelta,
  IncidentsSnapshot,
  LiveRoom,
  OverviewDelta,
  OverviewSnapshot,
} from '@ioc/contract';
import type { LiveStateService } from './live-state.service.js';

export type LiveDelta = OverviewDelta | IncidentsDelta | DeviceDelta;
export type LiveSnapshot = OverviewSnapshot | IncidentsSnapshot | DeviceSnapshot;

/**
 * A room with members: what changed since its last delta, as ids only. However much happens between two deltas, it holds
 * at most every id once, and the delta is made from the state at the moment of sending.
 */
export interface Room {
  readonly name: LiveRoom;
  snapshot(): LiveSnapshot;
  /** About how many bytes the snapshot takes on the wire. */
  snapshotBytes(snapshot: LiveSnapshot): number;
  /** What has changed since the last call; null when nothing has. */
  takeDelta(): LiveDelta | null;
}

/** On the wire a device takes about 145 bytes and a commune about 560. */
const DEVICE_BYTES = 160;
const COMMUNE_BYTES = 700;

export class OverviewRoom implements Room {
  readonly name = 'overview';
  readonly #devices = new Set<string>();
  readonly #communes = new Set<string>();
  #registerChanged = false;
  #systemDue = false;
  /** The last snapshot, while nothing has changed since: after a restart every wall asks for it at once. */
  #kept: OverviewSnapshot | null = null;

  constructor(private readonly state: LiveStateService) {}

  devicesChanged(ids: Iterable<string>): void {
    this.#kept = null;
    for (const id of ids) this.#devices.add(id);
  }

  communesChanged(codes: Iterable<string>): void {
    this.#kept = null;
    for (const code of codes) this.#communes.add(code);
  }

  registerChanged(): void {
    this.#kept = null;
    this.#registerChanged = true;
  }

  systemDue(): void {
    this.#systemDue = true;
  }

  snapshot(): OverviewSnapshot {
    this.#kept = this.#kept === null ? this.state.overviewSnapshot() : { ...this.#kept, system: this.state.system() };
    return this.#kept;
  }

  snapshotBytes(): number {
    const { devices, devicesByCommune } = this.state.register();
    return devices.size * DEVICE_BYTES + devicesByCommune.size * COMMUNE_BYTES;
  }

  takeDelta(): OverviewDelta | null {
    const register = this.state.register();
    const devices = [...this.#devices].filter((id) => register.devices.has(id));
    if (devices.length + this.#communes.size === 0 && !this.#registerChanged && !this.#systemDue) return null;
    const delta: OverviewDelta = {
      ...(this.#registerChanged && { registerVersion: register.version }),
      ...(devices.length > 0 && { devices: Object.fromEntries(devices.map((id) => [id, this.state.deviceLive(id)])) }),
      ...(this.#communes.size > 0 && { communes: [...this.#communes].map((code) => this.state.communeLive(code)) }),
      ...(this.#systemDue && { system: this.state.system() }),
    };
    this.#devices.clear();
    this.#communes.clear();
    this.#registerChanged = false;
    this.#systemDue = false;
    return delta;
  }
}

export class IncidentsRoom implements Room {
  readonly name = 'incidents';
  readonly #changed = new Map<string, Incident>();
  readonly #removed = new Set<string>();

  constructor(private readonly state: LiveStateService) {}

  incidentsChanged({ changed, removed }: CurrentChange): void {
    for (const incident of changed) this.#changed.set(incident.id, incident);
    for (const id of removed) {
      this.#changed.delete(id);
      this.#removed.add(id);
    }
  }

  snapshot(): IncidentsSnapshot {
    return this.state.incidentsSnapshot();
  }

  snapshotBytes(snapshot: LiveSnapshot): number {
    return JSON.stringify(snapshot).length;
  }

  takeDelta(): IncidentsDelta | null {
    if (this.#changed.size + this.#removed.size === 0) return null;
    const delta = { changed: [...this.#changed.values()], removed: [...this.#removed] };
    this.#changed.clear();
    this.#removed.clear();
    return delta;
  }
}

export class DeviceRoom implements Room {
  readonly name: LiveRoom;
  #liveDue = false;
  #latestDue = false;

  constructor(
    private readonly state: LiveStateService,
    readonly deviceId: string,
  ) {
    this.name = `device:${deviceId}`;
  }

  liveChanged(): void {
    this.#liveDue = true;
  }

  readingCame(): void {
    this.#latestDue = true;
  }

  snapshot(): DeviceSnapshot {
    return this.state.deviceSnapshot(this.deviceId);
  }

  snapshotBytes(snapshot: LiveSnapshot): number {
    return JSON.stringify(snapshot).length;
  }

  takeDelta(): DeviceDelta | null {
    if (!this.#liveDue && !this.#latestDue) return null;
    const latest = this.#latestDue ? this.state.latest(this.deviceId) : null;
    const delta: DeviceDelta = {
      ...(this.#liveDue && {
        live: this.state.deviceLive(this.deviceId),
        reason: this.state.reasonOf(this.deviceId),
      }),
      ...(latest !== null && { latest }),
    };
    this.#liveDue = false;
    this.#latestDue = false;
    return delta;
  }
}

export type LiveMessage = DeltaMessage<LiveDelta>;
