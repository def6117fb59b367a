import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Incident, Severity } from '@ioc/contract';
import type { Logger } from 'pino';
import type { AlarmAttachment, AlarmOutcome, AlarmRecord } from '../alarms/alarm.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import type { Config } from '../config/config.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import type { Judgement } from '../connectivity/judgement.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { CLOCK, CONFIG, LOGGER } from '../platform/platform.module.js';
import { finishIncident, isStillborn, type FinishedIncident, type FinishingWorld } from './finished-incident.js';
import { GroupingTurn } from './grouping-turn.js';
import { Grouping, type Grouped } from './grouping.js';
import { hubOf } from './alarm-place.js';
import { IncidentBook, SHOWN_AFTER_END_MS, type BookEntry, type CurrentChange } from './incident-book.js';
import type { IncidentDraft } from './incident-draft.js';
import { NO_INCIDENTS, type IncidentsOutcome, type NotableIncident } from './incident-outcome.js';
import { isOpen, toIncident, type IncidentRecord } from './incident-record.js';
import { IncidentRegroupingsRepository, type NewProposal } from './incident-regroupings.repository.js';
import { IncidentsRepository, type NewChange } from './incidents.repository.js';

/** What a judgement makes of the incidents, before its commit. */
interface Pending {
  readonly entries: readonly BookEntry[];
  readonly alarmDevices: ReadonlySet<string>;
}

/** After a commit: what changed on the list, and the devices whose severity or alarm level may differ. */
export interface IncidentsChange extends CurrentChange {
  readonly devices: ReadonlySet<string>;
}

interface IncidentsEvents {
  readonly 'incidents:changed': IncidentsChange;
}

/** How long requests that were carried out are known again; ms. */
const REQUESTS_KEPT_MS = 14 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;
/** How often the grouping is done anew because a person changed an incident in between; then it stands as it is. */
const MOST_ATTEMPTS = 3;

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
  readonly #pending = new WeakMap<Judgement, Pending>();
  /** Alarms that stood before they could be grouped are looked at once, after the start. */
  #adopted = false;
  #forgetAtMs = 0;
  #stopFollowing: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: IncidentsRepository,
    private readonly regroupings: IncidentRegroupingsRepository,
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    private readonly devices: DevicesService,
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
    // Behind the alarms: their listener was added first, so that severities are current here.
    this.#stopFollowing = this.connectivity.onAccepted('incidents', (judgement) => this.#accept(judgement));
  }

  stop(): void {
    this.#stopFollowing();
    this.alarms.stop();
  }

  /** Whether the passing of time alone changes an incident by now. */
  isDue(nowMs: number): boolean {
    if (!this.#adopted || this.turn.begun) return true;
    for (const { record } of this.#book.grouped()) if (this.#deadlineOf(record) <= nowMs) return true;
    return false;
  }

  /**
   * Groups what a judgement makes of the alarms, in the batch's transaction, and does what is due by now: acknowledgements
   * that ran out, hubs whose symptoms are judged again, incidents that can no longer be reopened. Current once the
   * judgement is accepted.
   */
  async follow(tx: Tx, judgement: Judgement, nowMs: number): Promise<IncidentsOutcome> {
    await this.turn.begin();
    const alarms = await this.alarms.follow(tx, judgement, nowMs);
    const finished = await this.#regroup(tx, judgement, alarms, nowMs);
    const expired = await this.#expireWork(tx, new Set(finished.map(({ record }) => record.id)), nowMs);
    await this.#forgetRequests(tx, nowMs);
    this.#pending.set(judgement, {
      entries: [...finished, ...expired.map(({ record }) => ({ record, members: null }))],
      alarmDevices: alarms.touchedDevices,
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
    };
  }

  async #regroup(
    tx: Tx,
    judgement: Judgement,
    alarms: AlarmOutcome,
    nowMs: number,
  ): Promise<readonly FinishedIncident[]> {
    const world = this.world(nowMs, judgement);
    const known = new Map([...this.#book.grouped()].map((incident) => [incident.record.id, incident]));
    const homeless = this.#adopted ? [] : this.#homeless(alarms);
    const group = (): Grouped => {
      const grouping = new Grouping(known.values(), {
        register: world.register,
        nowMs,
        reopenWithinMs: this.config.incidentReopenMs,
        lastKnown: (id) => world.stateOf(id).lastKnown,
      });
      grouping.take(alarms);
      grouping.adopt(homeless);
      grouping.judgeAgain();
      for (const hubId of hubsAround(judgement, world)) grouping.touch(hubId);
      return grouping.result();
    };
    let grouped = group();
    const locked = new Set<number>();
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const ids = grouped.drafts.flatMap(({ before }) => before?.record.id ?? []).filter((id) => !locked.has(id));
      if (ids.length === 0) break;
      let same = true;
      for (const record of await this.repository.locked(tx, ids)) {
        locked.add(record.id);
        if (known.get(record.id)?.record.version !== record.version) same = false;
        known.set(record.id, { record, members: this.#book.membersOf(record.id) });
      }
      // A person was quicker: what they hold is not regrouped.
      if (!same) grouped = group();
    }
    return await this.#write(tx, grouped, judgement, world);
  }

  async #write(
    tx: Tx,
    grouped: Grouped,
    judgement: Judgement,
    world: FinishingWorld,
  ): Promise<readonly FinishedIncident[]> {
    const drafts = grouped.drafts.filter((draft) => !isStillborn(draft));
    const made = drafts.filter(({ before }) => before === null);
    const newIds = await this.repository.reserveIds(tx, made.length);
    const ids = new Map<IncidentDraft, number>(made.map((draft, index) => [draft, newIds[index] ?? 0]));
    for (const draft of drafts) if (draft.before !== null) ids.set(draft, draft.before.record.id);
    const idOf = (draft: IncidentDraft): number | null => ids.get(finalHome(draft)) ?? draft.before?.record.id ?? null;
    const finished = drafts.map((draft) =>
      finishIncident(draft, ids.get(draft) ?? 0, draft.mergedInto === null ? null : idOf(draft.mergedInto), world),
    );
    const isNew = (index: number) => drafts[index]?.before === null;
    await this.repository.insert(
      tx,
      finished.filter((_, index) => isNew(index)).map(({ record }) => record),
    );
    const waiting = await this.#propose(tx, proposalsOf(grouped, finished, idOf), finished, world.nowMs);
    const all = finished.map((each) => withProposals(each, waiting.get(each.record.id)));
    await this.repository.update(
      tx,
      all.filter(({ same }, index) => !same && !isNew(index)).map(({ record }) => record),
    );
    await this.repository.note(tx, all.flatMap(changesOf), world.nowMs);
    const attachments = all.flatMap((each): readonly AlarmAttachment[] => each.attachments);
    if (attachments.length > 0) await this.alarms.attach(tx, judgement, attachments);
    const elsewhere = [...waiting.keys()].filter((id) => !all.some(({ record }) => record.id === id));
    return [...all, ...(await this.#recount(tx, elsewhere))];
  }

  /** Writes what is only proposed, and takes back what nobody has to decide on any more; how many then wait, by incident. */
  async #propose(
    tx: Tx,
    wanted: readonly NewProposal[],
    finished: readonly FinishedIncident[],
    nowMs: number,
  ): Promise<ReadonlyMap<number, number>> {
    const over = new Set(
      finished.filter(({ record, same }) => !same && !isOpen(record)).map(({ record }) => record.id),
    );
    const differing = new Set(await this.regroupings.withdraw(tx, [...over], nowMs));
    const notes: NewChange[] = [];
    for (const proposal of wanted) {
      const { incidentId, otherIncidentId, text } = proposal;
      if (over.has(incidentId) || (otherIncidentId !== null && over.has(otherIncidentId))) continue;
      if (!(await this.regroupings.propose(tx, proposal, nowMs))) continue;
      differing.add(incidentId);
      notes.push({ incidentId, personId: null, action: 'proposed', note: null, text });
    }
    await this.repository.note(tx, notes, nowMs);
    return await this.regroupings.waiting(tx, [...differing]);
  }

  /** Incidents of which nothing but the number of proposals differs. */
  async #recount(tx: Tx, ids: readonly number[]): Promise<readonly FinishedIncident[]> {
    const records = (await this.repository.locked(tx, ids)).map((record) => ({
      ...record,
      version: record.version + 1,
    }));
    await this.repository.update(tx, records);
    return records.map((record) => unworked(record, this.#book.membersOf(record.id), null));
  }

  /** Acknowledgements that ran out, and incidents that can no longer be reopened. */
  async #expireWork(tx: Tx, done: ReadonlySet<number>, nowMs: number): Promise<readonly FinishedIncident[]> {
    const due = [...this.#book.grouped()].filter(
      ({ record }) => !done.has(record.id) && this.#workDeadlineOf(record) <= nowMs,
    );
    if (due.length === 0) return [];
    const locked = await this.repository.locked(
      tx,
      due.map(({ record }) => record.id),
    );
    const expired = locked.flatMap((record) => {
      // A person may have been quicker.
      if (this.#workDeadlineOf(record) > nowMs) return [];
      const version = record.version + 1;
      const members = this.#book.membersOf(record.id);
      if (record.state === 'resolved') {
        return unworked(
          { ...record, version, workVersion: version, state: 'closed', closedAtMs: nowMs },
          members,
          null,
          'closed',
        );
      }
      const fields = {
        state: 'open',
        holder: null,
        acknowledgedAtMs: null,
        acknowledgedUntilMs: null,
        note: null,
      } as const;
      const text = {
        vi: `${record.holder?.name ?? ''} chưa bắt đầu xử lý`,
        en: `${record.holder?.name ?? ''} had not begun`,
      };
      const after = { ...record, ...fields, version, workVersion: version };
      return unworked(after, members, 'reopened', 'acknowledgementExpired', text);
    });
    await this.repository.update(
      tx,
      expired.map(({ record }) => record),
    );
    await this.repository.note(tx, expired.flatMap(changesOf), nowMs);
    return expired;
  }

  async #forgetRequests(tx: Tx, nowMs: number): Promise<void> {
    if (nowMs < this.#forgetAtMs) return;
    await this.regroupings.forgetRequests(tx, nowMs - REQUESTS_KEPT_MS);
    this.#forgetAtMs = nowMs + FORGET_EVERY_MS;
  }

  #deadlineOf(record: IncidentRecord): number {
    return Math.min(this.#workDeadlineOf(record), isOpen(record) ? (record.judgeAgainAtMs ?? Infinity) : Infinity);
  }

  #workDeadlineOf(record: IncidentRecord): number {
    if (record.state === 'resolved') return (record.resolvedAtMs ?? 0) + this.config.incidentReopenMs;
    return record.state === 'acknowledged' ? (record.acknowledgedUntilMs ?? Infinity) : Infinity;
  }

  /** Alarms that stand and belong to no incident, other than those of this judgement. */
  #homeless({ cleared }: AlarmOutcome): readonly AlarmRecord[] {
    const over = new Set(cleared.map(({ id }) => id));
    return [...this.alarms.current()].filter(({ id, incidentId }) => incidentId === null && !over.has(id));
  }

  #accept(judgement: Judgement): void {
    const pending = this.#pending.get(judgement);
    if (pending !== undefined) this.#adopted = true;
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

/** What is only proposed, in words; what came to nothing meanwhile is left out. */
function proposalsOf(
  { proposals }: Grouped,
  finished: readonly FinishedIncident[],
  idOf: (draft: IncidentDraft) => number | null,
): readonly NewProposal[] {
  const byId = new Map(finished.map(({ record }) => [record.id, record]));
  const grouping = proposals.flatMap(({ draft, kind, other, alarmIds }): NewProposal[] => {
    const incidentId = idOf(draft);
    const otherIncidentId = idOf(other);
    if (incidentId === null || otherIncidentId === null || incidentId === otherIncidentId) return [];
    const title = byId.get(otherIncidentId)?.title ?? other.before?.record.title ?? { vi: '', en: '' };
    const text =
      kind === 'mergeInto'
        ? {
            vi: `Cùng nguyên nhân với sự cố ${otherIncidentId}: ${title.vi}`,
            en: `Same cause as incident ${otherIncidentId}: ${title.en}`,
          }
        : {
            vi: `Có thể thuộc sự cố này: ${title.vi} (sự cố ${otherIncidentId})`,
            en: `Perhaps part of this: ${title.en} (incident ${otherIncidentId})`,
          };
    return [{ incidentId, kind, otherIncidentId, causeCode: null, text, alarmIds }];
  });
  const causes = finished.flatMap(({ record, otherCause }): NewProposal[] => {
    if (otherCause === null) return [];
    const { code, evidence } = otherCause;
    return [
      {
        incidentId: record.id,
        kind: 'changeCause',
        otherIncidentId: null,
        causeCode: code,
        text: evidence,
        alarmIds: [],
      },
    ];
  });
  return [...grouping, ...causes];
}

function withProposals(finished: FinishedIncident, waiting: number | undefined): FinishedIncident {
  const { record, same } = finished;
  if (waiting === undefined || waiting === record.proposals) return finished;
  return {
    ...finished,
    same: false,
    record: { ...record, proposals: waiting, version: record.version + Number(same) },
  };
}

function unworked(
  record: IncidentRecord,
  members: ReadonlyMap<number, AlarmRecord>,
  notable: FinishedIncident['notable'],
  action?: 'closed' | 'acknowledgementExpired',
  text: FinishedIncident['changes'][number]['text'] = null,
): FinishedIncident {
  const changes = action === undefined ? [] : [{ action, text }];
  return { record, same: false, members, changes, attachments: [], notable, otherCause: null };
}

function changesOf({ record, changes }: FinishedIncident): readonly NewChange[] {
  return changes.map(({ action, text }) => ({ incidentId: record.id, personId: null, action, note: null, text }));
}

/** Where a draft's alarms are in the end. */
function finalHome(draft: IncidentDraft): IncidentDraft {
  let home = draft;
  for (let steps = 0; home.mergedInto !== null && steps < 1_000; steps += 1) home = home.mergedInto;
  return home;
}

/** The hubs around which something changed: how many of what hangs on them is down is part of their incidents. */
function hubsAround({ changes }: Judgement, { register }: FinishingWorld): ReadonlySet<string> {
  return new Set(changes.flatMap(({ device }) => hubOf(device, register) ?? []));
}
