import { Inject, Injectable } from '@nestjs/common';
import type { Clock, LocalizedText } from '@ioc/contract';
import { AlarmsService } from '../alarms/alarms.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { finishIncident, type FinishedIncident } from './finished-incident.js';
import type { BookEntry } from './incident-book.js';
import { IncidentDraft } from './incident-draft.js';
import { isOpen, toIncident, type IncidentRecord } from './incident-record.js';
import { IncidentRegroupingsRepository, type ProposalRow } from './incident-regroupings.repository.js';
import { badField, checkHolder, checkVersion, OVER, type IncidentRefusal, type IncidentWork } from './incident-work.js';
import { IncidentWorkService, Refused, type IncidentWorkResult } from './incident-work.service.js';
import type { NewChange } from './incident-trail.js';
import { IncidentsRepository } from './incidents.repository.js';
import { IncidentsService } from './incidents.service.js';

/** What a person's regrouping wrote; the first is the incident that is answered with. */
interface Regrouped {
  readonly entries: readonly [BookEntry, ...BookEntry[]];
  readonly accept: () => void;
}

/**
 * What people do to the grouping: split, merge, decide on what is proposed. One at a time, and never while the intake's
 * transaction groups: two merges at once, or a merge in a circle, find each other's outcome and are refused by it.
 */
@Injectable()
export class RegroupingService {
  constructor(
    private readonly database: Database,
    private readonly repository: IncidentsRepository,
    private readonly regroupings: IncidentRegroupingsRepository,
    private readonly incidents: IncidentsService,
    private readonly work: IncidentWorkService,
    private readonly alarms: AlarmsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The alarms become an incident of their own; at least one stays. */
  split(work: IncidentWork, alarmIds: readonly string[], note: string | null): Promise<IncidentWorkResult> {
    return this.#regroup(work, 'split', async (tx, record, nowMs) => {
      const chosen = new Set(alarmIds.map(Number));
      const members = this.incidents.membersOf(record.id);
      if ([...chosen].some((id) => !members.has(id))) {
        throw refuse('alarmIds', 'Có cảnh báo không thuộc sự cố này, hoặc đã hết', 'An alarm is not in it, or is over');
      }
      if (chosen.size === members.size) {
        throw refuse('alarmIds', 'Phải còn lại ít nhất một cảnh báo', 'At least one alarm must stay');
      }
      const [newId = 0] = await this.repository.reserveIds(tx, 1);
      const from = this.#draftOf(record);
      const own = IncidentDraft.fresh('new:1', '', Infinity);
      for (const id of chosen) move(from, own, id, () => false);
      const world = this.incidents.world(nowMs, null);
      const made = finishIncident(own, newId, null, world);
      const left = byHand(finishIncident(from, record.id, null, world), record, false);
      const fresh = { ...made, record: { ...made.record, madeByHand: true } };
      await this.repository.insert(tx, [fresh.record]);
      const count = chosen.size;
      await this.#note(tx, work, [left, fresh], nowMs, [
        noteOf(record.id, work, 'split', note, {
          vi: `Tách ${count} cảnh báo thành sự cố ${newId}`,
          en: `${count} alarms split off as incident ${newId}`,
        }),
        noteOf(newId, work, 'split', note, {
          vi: `Tách từ sự cố ${record.id}`,
          en: `Split from incident ${record.id}`,
        }),
      ]);
      await this.work.record(tx, work, 'incident:split', { into: newId, alarms: count, note });
      return this.#written(tx, [left, fresh]);
    });
  }

  /** The incident's alarms go into another one, and it is closed. */
  merge(work: IncidentWork, intoId: string, note: string | null): Promise<IncidentWorkResult> {
    return this.#regroup(
      work,
      'merge',
      (tx, record, nowMs) => this.#merge(tx, work, record, Number(intoId), note, nowMs),
      [Number(intoId)],
    );
  }

  /** Carries out what was proposed, or says that it is not so. */
  decide(work: IncidentWork, proposalId: string, accept: boolean, note: string | null): Promise<IncidentWorkResult> {
    return this.#regroup(work, `decide ${proposalId} ${accept}`, async (tx, record, nowMs) => {
      const proposal = await this.regroupings.lockedProposal(tx, record.id, proposalId);
      if (proposal === null) {
        throw conflict(
          'Đề xuất không còn, hoặc đã có người quyết định',
          'The proposal is gone, or somebody decided on it',
        );
      }
      await this.regroupings.decide(tx, proposal.id, accept, work.person.personId, nowMs);
      const action = accept ? 'proposalAccepted' : 'proposalRejected';
      const decided = noteOf(record.id, work, action, note, proposal.text);
      await this.repository.note(tx, [decided], nowMs);
      const audited = accept ? 'incident:proposal-accepted' : 'incident:proposal-rejected';
      await this.work.record(tx, work, audited, { proposal: proposal.id, kind: proposal.kind, note });
      const one = { ...record, proposals: Math.max(0, record.proposals - 1) };
      if (accept && proposal.kind === 'mergeInto') {
        return await this.#merge(tx, work, one, proposal.other_incident_id ?? 0, note, nowMs);
      }
      if (accept && proposal.kind === 'addAlarms') return await this.#add(tx, work, one, proposal, nowMs);
      const version = record.version + 1;
      const cause =
        accept && proposal.cause_code !== null
          ? { code: proposal.cause_code, evidence: proposal.text, namedBy: work.person }
          : record.cause;
      const after = { ...one, cause, version, workVersion: version };
      await this.repository.update(tx, [after]);
      return { entries: [{ record: after, members: null }], accept: () => undefined };
    });
  }

  async #regroup(
    work: IncidentWork,
    action: string,
    act: (tx: Tx, record: IncidentRecord, nowMs: number) => Promise<Regrouped>,
    others: readonly number[] = [],
  ): Promise<IncidentWorkResult> {
    return await this.incidents.turn.run(async () => {
      const nowMs = this.clock.now();
      const id = Number(work.incidentId);
      try {
        const { entries, accept } = await this.database.transaction(async (tx): Promise<Regrouped> => {
          const locked = await this.repository.locked(tx, [id, ...others]);
          const record = locked.find((each) => each.id === id);
          if (record === undefined) throw new Refused({ ok: false, reason: 'not-found' });
          if (await this.work.isRepeated(tx, work, action)) {
            return { entries: [{ record, members: null }], accept: () => undefined };
          }
          requireOpen(record);
          const refusal = checkHolder(record, work, 'regroup') ?? checkVersion(record, work);
          if (refusal !== null) throw new Refused(refusal);
          const regrouped = await act(tx, record, nowMs);
          await this.work.noteRequest(tx, work, action, nowMs);
          return regrouped;
        });
        accept();
        this.incidents.accept(entries, nowMs);
        return { ok: true, incident: toIncident(entries[0].record) };
      } catch (error) {
        if (error instanceof Refused) return error.refusal;
        throw error;
      }
    });
  }

  async #merge(
    tx: Tx,
    work: IncidentWork,
    source: IncidentRecord,
    intoId: number,
    note: string | null,
    nowMs: number,
  ): Promise<Regrouped> {
    if (intoId === source.id) {
      throw refuse('into', 'Không gộp được một sự cố vào chính nó', 'An incident cannot be merged into itself');
    }
    const target = await this.#other(tx, work, intoId);
    const from = this.#draftOf(source);
    const to = this.#draftOf(target);
    for (const id of [...from.members.keys()]) move(from, to, id, hangsOn(to));
    from.mergedInto = to;
    to.beganAtMs = Math.min(to.beganAtMs, source.beganAtMs);
    const world = this.incidents.world(nowMs, null);
    const gone = byHand(finishIncident(from, source.id, target.id, world), source, source.madeByHand);
    const taken = byHand(finishIncident(to, target.id, null, world), target, true);
    await this.#note(tx, work, [gone, taken], nowMs, [
      noteOf(source.id, work, 'merged', note, {
        vi: `Gộp vào sự cố ${target.id}`,
        en: `Merged into incident ${target.id}`,
      }),
      noteOf(target.id, work, 'merged', note, { vi: `Nhận sự cố ${source.id}`, en: `Took incident ${source.id}` }),
    ]);
    await this.work.record(tx, work, 'incident:merged', { into: target.id, note });
    return await this.#written(tx, [gone, taken], nowMs);
  }

  /** Takes the proposed alarms from where they are now; an incident that they leave empty is merged. */
  async #add(
    tx: Tx,
    work: IncidentWork,
    record: IncidentRecord,
    proposal: ProposalRow,
    nowMs: number,
  ): Promise<Regrouped> {
    const other = await this.#other(tx, work, proposal.other_incident_id ?? 0);
    const from = this.#draftOf(other);
    const to = this.#draftOf(record);
    const there = proposal.alarm_ids.filter((id) => from.members.has(id));
    if (there.length === 0)
      throw conflict('Các cảnh báo này đã hết hoặc đã ở nơi khác', 'These alarms are over or elsewhere');
    for (const id of there) {
      const began = from.members.get(id)?.alarm.beganAtMs ?? to.beganAtMs;
      move(from, to, id, hangsOn(to));
      to.beganAtMs = Math.min(to.beganAtMs, began);
    }
    const emptied = from.members.size === 0;
    if (emptied) from.mergedInto = to;
    const world = this.incidents.world(nowMs, null);
    const taken = byHand(finishIncident(to, record.id, null, world), record, true);
    const left = byHand(finishIncident(from, other.id, emptied ? record.id : null, world), other, other.madeByHand);
    const into = {
      vi: `${there.length} cảnh báo chuyển sang sự cố ${record.id}`,
      en: `${there.length} alarms went to incident ${record.id}`,
    };
    await this.#note(tx, work, [taken, left], nowMs, [
      noteOf(other.id, work, emptied ? 'merged' : 'split', null, into),
    ]);
    return await this.#written(tx, [taken, left], nowMs);
  }

  /** The other incident of a merge, locked: open, and nobody else's. */
  async #other(tx: Tx, work: IncidentWork, id: number): Promise<IncidentRecord> {
    const [other] = await this.repository.locked(tx, [id]);
    if (other === undefined) throw refuse('into', 'Không có sự cố này', 'There is no such incident');
    requireOpen(other);
    const taken = checkHolder(other, work, 'regroup');
    if (taken !== null) throw new Refused(taken);
    return other;
  }

  #draftOf(record: IncidentRecord): IncidentDraft {
    const { register } = this.incidents.world(record.beganAtMs, null);
    return IncidentDraft.of({ record, members: this.incidents.membersOf(record.id) }, register);
  }

  /** What the system notes of a regrouping, but for what the person's own entries say already. */
  async #note(
    tx: Tx,
    work: IncidentWork,
    finished: readonly FinishedIncident[],
    nowMs: number,
    own: readonly NewChange[],
  ): Promise<void> {
    const system = finished.flatMap(({ record, changes }) =>
      changes
        .filter(({ action }) => action === 'opened' || action === 'severityChanged' || action === 'causeProposed')
        .map(({ action, text }) => {
          const personId = action === 'opened' ? work.person.personId : null;
          return { incidentId: record.id, personId, action, note: null, text };
        }),
    );
    await this.repository.note(tx, [...system, ...own], nowMs);
  }

  async #written(
    tx: Tx,
    finished: readonly [FinishedIncident, ...FinishedIncident[]],
    nowMs?: number,
  ): Promise<Regrouped> {
    const over = finished.filter(({ record }) => !isOpen(record)).map(({ record }) => record.id);
    const differing = nowMs === undefined ? [] : await this.regroupings.withdraw(tx, over, nowMs);
    const waiting = await this.regroupings.waiting(tx, [
      ...new Set([...differing, ...finished.map(({ record }) => record.id)]),
    ]);
    const counted = (each: FinishedIncident): FinishedIncident => ({
      ...each,
      record: { ...each.record, proposals: waiting.get(each.record.id) ?? 0 },
    });
    const [first, ...rest] = finished;
    const all: readonly [FinishedIncident, ...FinishedIncident[]] = [counted(first), ...rest.map(counted)];
    await this.repository.update(
      tx,
      all.map(({ record }) => record),
    );
    const known = new Set(all.map(({ record }) => record.id));
    const others = (
      await this.repository.locked(
        tx,
        differing.filter((id) => !known.has(id)),
      )
    ).map((record) => ({
      ...record,
      version: record.version + 1,
    }));
    await this.repository.update(tx, others);
    const attached = await this.alarms.attach(
      tx,
      null,
      all.flatMap(({ attachments }) => attachments),
    );
    const entryOf = ({ record, members }: FinishedIncident): BookEntry => ({ record, members });
    const more = others.map((record): BookEntry => ({ record, members: null }));
    return { entries: [entryOf(all[0]), ...all.slice(1).map(entryOf), ...more], accept: () => attached.accept() };
  }
}

/** A person did it: whoever looked at it before must look again. */
function byHand(finished: FinishedIncident, before: IncidentRecord, madeByHand: boolean): FinishedIncident {
  const version = before.version + 1;
  return { ...finished, same: false, record: { ...finished.record, madeByHand, version, workVersion: version } };
}

function move(
  from: IncidentDraft,
  to: IncidentDraft,
  alarmId: number,
  underHub: (hubId: string | null) => boolean,
): void {
  const member = from.remove(alarmId);
  if (member === null) return;
  to.add({ ...member, underHub: member.place.family === 'down' && underHub(member.place.hubId) });
  to.beganAtMs = Math.min(to.beganAtMs, member.alarm.beganAtMs);
  from.left.push(member.alarm);
  to.joined.push(member.alarm);
}

/** Whether what hangs on a hub is a symptom in the incident: that hub's alarm stands in it. */
function hangsOn(draft: IncidentDraft): (hubId: string | null) => boolean {
  return (hubId) => hubId !== null && draft.hubAlarm(hubId) !== null;
}

function requireOpen(record: IncidentRecord): void {
  if (record.mergedInto !== null) {
    throw conflict(
      `Sự cố ${record.id} đã được gộp vào sự cố ${record.mergedInto}`,
      `Incident ${record.id} was merged into incident ${record.mergedInto}`,
    );
  }
  if (!isOpen(record)) throw conflict(OVER.vi, OVER.en);
}

function conflict(vi: string, en: string): Refused {
  return new Refused({ ok: false, reason: 'conflict', detail: { vi, en } });
}

function refuse(path: string, vi: string, en: string): Refused {
  const refusal: IncidentRefusal = badField(path, { vi, en });
  return new Refused(refusal);
}

function noteOf(
  incidentId: number,
  { person }: IncidentWork,
  action: NewChange['action'],
  note: string | null,
  text: LocalizedText,
): NewChange {
  return { incidentId, personId: person.personId, action, note, text };
}
