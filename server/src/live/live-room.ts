import type { CurrentChange } from '../incidents/incident-book.js';
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
import type { Looking } from './looking.js';

export type LiveDelta = OverviewDelta | IncidentsDelta | DeviceDelta;
export type LiveSnapshot = OverviewSnapshot | IncidentsSnapshot | DeviceSnapshot;

/** A snapshot, or the part of one that one message carries. */
export interface SnapshotPart {
  readonly snapshot: LiveSnapshot;
  /** Where the next part begins; null: there is none. */
  readonly next: string | null;
  /** About how many bytes it takes on the wire. */
  readonly bytes: number;
}

/**
 * A room with members: what changed since its last delta, as ids only. However much happens between two deltas, it holds
 * at most every id once, and the delta is made from the state at the moment of sending.
 */
export interface Room {
  readonly name: LiveRoom;
  /** The part that begins at `from`, null being the beginning; null when no part can begin there. */
  snapshot(from: string | null): SnapshotPart | null;
  /** What has changed since the last call, or as much of it as one message carries; null when nothing has. */
  takeDelta(): LiveDelta | null;
  /** Whether `takeDelta` left something for the next message. */
  hasMore(): boolean;
}

export class IncidentsRoom implements Room {
  readonly name = 'incidents';
  readonly #changed = new Map<string, Incident>();
  readonly #removed = new Set<string>();
  #lookingDue = false;

  constructor(
    private readonly state: LiveStateService,
    private readonly lookers: Looking,
  ) {}

  incidentsChanged({ changed, removed }: CurrentChange): void {
    for (const incident of changed) {
      this.#changed.set(incident.id, incident);
      this.#removed.delete(incident.id);
    }
    for (const id of removed) {
      this.#changed.delete(id);
      this.#removed.add(id);
    }
  }

  snapshot(from: string | null): SnapshotPart | null {
    return from === null ? onlyPart({ incidents: this.state.currentIncidents(), looking: this.lookers.names() }) : null;
  }

  lookingChanged(): void {
    this.#lookingDue = true;
  }

  takeDelta(): IncidentsDelta | null {
    if (this.#changed.size + this.#removed.size === 0 && !this.#lookingDue) return null;
    const delta: IncidentsDelta = {
      changed: [...this.#changed.values()],
      removed: [...this.#removed],
      ...(this.#lookingDue && { looking: this.lookers.names() }),
    };
    this.#changed.clear();
    this.#removed.clear();
    this.#lookingDue = false;
    return delta;
  }

  hasMore(): boolean {
    return false;
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

  snapshot(from: string | null): SnapshotPart | null {
    return from === null ? onlyPart(this.state.deviceSnapshot(this.deviceId)) : null;
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

  hasMore(): boolean {
    return false;
  }
}

function onlyPart(snapshot: LiveSnapshot): SnapshotPart {
  return { snapshot, next: null, bytes: JSON.stringify(snapshot).length };
}

export type LiveMessage = DeltaMessage<LiveDelta>;
