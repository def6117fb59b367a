import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { AlarmsService } from '../alarms/alarms.service.js';
import type { Config } from '../config/config.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import type { Judgement } from '../connectivity/judgement.js';
import type { Observation } from '../connectivity/observation.js';
import type { Visibility } from '../connectivity/visibility.js';
import { DevicesService } from '../devices/devices.service.js';
import { NO_INCIDENTS } from '../incidents/incident-outcome.js';
import { IncidentsService } from '../incidents/incidents.service.js';
import { NotificationsService } from '../notifications/notifications.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import type { IncomingMessage, MessageSource } from '../platform/mqtt/message-source.js';
import { CLOCK, CONFIG, LOGGER, MESSAGE_SOURCE } from '../platform/platform.module.js';
import type { Reading } from '../readings/reading.js';
import { ReadingsService } from '../readings/readings.service.js';
import type { Committed, IntakeAnnouncements } from './announcements.js';
import { Backlog } from './backlog.js';
import type { IntakeBatch } from './batch.js';
import { Committer, type Portion } from './committer.js';
import { draw, type ConsequenceFailure, type Depth, type StandstillState } from './consequences.js';
import { IntakeCounters, type IntakeCount } from './counters.js';
import { reject } from './outcome.js';
import { overlapped } from './overlapped-write.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import { RefusalsService } from './refusals.service.js';
import { createLetterWriter } from './rejection.js';
import { blindReason, nextVisibility } from './sight.js';

export interface IntakeStats {
  /** Committed readings per second of real time, mean of the last 10 s. */
  readonly readingsPerS: number;
  /** From arrival to commit of the oldest message of the last batch; real ms. */
  readonly commitLagMs: number;
  /** Sample time of the newest reading committed; null before the first. */
  readonly newestReadingAtMs: number | null;
  /** Messages that wait for their commit. */
  readonly unacknowledged: number;
  readonly deadLettersLastHour: number;
  readonly quarantinedDevices: number;
  readonly messages: number;
  readonly duplicates: number;
  readonly unknownMetrics: number;
  /** Observations that were committed without what they lead to, because that failed. */
  readonly leftOut: number;
  readonly results: readonly IntakeCount[];
}

const SECOND_MS = 1_000;
/** How old a message may be that was not held up: of our clock, and at least so much of real time. */
const YOUNG_MS = 30_000;
const YOUNG_REAL_MS = 1_000;
const DRAIN_WITHIN_MS = 5_000;

/** Takes what devices and gateways say: one message after the other through the pipeline, and batch after batch to the database. */
@Injectable()
export class IntakeService {
  /** What has been committed, told after the acknowledgements. */
  readonly announcements: EventBus<IntakeAnnouncements>;
  readonly #counters = new IntakeCounters();
  readonly #committer: Committer;
  readonly #pipeline: Pipeline;
  readonly #backlog: Backlog;
  readonly #writeLetter = createLetterWriter(monotonicMs);
  #visibility: Visibility;
  #databaseAnswers = false;
  /** When the database, or the source, was last known to be well; a blind span begins there. */
  #wellUntilMs: number;
  #commitLagMs = 0;
  #newestReadingAtMs: number | null = null;
  #second: NodeJS.Timeout | null = null;
  #stopFollowing: () => void = () => undefined;

  constructor(
    database: Database,
    private readonly devices: DevicesService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly incidents: IncidentsService,
    private readonly notifications: NotificationsService,
    alarms: AlarmsService,
    private readonly refusals: RefusalsService,
    @Inject(MESSAGE_SOURCE) private readonly source: MessageSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.announcements = new EventBus(logger);
    this.#backlog = new Backlog(Math.max(YOUNG_MS, YOUNG_REAL_MS * clock.speed));
    this.#wellUntilMs = clock.now();
    this.#visibility = { seeing: false, reason: 'starting', sinceMs: this.#wellUntilMs };
    this.#pipeline = createPipeline({
      register: () => devices.register(),
      maxBackfillMs: config.maxBackfillMs,
      backlogDrains: () => this.#backlog.draining,
      onAge: (ageMs) => this.#backlog.onAge(ageMs),
      sessionOf: (device) => connectivity.stateOf(device.id).session,
      gatewaySessionOf: (gatewayId) => connectivity.gatewayOf(gatewayId).session,
      clockOffsetOf: (device) => connectivity.stateOf(device.id).clockOffsetMs,
      counters: this.#counters,
      monotonicMs,
    });
    this.#committer = new Committer({
      transaction: (work) => database.transaction(work),
      judge: (taken, nowMs) => connectivity.judge(taken, nowMs, this.#visibility),
      judgeTime: (nowMs) => connectivity.judgeTime(nowMs, this.#visibility),
      due: (nowMs) => alarms.isDue(nowMs) || incidents.isDue(nowMs),
      write: (tx, portion, judge) => this.#write(tx, portion, judge),
      acknowledge: (messages) => this.#acknowledge(messages),
      committed: (committed) => this.#onCommitted(committed),
      refuse: (batch, index, error) => this.#refuse(batch, index, error),
      leftOut: (observation, failure) => this.#onLeftOut(observation, failure),
      catchUp: () => alarms.judgeAgain(this.clock.now()),
      database: (answers) => this.#onDatabase(answers),
      visibility: () => this.#visibility,
      clock,
      monotonicMs,
      logger,
    });
  }

  /** Begins to take messages. The modules that it drives have been started. */
  async start(): Promise<void> {
    await this.refusals.start();
    this.#stopFollowing = this.devices.onRegisterChanged('intake', (register) => {
      this.#pipeline.followRegister(register);
      void this.refusals.forgetRegistered();
    });
    this.source.start({
      onMessage: (message) => this.#onMessage(message),
      onConnectionLost: () => {
        this.#committer.onConnectionLost();
        this.#look();
      },
    });
    this.#second = setInterval(() => this.#onSecond(), SECOND_MS);
    this.#committer.time();
  }

  /** Takes nothing more, commits what has been taken, and ends the connection. May be called twice. */
  async stop(): Promise<void> {
    if (this.#second !== null) clearInterval(this.#second);
    this.#second = null;
    this.#stopFollowing();
    this.source.stop();
    await this.#committer.drain(DRAIN_WITHIN_MS);
    await this.source.close();
  }

  /** Whether what the console shows can be believed; as of the last second. */
  visibility(): Visibility {
    return this.#visibility;
  }

  /** What readings lead to and is not drawn, whatever arrives, because it fails; null: alarms are judged and people are told. */
  standstill(): StandstillState | null {
    return this.#committer.standstill;
  }

  stats(): IntakeStats {
    const counters = this.#counters;
    return {
      readingsPerS: counters.readingsPerS(),
      commitLagMs: this.#commitLagMs,
      newestReadingAtMs: this.#newestReadingAtMs,
      unacknowledged: this.source.state().unacknowledged,
      deadLettersLastHour: counters.rejectedInLastHour(),
      quarantinedDevices: this.refusals.quarantinedDevices,
      messages: counters.messages,
      duplicates: counters.duplicates,
      unknownMetrics: counters.unknownMetrics,
      leftOut: counters.leftOut,
      results: counters.results(),
    };
  }

  #onMessage(message: IncomingMessage): void {
    this.#pipeline.take(message, this.#committer.open);
    this.#committer.wake();
  }

  #onSecond(): void {
    this.#counters.second();
    this.#backlog.second();
    this.#look();
    this.#committer.time();
  }

  #look(): void {
    const { connected } = this.source.state();
    const reason = blindReason({
      connected,
      databaseAnswers: this.#databaseAnswers,
      committingForMs: this.#committer.committingForMs(),
      waitingForMs: this.#committer.waitingForMs(),
      backlogDrains: this.#backlog.draining,
    });
    const nowMs = this.clock.now();
    const present = this.#visibility;
    // What was held up while we could not see arrives first, when we can.
    if (reason === 'broker' || reason === 'database') this.#backlog.begin();
    // Before the first sight every reason is part of starting.
    const shown = present.reason === 'starting' && reason !== null ? 'starting' : reason;
    const next = nextVisibility(present, shown, present.seeing ? this.#wellUntilMs : nowMs);
    if (next !== present) this.logger.info({ seeing: next.seeing, reason: next.reason }, 'sight of the intake');
    this.#visibility = next;
    if (reason === null) this.#wellUntilMs = nowMs;
  }

  #onDatabase(answers: boolean): void {
    if (this.#databaseAnswers === answers) return;
    this.#databaseAnswers = answers;
    this.#look();
  }

  async #write(tx: Tx, { taken, refusals, depth }: Portion, judge: () => Judgement): Promise<Committed> {
    const readings: Reading[] = [];
    for (const observation of taken) if (observation.kind === 'reading') readings.push(observation.reading);
    const [written, { judgement, incidentIds }] = await overlapped(
      tx,
      (first) => this.readings.write(first, readings),
      (then) => this.#follow(then, judge(), depth, refusals),
    );
    return { readings, judgement, incidentIds, atMs: judgement.nowMs, written };
  }

  /** What a judgement makes of everything else, written after the readings. */
  async #follow(
    tx: Tx,
    judgement: Judgement,
    depth: Depth,
    refusals: IntakeBatch | null,
  ): Promise<Pick<Committed, 'judgement' | 'incidentIds'>> {
    const { nowMs } = judgement;
    await this.connectivity.write(tx, judgement);
    const outcome =
      depth === 'none' ? NO_INCIDENTS : await draw('alarms', () => this.incidents.follow(tx, judgement, nowMs));
    if (depth === 'all') await draw('messages', () => this.notifications.follow(tx, outcome, nowMs));
    if (refusals !== null) await this.refusals.write(tx, refusals, nowMs);
    return { judgement, incidentIds: outcome.ids };
  }

  #onLeftOut(observation: Observation | null, failure: ConsequenceFailure): void {
    this.#counters.leftOut += 1;
    const what = observation === null ? 'the passing of time' : nameOf(observation);
    this.logger.error(
      { err: failure.cause, consequence: failure.consequence, what },
      failure.consequence === 'messages'
        ? 'nobody was told: messages failed; readings and incidents are kept'
        : 'no alarm was judged: alarms failed; readings are kept',
    );
  }

  #acknowledge(messages: readonly IncomingMessage[]): void {
    this.source.acknowledge(messages);
    const oldest = messages[0];
    if (oldest !== undefined) this.#commitLagMs = (this.clock.now() - oldest.receivedAtMs) / this.clock.speed;
  }

  #onCommitted(committed: Committed): void {
    const { readings, judgement } = committed;
    this.#counters.committed(readings.length);
    this.#counters.duplicates += readings.length - committed.written;
    for (const { atMs } of readings) {
      if (this.#newestReadingAtMs === null || atMs > this.#newestReadingAtMs) this.#newestReadingAtMs = atMs;
    }
    // The readings first: whoever listens to the judgement may ask for them.
    this.readings.acceptLatest(readings);
    this.connectivity.accept(judgement);
    this.announcements.emit('committed', committed);
  }

  #refuse(batch: IntakeBatch, index: number, error: unknown): void {
    const message = batch.takenFrom[index];
    const taken = batch.taken[index];
    if (message === undefined || taken === undefined) return;
    const detail = error instanceof Error ? error.message : String(error);
    const rejection = reject('refused-by-database', detail);
    this.#counters.count('reject', rejection.reason);
    const of =
      taken.kind === 'reading'
        ? { device: taken.reading.device.id, ts: taken.reading.atMs, metrics: taken.reading.metrics }
        : undefined;
    batch.reject(rejection, this.#writeLetter(message, rejection, of));
  }
}

/** Whose word an observation is, for the log. */
function nameOf(observation: Observation): string {
  if (observation.kind === 'reading') return observation.reading.device.id;
  return 'device' in observation ? observation.device.id : observation.gatewayId;
}

/** Real time for rates and delays: it neither jumps nor runs faster in a rehearsal. */
function monotonicMs(): number {
  return performance.now();
}
