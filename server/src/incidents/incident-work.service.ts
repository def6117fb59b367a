import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Incident } from '@ioc/contract';
import { AuditService, type IncidentAuditAction } from '../access/audit.service.js';
import { AttachmentsService } from '../attachments/attachments.service.js';
import type { Config } from '../config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import { toIncident, type IncidentRecord } from './incident-record.js';
import { IncidentRegroupingsRepository, type ProposalRow } from './incident-regroupings.repository.js';
import { badField, decideWork, type IncidentRefusal, type IncidentWork, type WorkAction } from './incident-work.js';
import { IncidentsRepository, type IncidentChangeRow, type IncidentFilter } from './incidents.repository.js';
import { IncidentsService } from './incidents.service.js';
import type { WorkedIncident } from './worked-incident.js';

export type IncidentWorkResult = { readonly ok: true; readonly incident: Incident } | IncidentRefusal;

/** Called in the transaction of what a person did, once for each; when it throws nothing of it is done. */
type WorkFollower = (tx: Tx, worked: WorkedIncident, nowMs: number) => Promise<void>;

/** A photo of a comment, as the wire carries it. */
type Photos = Awaited<ReturnType<AttachmentsService['ofChanges']>>;

export interface IncidentDetail {
  readonly record: IncidentRecord;
  readonly changes: readonly IncidentChangeRow[];
  readonly photos: Photos;
  readonly proposals: readonly ProposalRow[];
}

const AUDITED: Readonly<Record<WorkAction['kind'], IncidentAuditAction>> = {
  acknowledge: 'incident:acknowledged',
  release: 'incident:released',
  assign: 'incident:assigned',
  start: 'incident:started',
  comment: 'incident:commented',
  estimate: 'incident:estimated',
  nameCause: 'incident:cause-named',
  request: 'incident:requested',
  resolve: 'incident:resolved',
  close: 'incident:closed',
  reopen: 'incident:reopened',
};

/** Undoes the transaction; what was refused is told. */
export class Refused extends Error {
  constructor(readonly refusal: IncidentRefusal) {
    super(refusal.reason);
  }
}

/** What people do with one incident. Each is one transaction: the row is locked, read again, decided on, written, noted. */
@Injectable()
export class IncidentWorkService {
  readonly #followers = new Set<WorkFollower>();

  constructor(
    private readonly database: Database,
    private readonly repository: IncidentsRepository,
    private readonly regroupings: IncidentRegroupingsRepository,
    private readonly incidents: IncidentsService,
    private readonly attachments: AttachmentsService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Newest first; one more than `limit` when there are more. `after`: the last one of the page before. */
  list(
    filter: IncidentFilter,
    limit: number,
    after: { readonly beganAtMs: number; readonly id: number } | null,
  ): Promise<readonly IncidentRecord[]> {
    return this.repository.list(this.database, filter, limit + 1, after);
  }

  /** One incident with what happened to it and what waits for a person; null when there is none. */
  async get(id: string): Promise<IncidentDetail | null> {
    const [record] = await this.repository.byIds(this.database, [Number(id)]);
    if (record === undefined) return null;
    const changes = await this.repository.changesOf(this.database, record.id);
    const commented = changes.filter(({ action }) => action === 'commented').map((change) => change.id);
    return {
      record,
      changes,
      photos: await this.attachments.ofChanges(commented),
      proposals: await this.regroupings.proposalsOf(this.database, record.id),
    };
  }

  /** Called with whatever people do from now on. Returns what takes the follower away. */
  onWorked(follower: WorkFollower): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** @param photoIds of a comment; uploaded before by the same person */
  async perform(work: IncidentWork, action: WorkAction, photoIds: readonly string[] = []): Promise<IncidentWorkResult> {
    const nowMs = this.clock.now();
    try {
      const record = await this.database.transaction((tx) => this.#perform(tx, work, action, photoIds, nowMs));
      this.incidents.accept([{ record, members: null }], nowMs);
      return { ok: true, incident: toIncident(record) };
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  async #perform(
    tx: Tx,
    work: IncidentWork,
    action: WorkAction,
    photoIds: readonly string[],
    nowMs: number,
  ): Promise<IncidentRecord> {
    const { incidentId, person } = work;
    const [record] = await this.repository.locked(tx, [Number(incidentId)]);
    if (record === undefined) throw new Refused({ ok: false, reason: 'not-found' });
    if (await this.isRepeated(tx, work, action.kind)) return record;
    const decision = decideWork(record, work, action, this.config, nowMs);
    if (!decision.ok) throw new Refused(decision);
    const { after, change } = decision;
    if (change === null) return record;
    await this.repository.update(tx, [after]);
    const noted = { incidentId: record.id, personId: person.personId, ...change };
    const [changeId = 0] = await this.repository.note(tx, [noted], nowMs);
    if (!(await this.attachments.bind(tx, photoIds, changeId, person.personId))) {
      const detail = { vi: 'Ảnh không có, hoặc đã dùng', en: 'A photo is not there, or was used before' };
      throw new Refused(badField('attachmentIds', detail));
    }
    await this.record(tx, work, AUDITED[action.kind], { note: change.note, text: change.text?.en ?? null });
    await this.noteRequest(tx, work, action.kind, nowMs);
    const worked = { incident: toIncident(after), action: action.kind, by: person };
    for (const follow of this.#followers) await follow(tx, worked, nowMs);
    return after;
  }

  /** Whether the same request was carried out before. One that was for something else is refused. */
  async isRepeated(tx: Tx, work: IncidentWork, action: string): Promise<boolean> {
    if (work.requestId === null) return false;
    const done = await this.regroupings.carriedOut(tx, work.requestId);
    if (done === null) return false;
    const same =
      String(done.incident_id) === String(Number(work.incidentId)) &&
      done.person_id === work.person.personId &&
      done.action === action;
    if (!same) throw new Refused(REQUEST_OF_ANOTHER);
    return true;
  }

  async noteRequest(tx: Tx, work: IncidentWork, action: string, nowMs: number): Promise<void> {
    if (work.requestId === null) return;
    const done = { incident_id: Number(work.incidentId), person_id: work.person.personId, action };
    // On the same incident they wait for one another at its row; this one came for two incidents at once.
    if (!(await this.regroupings.noteRequest(tx, work.requestId, done, nowMs))) throw new Refused(REQUEST_OF_ANOTHER);
  }

  async record(
    tx: Tx,
    { incidentId, person }: IncidentWork,
    action: IncidentAuditAction,
    detail: Readonly<Record<string, string | number | boolean | null>>,
  ): Promise<void> {
    const actor = `${person.name} (${person.personId})`;
    await this.audit.record({ actor, action, subject: incidentId, detail }, tx);
  }
}

const REQUEST_OF_ANOTHER: IncidentRefusal = badField('requestId', {
  vi: 'Mã yêu cầu đã dùng cho việc khác',
  en: 'The request id was used for something else',
});
