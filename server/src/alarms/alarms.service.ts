import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { AlarmRule, Clock, RulePreview, Severity, Suppression } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import type { Config } from '../config/config.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DeadlineWheel } from '../connectivity/deadline-wheel.js';
import type { Judgement } from '../connectivity/judgement.js';
import { DevicesService } from '../devices/devices.service.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { MeetingsService } from '../meetings/meetings.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import type { Reading } from '../readings/reading.js';
import { isNotable, type AlarmAttachment, type AlarmOutcome, type AlarmRecord } from './alarm.js';
import { AlarmBoard } from './alarm-board.js';
import { AlarmDraft } from './alarm-draft.js';
import { FLOOD_WINDOW_MS, NewAlarms, nextFlood, NO_FLOOD, type FloodState } from './alarm-flood.js';
import { AlarmRulesService } from './alarm-rules.service.js';
import { AlarmWorld } from './alarm-world.service.js';
import { AlarmWriter } from './alarm-writer.service.js';
import { AlarmsRepository } from './alarms.repository.js';
import { AroundLosses } from './around-losses.js';
import { AskedChanges } from './asked-changes.js';
import { BaselinesService } from './baselines.service.js';
import { nextJudgedAtMs } from './capacity.js';
import { CapacityService } from './capacity.service.js';
import { alarmLevelOf, stationOf } from './conditions/river-level.js';
import { track } from './conditions/track.js';
import type { Changes } from './flap.js';
import { MaintenanceService, type MaintenanceTurn } from './maintenance.service.js';
import { suppressionOf } from './muting.js';
import { Places } from './places.js';
import type { TracksAfter } from './reading-watch.js';
import { repairStanding } from './repaired-loss.js';
import { previewRule } from './rule-preview.js';
import type { ShelfChange } from './shelf-change.js';
import { Shelves } from './shelves.js';
import { readWatchKey, watchKey, type Deed, type Turn } from './turn.js';
import { Watches } from './watches.js';

/** What a judgement makes of the alarms, before its commit. */
interface Pending {
  /** By id; the newest record of everything that changes. */
  readonly records: Map<number, AlarmRecord>;
  /** Ids of those that were not there before. */
  readonly raised: readonly number[];
  readonly tracks: TracksAfter;
  readonly changes: ReadonlyMap<string, Changes>;
  readonly shelfChanges: ReadonlyMap<string, ShelfChange>;
  readonly maintenance: MaintenanceTurn | null;
  readonly flood: FloodState;
  readonly due: readonly string[];
  readonly deadlines: ReadonlyMap<string, number>;
  /** Everything was judged again, as of this revision; null: it was not. */
  readonly sweptRevision: number | null;
  readonly settle: () => void;
}

/** Deadlines looked at in one turn; the others come a second later, so that no commit holds up who works incidents. */
const LOOKS_PER_TURN = 1_000;
/** After so many, what else waits in this process comes first; each costs some 0.03 ms. */
const LOOKS_AT_A_STRETCH = 200;
/** While we do not see, what waits for devices waits on. */
const LOOK_AGAIN_BLIND_MS = 5_000;
const FLOOD_LOOK_MS = 10_000;
/** A start may have missed what is judged every morning; it is made up for once everything has settled. */
const FIRST_DAILY_MS = 600_000;
const NO_TRACKS: TracksAfter = new Map();
const LONGEST_QUIET_MS = 3_600_000;

/** Undesired states that need an action (RFC 8632): judged from readings, connectivity, events and time; raised, changed, cleared. */
@Injectable()
export class AlarmsService {
  /** What people ask of alarms; done in the next turn. */
  readonly asked = new AskedChanges();
  /** Keys of alarms that are put aside; changed only by what is asked. */
  readonly shelves = new Shelves();
  readonly #board = new AlarmBoard();
  readonly #watches = new Watches();
  readonly #places = new Places();
  readonly #wheel = new DeadlineWheel();
  readonly #newAlarms = new NewAlarms();
  readonly #pending = new WeakMap<Judgement, Pending>();
  /** The turn that is being committed; an attachment of somebody else's transaction meets it half way. */
  #inFlight: Pending | null = null;
  #flood: FloodState = NO_FLOOD;
  /** From when on everything is to be judged again; null: nothing is. */
  #sweepFromMs: number | null = null;
  #sweepRevision = 0;
  /** Until then what was not heard since the start may only not have spoken yet; epoch ms. */
  #graceEndsAtMs = 0;
  #stops: readonly (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly repository: AlarmsRepository,
    private readonly connectivity: ConnectivityService,
    private readonly devices: DevicesService,
    private readonly world: AlarmWorld,
    private readonly rules: AlarmRulesService,
    private readonly maintenance: MaintenanceService,
    private readonly meetings: MeetingsService,
    private readonly audit: AuditService,
    private readonly writer: AlarmWriter,
    private readonly capacity: CapacityService,
    private readonly baselines: BaselinesService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Loads what stands, and what rules remember: a restart goes on where the console stopped. */
  async start(): Promise<void> {
    const nowMs = this.clock.now();
    await this.rules.start(() => this.#followRules());
    await this.baselines.start();
    await this.maintenance.start(() => this.#sweep(this.clock.now()));
    await this.meetings.start((id) => this.#lookAtMeeting(id));
    for (const alarm of await this.repository.loadCurrent(this.database)) this.#board.take(alarm);
    const tracks = await this.repository.loadTracks(this.database);
    this.#watches.readings.load(
      tracks.flatMap(({ device_id, rule_key, state }) => {
        const parsed = track.safeParse(state);
        return parsed.success ? [{ deviceId: device_id, ruleKey: rule_key, track: parsed.data }] : [];
      }),
    );
    this.#watches.flaps.load(await this.repository.connectivityChanges(this.database, nowMs - LONGEST_QUIET_MS));
    this.shelves.load(await this.repository.loadShelves(this.database));
    for (const [key, atMs] of this.shelves.deadlines()) this.#wheel.set(key, atMs);
    this.#flood = await this.repository.loadFlood(this.database);
    for (const { atMs, ...alarm } of await this.repository.recentlyRaised(this.database, nowMs - FLOOD_WINDOW_MS)) {
      this.#newAlarms.noteAll(atMs, [alarm]);
    }
    this.#wheel.set(watchKey('flood', ''), nowMs);
    this.#wheel.set(watchKey('capacity', ''), nowMs + FIRST_DAILY_MS);
    this.#wheel.set(watchKey('baselines', ''), nowMs + FIRST_DAILY_MS);
    this.#graceEndsAtMs = nowMs + this.config.startGraceMs;
    this.#sweep(this.#graceEndsAtMs);
    this.#stops = [
      this.connectivity.onAccepted('alarms', (judgement) => this.#accept(judgement)),
      this.devices.onRegisterChanged('alarms', () => this.#sweep(this.clock.now())),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.asked.stop();
  }

  /** From `fromMs` on, judges every device again by what is current: after changes that no turn has seen. */
  judgeAgain(fromMs: number): void {
    this.#sweep(fromMs);
  }

  /** Whether the passing of time, or what somebody asked, changes an alarm by now. */
  isDue(nowMs: number): boolean {
    if (this.asked.size > 0 || (this.#sweepFromMs !== null && nowMs >= this.#sweepFromMs)) return true;
    return this.#wheel.due(nowMs, 1).length > 0;
  }

  /**
   * Judges a judgement's readings, events and changes, and what is due by now, and writes what changes, in the batch's
   * transaction; it is current once the judgement is accepted. May be called again for a retried commit.
   */
  async follow(tx: Tx, judgement: Judgement, nowMs: number): Promise<AlarmOutcome> {
    const deadlines = new Map<string, number>();
    const deeds: Deed[] = [];
    const shelfChanges = new Map<string, ShelfChange>();
    let tracks = NO_TRACKS;
    let flood = this.#flood;
    const register = this.devices.register();
    const book = this.rules.book();
    const { seeing } = judgement.visibility;
    const due = this.#wheel.due(nowMs, LOOKS_PER_TURN);
    const sweeps = seeing && this.#sweepFromMs !== null && nowMs >= this.#sweepFromMs;
    const sweepRevision = this.#sweepRevision;
    const windowsDue = sweeps || due.includes(watchKey('windows', ''));
    const maintenance = windowsDue ? await this.maintenance.follow(tx, register, nowMs) : null;
    const { readings } = this.#watches;
    const world = this.world.after(judgement, register, nowMs, (device, ruleKey) =>
      readings.trackOf(device, ruleKey, book, tracks),
    );
    const muting = {
      covers: (id: string) => maintenance?.covered.has(id) ?? this.maintenance.covers(id),
      alarmLevelOf: (id: string) => world.alarmLevelOf(id),
    };
    const draft: AlarmDraft = new AlarmDraft(
      this.#board,
      {
        suppressionOf: (wanted) => suppressionOf(wanted, { ...muting, standingOf: (key) => draft.standingOf(key) }),
        shelfOf: (key) => this.shelves.shelfOf(key, shelfChanges),
      },
      nowMs,
    );
    const turn: Turn = {
      nowMs,
      judgement,
      world,
      losses: new AroundLosses(world, this.#places.hubSites(register)),
      hubs: this.#places.hubTree(register),
      basins: this.#places.basins(register),
      baselines: this.baselines.current(),
      book,
      draft,
      meetings: this.meetings.ahead(),
      graceEndsAtMs: this.#graceEndsAtMs,
      shelfChanges,
      endFlood: () => {
        flood = { ...NO_FLOOD, endedByHandAtMs: nowMs };
      },
      record: (deed) => {
        deeds.push(deed);
      },
      lookAgain: (what, id, atMs) => {
        const key = watchKey(what, id);
        deadlines.set(key, Math.min(atMs, deadlines.get(key) ?? atMs));
      },
    };

    const settle = this.asked.run(turn);
    const repairs = this.connectivity.repairsOf(judgement);
    const repairsOver = repairStanding(turn, repairs);
    if (maintenance !== null && maintenance.nextEdgeMs !== null) turn.lookAgain('windows', '', maintenance.nextEdgeMs);
    const changes = this.#watches.follow(turn, this.#board, (after) => {
      tracks = after;
    });
    for (const [index, key] of due.entries()) {
      if (index > 0 && index % LOOKS_AT_A_STRETCH === 0) await nextTurn();
      const watched = readWatchKey(key);
      if (watched === null) continue;
      if (watched.what === 'capacity') {
        turn.lookAgain('capacity', '', nextJudgedAtMs(nowMs));
        void this.capacity.judge(nowMs, this.asked);
      } else if (watched.what === 'baselines') {
        turn.lookAgain('baselines', '', nextJudgedAtMs(nowMs));
        void this.baselines.judge(nowMs);
      } else if (watched.what === 'shelf') this.shelves.look(turn, watched.id);
      else if (seeing) this.#watches.look(turn, watched.what, watched.id);
      else turn.lookAgain(watched.what, watched.id, nowMs + LOOK_AGAIN_BLIND_MS);
    }
    if (sweeps) this.#watches.sweep(turn, this.#board.all());
    if (maintenance !== null) this.#watches.judgeMuting(turn, this.#board.all(), muting);
    else for (const id of draft.touched()) this.#watches.judgeMuting(turn, this.#board.ofDevice(id), muting);
    if (flood === this.#flood) {
      flood = nextFlood(flood, this.#newAlarms.count(nowMs, flood.endedByHandAtMs), nowMs);
    }
    if (flood.sinceMs !== null) turn.lookAgain('flood', '', nowMs + FLOOD_LOOK_MS);

    repairStanding(turn, repairsOver);
    await this.writer.repairOver(tx, repairsOver, nowMs);
    await this.writer.write(tx, turn, tracks);
    if (flood !== this.#flood) await this.repository.writeFlood(tx, flood);
    for (const { by, ...deed } of deeds) await this.audit.record({ actor: `${by.name} (${by.personId})`, ...deed }, tx);
    const pending: Pending = {
      records: new Map([...draft.drafted()].map(({ after }) => [after.id, after])),
      raised: [...draft.drafted()].flatMap(({ before, after }) => (before === null ? [after.id] : [])),
      tracks,
      changes,
      shelfChanges,
      maintenance,
      flood,
      due,
      deadlines,
      sweptRevision: sweeps ? sweepRevision : null,
      settle,
    };
    this.#pending.set(judgement, pending);
    this.#inFlight = pending;
    return draft.outcome();
  }

  /**
   * Says which incident alarms belong to, in the caller's transaction. With a judgement it is current once that is accepted;
   * without one, once the caller has committed and calls `accept`.
   */
  async attach(tx: Tx, judgement: Judgement | null, changes: readonly AlarmAttachment[]): Promise<{ accept(): void }> {
    const pending = judgement === null ? null : (this.#pending.get(judgement) ?? null);
    const attached = changes.flatMap((change) => {
      const alarm = pending?.records.get(change.alarmId) ?? this.#board.byId(change.alarmId);
      if (alarm === null) return [];
      return [{ ...change, suppression: this.#suppressionWith(alarm, change.symptom) }];
    });
    await this.repository.attach(tx, attached);
    if (pending !== null) {
      for (const { alarmId, incidentId, suppression } of attached) {
        const alarm = pending.records.get(alarmId) ?? this.#board.byId(alarmId);
        if (alarm !== null) pending.records.set(alarmId, { ...alarm, incidentId, suppression });
      }
      return { accept: () => undefined };
    }
    return {
      accept: () => {
        for (const { alarmId, incidentId, suppression } of attached) {
          const alarm = this.#board.byId(alarmId);
          if (alarm !== null) this.#board.take({ ...alarm, incidentId, suppression });
          const flying = this.#inFlight?.records.get(alarmId);
          if (flying !== undefined) this.#inFlight?.records.set(alarmId, { ...flying, incidentId, suppression });
        }
      },
    };
  }

  /** Every alarm that stands. */
  current(): Iterable<AlarmRecord> {
    return this.#board.all();
  }

  /** An alarm that stands; null when it is over, or never was. */
  standing(id: number): AlarmRecord | null {
    return this.#board.byId(id);
  }

  /** The alarms that stand on a device. */
  ofDevice(deviceId: string): readonly AlarmRecord[] {
    return this.#board.ofDevice(deviceId);
  }

  /** Worst severity of a device's current alarms; null when there is none. */
  severityOf(deviceId: string): Severity | null {
    return this.#board.severityOf(deviceId);
  }

  /**
   * River sensors: the legal alarm level reached, 0–3; null when no level applies.
   * @param judgement when given, as it will be once that judgement is accepted
   */
  alarmLevelOf(deviceId: string, judgement?: Judgement): number | null {
    const device = this.devices.register().devices.get(deviceId);
    if (device === undefined || stationOf(device) === null) return null;
    const after = judgement === undefined ? undefined : this.#pending.get(judgement)?.tracks;
    return alarmLevelOf(this.#watches.readings.trackOf(device, 'level', this.rules.book(), after));
  }

  /** What is left of a station's battery: minutes by our forecast, percent, when it was said; null while it is not in use. */
  batteryOf(
    deviceId: string,
  ): { readonly minutes: number | null; readonly percent: number; readonly atMs: number } | null {
    const device = this.devices.register().devices.get(deviceId);
    return device === undefined ? null : this.#watches.readings.batteryOf(device, this.rules.book());
  }

  /** What a rule would raise and clear now, by the newest reading of every device that it would count for. */
  preview(rule: AlarmRule, latestOf: (deviceId: string) => Reading | null): RulePreview {
    const register = this.devices.register();
    const book = this.rules.book();
    const nowMs = this.clock.now();
    const { readings } = this.#watches;
    const trackOf = (device: RegisteredDevice, ruleKey: string) => readings.trackOf(device, ruleKey, book);
    const world = this.world.after(null, register, nowMs, trackOf);
    const losses = new AroundLosses(world, this.#places.hubSites(register));
    return previewRule(rule, book, {
      register,
      nowMs,
      latestOf,
      stateOf: (id) => world.stateOf(id),
      standingOf: (key) => this.#board.get(key),
      trackOf,
      lossSeverityOf: (device) => losses.judge(device)?.severity ?? null,
      around: readings.around({
        world,
        losses,
        book,
        basins: this.#places.basins(register),
        baselines: this.baselines.current(),
      }),
      meetings: [...this.meetings.ahead().values()],
    });
  }

  /** How many alarms that stand are put aside. */
  shelvedCount(): number {
    return this.#board.shelved;
  }

  /** Whether more alarms come than a person can read; epoch ms. */
  flood(): { readonly on: boolean; readonly sinceMs: number | null; readonly newAlarms10Min: number } {
    const { sinceMs } = this.#flood;
    return { on: sinceMs !== null, sinceMs, newAlarms10Min: this.#newAlarms.count(this.clock.now(), null) };
  }

  #accept(judgement: Judgement): void {
    const pending = this.#pending.get(judgement);
    if (pending === undefined) return;
    this.#pending.delete(judgement);
    this.#inFlight = null;
    for (const alarm of pending.records.values()) this.#board.take(alarm);
    this.#watches.readings.accept(pending.tracks);
    this.#watches.flaps.accept(pending.changes);
    this.shelves.accept(pending.shelfChanges);
    if (pending.maintenance !== null) this.maintenance.accept(pending.maintenance);
    this.#flood = pending.flood;
    for (const key of pending.due) this.#wheel.delete(key);
    for (const [key, atMs] of pending.deadlines) this.#wheel.set(key, atMs);
    this.#countNew(pending, judgement.nowMs);
    if (pending.sweptRevision === this.#sweepRevision) this.#sweepFromMs = null;
    pending.settle();
  }

  /** Alarms that are told count towards a flood; what the incidents made symptoms of is known by now. */
  #countNew({ raised, records }: Pending, nowMs: number): void {
    const told = raised.flatMap((id) => {
      const alarm = records.get(id);
      return alarm !== undefined && isNotable(alarm) ? [alarm] : [];
    });
    if (told.length === 0) return;
    this.#newAlarms.noteAll(nowMs, told);
    this.#wheel.set(watchKey('flood', ''), nowMs);
  }

  /** Asked, not noted as a deadline: a turn that is under way must not take it for one that it has looked at. */
  #lookAtMeeting(id: number): void {
    this.asked
      .ask((turn) => this.#watches.look(turn, 'meeting', String(id)))
      .catch(() => this.#sweep(this.clock.now()));
  }

  #suppressionWith(alarm: AlarmRecord, symptom: boolean): Suppression | null {
    if (symptom) return 'symptom';
    if (alarm.suppression !== 'symptom') return alarm.suppression;
    return suppressionOf(alarm, {
      standingOf: (key) => this.#board.get(key),
      covers: (id) => this.maintenance.covers(id),
      alarmLevelOf: (id) => this.alarmLevelOf(id),
    });
  }

  /** Another book of rules: everything is judged by it, and what it holds devices against is made anew. */
  #followRules(): void {
    const nowMs = this.clock.now();
    this.#sweep(nowMs);
    void this.baselines.judge(nowMs);
  }

  #sweep(fromMs: number): void {
    this.#sweepFromMs = Math.min(fromMs, this.#sweepFromMs ?? fromMs);
    this.#sweepRevision += 1;
  }
}
