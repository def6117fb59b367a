import { Injectable } from '@nestjs/common';
import { SEVERITIES, type Severity } from '@ioc/contract';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import type { Judgement } from '../connectivity/judgement.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import type { Reading } from '../readings/reading.js';
import { alarmKey, type Alarm, type AlarmEdge, type AlarmType } from './standing-alarm.js';
import type { AlarmAttachment, AlarmOutcome, AlarmRecord } from './alarm.js';
import { clockEdge, keptStage, riverEdge, stageAfter, stationOf } from './alarm-rules.js';
import { AlarmsRepository } from './alarms.repository.js';
import { LOW_WATER, type RiverStage } from './river-stage.js';

/** What a batch makes of the alarms, before its commit. */
interface Pending {
  /** Null: the alarm is cleared. */
  readonly alarms: Map<string, Alarm | null>;
  readonly stages: Map<string, RiverStage>;
  readonly goodClocks: Map<string, number>;
}

/** Undesired states of devices that need an action (RFC 8632): raised, changed, cleared. */
@Injectable()
export class AlarmsService {
  readonly #alarms = new Map<string, Alarm>();
  readonly #stages = new Map<string, RiverStage>();
  /** Good readings in a row of devices with an alarm on their clock. */
  readonly #goodClocks = new Map<string, number>();
  readonly #pending = new WeakMap<Judgement, Pending>();
  #stopFollowing: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: AlarmsRepository,
    private readonly connectivity: ConnectivityService,
    private readonly devices: DevicesService,
  ) {}

  /** Loads the current alarms. */
  async start(): Promise<void> {
    for (const alarm of await this.repository.loadCurrent(this.database)) {
      this.#alarms.set(alarmKey(alarm), alarm);
      if (alarm.type === 'riverLevel') this.#stages.set(alarm.deviceId, keptStage(alarm));
    }
    this.#stopFollowing = this.connectivity.onAccepted('alarms', (judgement) => this.#accept(judgement));
  }

  stop(): void {
    this.#stopFollowing();
  }

  /**
   * Judges the live readings of a judgement's batch and writes what changes, in the batch's transaction. Returns the
   * devices whose alarms or alarm level change; they are current once the judgement is accepted.
   */
  async follow(tx: Tx, judgement: Judgement, nowMs: number): Promise<AlarmOutcome> {
    void nowMs;
    const pending: Pending = { alarms: new Map(), stages: new Map(), goodClocks: new Map() };
    const edges: AlarmEdge[] = [];
    const touched = new Set<string>();
    for (const reading of judgement.liveReadings) {
      for (const edge of this.#edgesOf(reading, pending)) {
        pending.alarms.set(alarmKey(edge.alarm), edge.kind === 'cleared' ? null : edge.alarm);
        edges.push(edge);
        touched.add(reading.device.id);
      }
    }
    for (const [id, stage] of pending.stages) if (this.#stages.get(id)?.rank !== stage.rank) touched.add(id);
    for (const edge of edges) await this.repository.write(tx, edge);
    this.#pending.set(judgement, pending);
    return { raised: [], changed: [], cleared: [], touchedDevices: touched };
  }

  /**
   * Says which incident alarms belong to, in the caller's transaction. With a judgement it is current once that is accepted;
   * without one, once the caller has committed and calls `accept`.
   */
  attach(tx: Tx, judgement: Judgement | null, changes: readonly AlarmAttachment[]): Promise<{ accept(): void }> {
    void [tx, judgement, changes];
    return Promise.resolve({ accept: () => undefined });
  }

  /** Every alarm that stands. */
  current(): Iterable<AlarmRecord> {
    return [];
  }

  /** The alarms that stand on a device. */
  ofDevice(deviceId: string): readonly AlarmRecord[] {
    void deviceId;
    return [];
  }

  /** Whether the passing of time alone changes an alarm by now. */
  isDue(nowMs: number): boolean {
    void nowMs;
    return false;
  }

  /** How many alarms that stand are put aside. */
  shelvedCount(): number {
    return 0;
  }

  /** Whether more alarms come than a person can read; epoch ms. */
  flood(): { readonly on: boolean; readonly sinceMs: number | null; readonly newAlarms10Min: number } {
    return { on: false, sinceMs: null, newAlarms10Min: 0 };
  }

  /** Worst severity of a device's current alarms; null when there is none. */
  severityOf(deviceId: string): Severity | null {
    const severities = ALARM_TYPES.flatMap(
      (type) => this.#alarms.get(alarmKey({ deviceId, type, qualifier: '' }))?.severity ?? [],
    );
    return SEVERITIES.find((severity) => severities.includes(severity)) ?? null;
  }

  /**
   * River sensors: the legal alarm level reached, 0–3; null when no level applies.
   * @param judgement when given, as it will be once that judgement is accepted
   */
  alarmLevelOf(deviceId: string, judgement?: Judgement): number | null {
    const device = this.devices.register().devices.get(deviceId);
    if (device === undefined || stationOf(device) === null) return null;
    const pending = judgement === undefined ? undefined : this.#pending.get(judgement)?.stages.get(deviceId);
    return Math.floor((pending ?? this.#stages.get(deviceId) ?? LOW_WATER).rank);
  }

  *#edgesOf(reading: Reading, pending: Pending): Generator<AlarmEdge> {
    const { device } = reading;
    const standingClock = this.#standing(device.id, 'clockOffset', pending);
    if (standingClock !== null || reading.clockOffsetMs !== null) {
      const before = pending.goodClocks.get(device.id) ?? this.#goodClocks.get(device.id) ?? 0;
      const good = reading.clockOffsetMs === null ? before + 1 : 0;
      pending.goodClocks.set(device.id, good);
      const edge = clockEdge(reading, good, standingClock);
      if (edge !== null) yield edge;
    }
    const station = stationOf(device);
    if (station === null) return;
    const before = pending.stages.get(device.id) ?? this.#stages.get(device.id) ?? LOW_WATER;
    const stage = stageAfter(reading, station, before);
    if (stage === null) return;
    const standing = this.#standing(device.id, 'riverLevel', pending);
    const edge = riverEdge(device, station, stage, standing, reading.effectiveAtMs);
    // Once its alarm has ended there is nothing left to wait for.
    pending.stages.set(device.id, edge?.kind === 'cleared' ? { ...stage, belowSinceMs: null } : stage);
    if (edge !== null) yield edge;
  }

  #standing(deviceId: string, type: AlarmType, pending: Pending): Alarm | null {
    const key = alarmKey({ deviceId, type, qualifier: '' });
    const changed = pending.alarms.get(key);
    return changed !== undefined ? changed : (this.#alarms.get(key) ?? null);
  }

  #accept(judgement: Judgement): void {
    const pending = this.#pending.get(judgement);
    if (pending === undefined) return;
    for (const [key, alarm] of pending.alarms) {
      if (alarm === null) this.#alarms.delete(key);
      else this.#alarms.set(key, alarm);
    }
    for (const [id, stage] of pending.stages) this.#stages.set(id, stage);
    for (const [id, good] of pending.goodClocks) {
      if (this.#alarms.has(alarmKey({ deviceId: id, type: 'clockOffset', qualifier: '' })))
        this.#goodClocks.set(id, good);
      else this.#goodClocks.delete(id);
    }
  }
}

const ALARM_TYPES: readonly AlarmType[] = ['riverLevel', 'clockOffset'];
