import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { CLOCK, CONFIG, LOGGER } from '../platform/platform.module.js';
import { ReadingsService } from '../readings/readings.service.js';
import { ConnectivityModel } from './connectivity-model.js';
import { ConnectivityRepository, type OutageRow, type RepairRow } from './connectivity.repository.js';
import { unheardDevice, type DeviceState, type OpenOutage } from './device-state.js';
import type { GatewayState } from './gateway-state.js';
import { judgeObservations } from './judge-observations.js';
import { judgePassingOfTime } from './judge-time.js';
import type { CommuneImpact, Judgement } from './judgement.js';
import { loadState } from './loaded-state.js';
import type { Observation, OutageOpened } from './observation.js';
import type { RepairedOutage } from './outage-repair.js';
import { OutageRepairs } from './outage-repairs.service.js';
import type { Visibility } from './visibility.js';

interface ConnectivityEvents {
  readonly 'judgement:accepted': Judgement;
}

/** What `write` learned from the database. */
interface Written {
  readonly outageIds: ReadonlyMap<OutageOpened, string>;
  readonly movedOutages: ReadonlyMap<string, OpenOutage>;
  readonly repaired: readonly RepairedOutage[];
}

export interface OutageWithRepairs {
  readonly outage: OutageRow;
  readonly repairs: readonly RepairRow[];
}

/**
 * Whether we hear each device, and since when; outages. Judgements are made one at a time: judge, write in the batch's
 * transaction, commit, accept. Until `accept` nothing of a judgement is current.
 */
@Injectable()
export class ConnectivityService {
  readonly #events: EventBus<ConnectivityEvents>;
  readonly #written = new WeakMap<Judgement, Written>();
  #model: ConnectivityModel | null = null;
  #stopFollowingRegister: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: ConnectivityRepository,
    private readonly repairs: OutageRepairs,
    private readonly devices: DevicesService,
    private readonly readings: ReadingsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#events = new EventBus(logger);
  }

  /** Loads the last known state; silence is not judged until the grace has passed. */
  async start(): Promise<void> {
    const nowMs = this.clock.now();
    const rows = await this.database.transaction(async (tx) => ({
      devices: await this.repository.loadDevices(tx),
      gateways: await this.repository.loadGateways(tx),
      openOutages: await this.repository.loadOpenOutages(tx),
      recentOutages: await this.repository.loadRecentOutages(tx, nowMs - this.config.maxBackfillMs),
      heartbeatAtMs: await this.repository.loadHeartbeat(tx),
    }));
    const register = this.devices.register();
    const loaded = loadState(rows, (id) => this.readings.latestOf(id), nowMs);
    this.#model = new ConnectivityModel(register, loaded, nowMs, this.config.startGraceMs);
    this.#stopFollowingRegister = this.devices.onRegisterChanged('connectivity', (changed) =>
      this.#current().setRegister(changed, this.clock.now()),
    );
  }

  stop(): void {
    this.#stopFollowingRegister();
  }

  /** What the observations make of the state. Changes nothing. */
  judge(observations: readonly Observation[], nowMs: number, visibility?: Visibility): Judgement {
    const model = this.#current();
    return judgeObservations(model, observations, nowMs, visibility ?? model.visibility);
  }

  /** What the passing of time makes of the state. Changes nothing. Call it also while not seeing. */
  judgeTime(nowMs: number, visibility: Visibility): Judgement {
    return judgePassingOfTime(this.#current(), nowMs, visibility);
  }

  /** Writes what a judgement changes, inside the batch's transaction. May be called again for a retried commit. */
  async write(tx: Tx, judgement: Judgement): Promise<void> {
    const states = [...judgement.rows].flatMap((id) => {
      const state = judgement.devices.get(id);
      return state === undefined ? [] : [[id, state] as const];
    });
    await this.repository.writeDevices(tx, states);
    const gateways = judgement.heartbeatAtMs === null ? judgement.gatewayRows : this.#current().gateways.keys();
    await this.repository.writeGateways(
      tx,
      [...gateways].map((id) => [id, judgement.gateways.get(id) ?? this.gatewayOf(id)] as const),
    );
    const closedIds = await this.repository.closeOutages(tx, judgement.outagesClosed);
    const outageIds = await this.#openOutages(tx, judgement.outagesOpened);
    const disproved = await this.repairs.noteDisproved(tx, judgement, closedIds);
    for (const span of judgement.blindSpans) await this.repository.writeBlindSpan(tx, span);
    const { repaired, moved: movedOutages } = await this.repairs.repair(tx, judgement);
    if (judgement.heartbeatAtMs !== null) await this.repository.beat(tx, judgement.heartbeatAtMs);
    this.#written.set(judgement, { outageIds, movedOutages, repaired: [...disproved, ...repaired] });
  }

  /** Makes a judgement current, after its commit. */
  accept(judgement: Judgement): void {
    this.#current().accept(judgement, this.#written.get(judgement)?.movedOutages ?? new Map());
    this.#events.emit('judgement:accepted', judgement);
  }

  /** The ids of the outages that a judgement opened, once it is written. */
  outageIdsOf(judgement: Judgement): ReadonlyMap<OutageOpened, string> {
    return this.#written.get(judgement)?.outageIds ?? new Map();
  }

  /** Outages that late data repaired, or that were shown never to have been, once the judgement is written. */
  repairsOf(judgement: Judgement): readonly RepairedOutage[] {
    return this.#written.get(judgement)?.repaired ?? [];
  }

  stateOf(deviceId: string): DeviceState {
    const model = this.#current();
    return model.devices.get(deviceId) ?? unheardDevice(model.startedAtMs);
  }

  gatewayOf(gatewayId: string): GatewayState {
    const gateway = this.#current().gateways.get(gatewayId);
    if (gateway === undefined) throw new Error(`gateway ${gatewayId} is not registered`);
    return gateway;
  }

  /** A commune without a device suffers nothing that we could know of. */
  communeOf(code: string): CommuneImpact {
    const model = this.#current();
    return model.communes.get(code) ?? { impact: 'none', sinceMs: model.startedAtMs, isolatedFromMs: null };
  }

  /** Called inside `accept`, when the state is current. Returns what takes the listener away. */
  onAccepted(owner: string, listener: (judgement: Judgement) => void): () => void {
    return this.#events.on('judgement:accepted', owner, listener);
  }

  /** Outages of a device, newest first; one more than `limit` when there are more. */
  async outagesOf(
    deviceId: string,
    limit: number,
    after: { readonly beganAtMs: number; readonly id: number } | null,
  ): Promise<readonly OutageWithRepairs[]> {
    const outages = await this.repository.outagesOfDevice(this.database, deviceId, limit + 1, after);
    const repairs = await this.repository.repairsOf(
      this.database,
      outages.map(({ id }) => id),
    );
    return outages.map((outage) => ({ outage, repairs: repairs.filter(({ outage_id }) => outage_id === outage.id) }));
  }

  async #openOutages(tx: Tx, opened: readonly OutageOpened[]): Promise<ReadonlyMap<OutageOpened, string>> {
    if (opened.length === 0) return new Map();
    const rows = await this.repository.openOutages(tx, opened);
    const ids = new Map(rows.map((row) => [`${row.device_id} ${row.began_ms}`, String(row.id)]));
    return new Map(
      opened.flatMap((outage) => {
        const id = ids.get(`${outage.device.id} ${outage.beganAtMs}`);
        return id === undefined ? [] : [[outage, id] as const];
      }),
    );
  }

  #current(): ConnectivityModel {
    if (this.#model === null) throw new Error('connectivity was asked before it was started');
    return this.#model;
  }
}
