import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { LiveRoom } from '@ioc/contract';
import { DevicesService } from '../devices/devices.service.js';
import type { Register } from '../devices/registered-device.js';
import { IncidentsService, type IncidentsChange } from '../incidents/incidents.service.js';
import type { Committed } from '../intake/announcements.js';
import { IntakeService } from '../intake/intake.service.js';
import { DeviceRoom, IncidentsRoom, type LiveMessage, type Room, type SnapshotPart } from './live-room.js';
import { Looking, type Looker } from './looking.js';
import { LiveStateService } from './live-state.service.js';
import { OverviewRoom } from './overview-room.js';
import { Pace, type Timer } from './pace.js';

/** Connectivity, alarms and incidents go at most so often, readings at most so often; real ms. */
const CHANGE_INTERVAL_MS = 50;
const READING_INTERVAL_MS = 250;
const SYSTEM_INTERVAL_MS = 1_000;

/** Sends a room's message to its members. */
export type Deliver = (message: LiveMessage) => void;

interface OpenRoom<R extends Room> {
  readonly room: R;
  readonly pace: Pace;
  members: number;
  seq: number;
}

const REAL_TIME: Timer = {
  nowMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Who watches what, and what they have not been told yet. Rooms exist while they have members; nothing is gathered for a
 * room that nobody is in.
 */
@Injectable()
export class LiveService implements OnModuleInit, OnModuleDestroy {
  #overview: OpenRoom<OverviewRoom> | null = null;
  #incidents: OpenRoom<IncidentsRoom> | null = null;
  readonly #looking = new Looking();
  readonly #devices = new Map<string, OpenRoom<DeviceRoom>>();
  #deliver: Deliver = () => undefined;
  /** As the overview's members know it. */
  #known: Register | null = null;
  #stops: (() => void)[] = [];

  constructor(
    private readonly state: LiveStateService,
    private readonly devices: DevicesService,
    private readonly incidents: IncidentsService,
    private readonly intake: IntakeService,
  ) {}

  onModuleInit(): void {
    const second = setInterval(() => this.#everySecond(), SYSTEM_INTERVAL_MS);
    this.#stops = [
      () => clearInterval(second),
      this.intake.announcements.on('committed', 'live', (committed) => this.#committed(committed)),
      this.incidents.onChanged('live', (change) => this.#incidentsChanged(change)),
      this.devices.onRegisterChanged('live', (register) => this.#registerChanged(register)),
    ];
  }

  onModuleDestroy(): void {
    for (const stop of this.#stops) stop();
    for (const { pace } of this.#openRooms()) pace.stop();
  }

  /** Where messages go. */
  deliverTo(deliver: Deliver): void {
    this.#deliver = deliver;
  }

  /** Whether there is such a room. */
  find(name: LiveRoom): 'ok' | 'unknown-device' {
    const deviceId = deviceOf(name);
    return deviceId === null || this.state.register().devices.has(deviceId) ? 'ok' : 'unknown-device';
  }

  /** One more member. Every `join` has its `leave`. */
  join(name: LiveRoom): void {
    this.#open(name).members += 1;
  }

  leave(name: LiveRoom): void {
    const open = this.#find(name);
    if (open === null) return;
    open.members -= 1;
    if (open.members > 0) return;
    open.pace.stop();
    if (name === 'overview') this.#overview = null;
    else if (name === 'incidents') this.#incidents = null;
    else this.#devices.delete(deviceOf(name) ?? '');
  }

  /**
   * The state of a room that has members, or the part of it that begins at `from`, and the number of its last message; the
   * next one follows it. Null when no part can begin there.
   */
  snapshot(name: LiveRoom, from: string | null): (SnapshotPart & { readonly seq: number }) | null {
    const { seq, room } = this.#open(name);
    const part = room.snapshot(from);
    return part === null ? null : { ...part, seq };
  }

  #committed({ readings, judgement }: Committed): void {
    const { liveChanged, communes } = judgement;
    if (this.#overview !== null && liveChanged.size + communes.size > 0) {
      this.#overview.room.devicesChanged(liveChanged);
      this.#overview.room.communesChanged(communes.keys());
      this.#overview.pace.ask(CHANGE_INTERVAL_MS);
    }
    if (this.#devices.size === 0) return;
    for (const id of liveChanged) this.#deviceChanged(id);
    for (const { device, live } of readings) {
      const open = live ? this.#devices.get(device.id) : undefined;
      if (open === undefined) continue;
      open.room.readingCame();
      open.pace.ask(READING_INTERVAL_MS);
    }
  }

  /** A connection has an incident open; null: none any more. Only people are named, never walls. */
  look(connection: string, who: Looker, incidentId: string | null): void {
    if (this.#looking.look(connection, who, incidentId)) this.#lookingChanged();
  }

  lookAway(connection: string): void {
    if (this.#looking.leave(connection)) this.#lookingChanged();
  }

  #lookingChanged(): void {
    if (this.#incidents === null) return;
    this.#incidents.room.lookingChanged();
    this.#incidents.pace.ask(CHANGE_INTERVAL_MS);
  }

  #incidentsChanged(change: IncidentsChange): void {
    if (this.#incidents !== null && change.changed.length + change.removed.length > 0) {
      this.#incidents.room.incidentsChanged(change);
      this.#incidents.pace.ask(CHANGE_INTERVAL_MS);
    }
    if (this.#overview !== null && change.devices.size > 0) {
      this.#overview.room.devicesChanged(change.devices);
      this.#overview.pace.ask(CHANGE_INTERVAL_MS);
    }
    for (const id of change.devices) this.#deviceChanged(id);
  }

  #deviceChanged(id: string): void {
    const open = this.#devices.get(id);
    if (open === undefined) return;
    open.room.liveChanged();
    open.pace.ask(CHANGE_INTERVAL_MS);
  }

  #registerChanged(register: Register): void {
    const known = this.#known;
    this.#known = register;
    if (this.#overview === null) return;
    const added = [...register.devices.keys()].filter((id) => known?.devices.has(id) !== true);
    this.#overview.room.registerChanged();
    this.#overview.room.devicesChanged(added);
    this.#overview.room.communesChanged(register.devicesByCommune.keys());
    this.#overview.pace.ask(CHANGE_INTERVAL_MS);
  }

  #everySecond(): void {
    if (this.#overview === null) return;
    this.#overview.room.systemDue();
    this.#overview.pace.ask(CHANGE_INTERVAL_MS);
  }

  #open(name: LiveRoom): OpenRoom<Room> {
    const known = this.#find(name);
    if (known !== null) return known;
    if (name === 'overview') {
      this.#known = this.state.register();
      return (this.#overview = this.#begin(new OverviewRoom(this.state)));
    }
    if (name === 'incidents') return (this.#incidents = this.#begin(new IncidentsRoom(this.state, this.#looking)));
    const deviceId = deviceOf(name) ?? '';
    const open = this.#begin(new DeviceRoom(this.state, deviceId));
    this.#devices.set(deviceId, open);
    return open;
  }

  #begin<R extends Room>(room: R): OpenRoom<R> {
    const open: OpenRoom<R> = { room, members: 0, seq: 0, pace: new Pace(REAL_TIME, () => this.#flush(open)) };
    return open;
  }

  #flush(open: OpenRoom<Room>): void {
    const delta = open.room.takeDelta();
    if (delta === null) return;
    open.seq += 1;
    this.#deliver({ room: open.room.name, seq: open.seq, delta });
    if (open.room.hasMore()) open.pace.ask(CHANGE_INTERVAL_MS);
  }

  #find(name: LiveRoom): OpenRoom<Room> | null {
    if (name === 'overview') return this.#overview;
    if (name === 'incidents') return this.#incidents;
    return this.#devices.get(deviceOf(name) ?? '') ?? null;
  }

  *#openRooms(): Generator<OpenRoom<Room>> {
    if (this.#overview !== null) yield this.#overview;
    if (this.#incidents !== null) yield this.#incidents;
    yield* this.#devices.values();
  }
}

const DEVICE_PREFIX = 'device:';
function deviceOf(name: LiveRoom): string | null {
  return name.startsWith(DEVICE_PREFIX) ? name.slice(DEVICE_PREFIX.length) : null;
}
