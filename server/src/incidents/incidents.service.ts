import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Incident, IsolationEvidence, Severity } from '@ioc/contract';
import type { Logger } from 'pino';
import type { AlarmOutcome, AlarmRecord } from '../alarms/alarm.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import type { Config } from '../config/config.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import type { Judgement } from '../connectivity/judgement.js';
import { DevicesService } from '../devices/devices.service.js';
import { FactsService } from '../facts/facts.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { CLOCK, CONFIG, LOGGER } from '../platform/platform.module.js';
import type { FinishingWorld } from './finished-incident.js';
import { GroupingTurn } from './grouping-turn.js';
import { GroupingService } from './grouping.service.js';
import { IncidentBook, SHOWN_AFTER_END_MS, type BookEntry, type CurrentChange } from './incident-book.js';
import { IncidentDeadlinesService } from './incident-deadlines.service.js';
import { NO_INCIDENTS, type IncidentsOutcome, type NotableIncident } from './incident-outcome.js';
import { IncidentDraft } from './incident-draft.js';
import { isOpen, toIncident, type IncidentRecord } from './incident-record.js';
import { toIsolationEvidence } from './isolation-evidence.js';
import { isolationOf } from './isolation.js';
import { isCutOff } from './portrait.js';
import { SaidOfCommunes, type SaidOfCommune } from './said-of-communes.js';
import { IncidentsRepository } from './incidents.repository.js';

/** What a judgement makes of the incidents, before its commit. */
interface Pending {
  readonly entries: readonly BookEntry[];
  readonly alarmDevices: ReadonlySet<string>;
  readonly said: readonly SaidOfCommune[];
}

/** After a commit: what changed on the list, and the devices whose severity or alarm level may differ. */
export interface IncidentsChange extends CurrentChange {
  readonly devices: ReadonlySet<string>;
}

interface IncidentsEvents {
  readonly 'incidents:changed': IncidentsChange;
}

/**
 * What technicians work: alarms grouped by cause and place. Follows every judgement inside its transaction, and the passing
 * of time; what people do to an incident is the work service's, and what they do to the grouping the regrouping service's.
 */
@Injectable()
export class IncidentsService {
  /** Who groups now; shared with the people who split and merge. */
  readonly turn = new GroupingTurn();
  readonly #events: EventBus<IncidentsEvents>;
  readonly #book = new IncidentBook();
  readonly #said = new SaidOfCommunes();
  readonly #pending = new WeakMap<Judgement, Pending>();
  /** Alarms that stood before they could be grouped are looked at once, after the start. */
  #adopted = false;
  #stops: readonly (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly repository: IncidentsRepository,
    private readonly grouping: GroupingService,
    private readonly deadlines: IncidentDeadlinesService,
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    private readonly devices: DevicesService,
    private readonly facts: FactsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#events = new EventBus(logger);
  }

  /** Loads the current alarms and incidents. */
  async start(): Promise<void> {
    await this.alarms.start();
    const nowMs = this.clock.now();
    const records = await this.repository.loadCurrent(this.database, nowMs - SHOWN_AFTER_END_MS);
    const members = new Map<number, Map<number, AlarmRecord>>(records.map(({ id }) => [id, new Map()]));
    for (const alarm of this.alarms.current()) {
      if (alarm.incidentId !== null) members.get(alarm.incidentId)?.set(alarm.id, alarm);
    }
    this.#book.take(
      records.map((record) => ({ record, members: members.get(record.id) ?? null })),
      nowMs,
    );
    this.#book.expire(nowMs);
    for (const fact of this.facts.allCurrent()) this.#said.note(fact, nowMs);
    this.#stops = [
      // Behind the alarms: their listener was added first, so that severities are current here.
      this.connectivity.onAccepted('incidents', (judgement) => this.#accept(judgement)),
      this.facts.onChanged('incidents', (fact) => this.#said.note(fact, this.clock.now())),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.alarms.stop();
  }

  /** Whether the passing of time alone changes an incident by now. */
  isDue(nowMs: number): boolean {
    if (!this.#adopted || this.turn.begun || this.#said.due(nowMs).length > 0) return true;
    return this.deadlines.isDue(this.#book, nowMs);
  }

  /**
   * Groups what a judgement makes of the alarms, in the batch's transaction, and does what is due by now: acknowledgements
   * that ran out, hubs whose symptoms are judged again, incidents that can no longer be reopened. Current once the
   * judgement is accepted.
   */
  async follow(tx: Tx, judgement: Judgement, nowMs: number): Promise<IncidentsOutcome> {
    await this.turn.begin();
    const alarms = await this.alarms.follow(tx, judgement, nowMs);
    const said = this.#said.due(nowMs);
    const finished = await this.grouping.group(tx, this.#book, {
      judgement,
      alarms,
      homeless: this.#adopted ? [] : this.#homeless(alarms),
      communesSaid: said.map(({ communeCode }) => communeCode),
      world: this.world(nowMs, judgement),
    });
    const done = new Set(finished.map(({ record }) => record.id));
    const expired = await this.deadlines.expire(tx, this.#book, done, nowMs);
    await this.deadlines.forgetRequests(tx, nowMs);
    this.#pending.set(judgement, {
      entries: [...finished, ...expired.map(({ record }) => ({ record, members: null }))],
      alarmDevices: alarms.touchedDevices,
      said,
    });
    const changed = [...finished.filter(({ same }) => !same), ...expired];
    if (changed.length === 0) return NO_INCIDENTS;
    return {
      ids: changed.map(({ record }) => String(record.id)),
      notable: changed.flatMap(({ record, notable }): NotableIncident[] =>
        notable === null ? [] : [{ incident: toIncident(record), kind: notable }],
      ),
    };
  }

  /** One incident; null when there is none. */
  async get(id: string): Promise<Incident | null> {
    const [record] = await this.repository.byIds(this.database, [Number(id)]);
    return record === undefined ? null : toIncident(record);
  }

  /** All that are open, and those that ended within the last 10 minutes. */
  current(): readonly Incident[] {
    return this.#book.shown();
  }

  /** How many are open, and how many of those are critical and held by nobody. */
  counts(): { readonly open: number; readonly unheldCritical: number } {
    return this.#book.counts;
  }

  /** Worst severity of a device's current alarms; null when there is none. */
  severityOf(deviceId: string): Severity | null {
    return this.alarms.severityOf(deviceId);
  }

  /** The alarms that an incident holds now. */
  membersOf(id: number): ReadonlyMap<number, AlarmRecord> {
    return this.#book.membersOf(id);
  }

  /** Makes current what people changed, after its commit. */
  accept(entries: readonly BookEntry[], nowMs: number): void {
    this.#announce(entries, new Set(), nowMs);
  }

  /** Called after every committed change. Returns what takes the listener away. */
  onChanged(owner: string, listener: (change: IncidentsChange) => void): () => void {
    return this.#events.on('incidents:changed', owner, listener);
  }

  /** What an incident looks like is drawn from this; `judgement`: as it will be once that is accepted. */
  world(nowMs: number, judgement: Judgement | null): FinishingWorld {
    return {
      register: this.devices.register(),
      nowMs,
      settings: this.config,
      stateOf: (id) => judgement?.devices.get(id) ?? this.connectivity.stateOf(id),
      impactOf: (code) => (judgement?.communes.get(code) ?? this.connectivity.communeOf(code)).impact,
      incidentOfHub: (hubId) => this.#incidentOfHub(hubId),
      factsOf: (code) => this.facts.current({ kind: 'commune', id: code }),
    };
  }

  /** What is known of the commune of an incident that is open and about its isolation; null for all others. */
  isolationOf(record: IncidentRecord): IsolationEvidence | null {
    if (!isOpen(record) || !isCutOff(record.kind)) return null;
    const world = this.world(this.clock.now(), null);
    return toIsolationEvidence(isolationOf(record.place.id, world), this.facts.allCurrent(), world.register);
  }

  #incidentOfHub(hubId: string): number | null {
    const register = this.devices.register();
    for (const incident of this.#book.grouped()) {
      const holds = isOpen(incident.record) && IncidentDraft.of(incident, register).hubAlarm(hubId) !== null;
      if (holds) return incident.record.id;
    }
    return null;
  }

  /** Alarms that stand and belong to no incident, other than those of this judgement. */
  #homeless({ cleared }: AlarmOutcome): readonly AlarmRecord[] {
    const over = new Set(cleared.map(({ id }) => id));
    return [...this.alarms.current()].filter(({ id, incidentId }) => incidentId === null && !over.has(id));
  }

  #accept(judgement: Judgement): void {
    const pending = this.#pending.get(judgement);
    if (pending !== undefined) this.#adopted = true;
    this.#said.shown(pending?.said ?? []);
    this.#announce(pending?.entries ?? [], pending?.alarmDevices ?? new Set(), judgement.nowMs);
    this.turn.end();
  }

  #announce(entries: readonly BookEntry[], alarmDevices: ReadonlySet<string>, nowMs: number): void {
    const changed = this.#book.take(entries, nowMs);
    const removed = this.#book.expire(nowMs);
    if (changed.length === 0 && removed.length === 0 && alarmDevices.size === 0) return;
    const devices = new Set([...alarmDevices, ...changed.flatMap(({ deviceId }) => deviceId ?? [])]);
    this.#events.emit('incidents:changed', { changed, removed, devices });
  }
}
