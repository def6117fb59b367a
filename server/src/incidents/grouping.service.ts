import { Inject, Injectable } from '@nestjs/common';
import { COMMUNES } from '@ioc/contract';
import type { AlarmAttachment, AlarmOutcome, AlarmRecord } from '../alarms/alarm.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import type { Config } from '../config/config.js';
import type { Judgement } from '../connectivity/judgement.js';
import type { Tx } from '../platform/database/database.js';
import { CONFIG } from '../platform/platform.module.js';
import { hubOf } from './alarm-place.js';
import {
  finishIncident,
  isStillborn,
  unworked,
  type FinishedIncident,
  type FinishingWorld,
} from './finished-incident.js';
import { Grouping, type Grouped } from './grouping.js';
import type { IncidentBook } from './incident-book.js';
import type { IncidentDraft } from './incident-draft.js';
import { isOpen } from './incident-record.js';
import { IncidentRegroupingsRepository, type NewProposal } from './incident-regroupings.repository.js';
import { systemChangesOf, type NewChange } from './incident-trail.js';
import { IncidentsRepository } from './incidents.repository.js';

/** How often the grouping is done anew because a person changed an incident in between; then it stands as it is. */
const MOST_ATTEMPTS = 3;

/** What a judgement made, and what it is grouped by. */
export interface WhatToGroup {
  readonly judgement: Judgement;
  readonly alarms: AlarmOutcome;
  /** Alarms that stand in no incident, besides those of the judgement. */
  readonly homeless: readonly AlarmRecord[];
  /** Communes of which people said something since. */
  readonly communesSaid: Iterable<string>;
  /** As it will be once the judgement is accepted. */
  readonly world: FinishingWorld;
}

/** Groups what a judgement made of the alarms, and writes what becomes of the incidents, in the batch's transaction. */
@Injectable()
export class GroupingService {
  constructor(
    private readonly repository: IncidentsRepository,
    private readonly regroupings: IncidentRegroupingsRepository,
    private readonly alarms: AlarmsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * What became of the incidents; nothing of it is current before the judgement is accepted.
   * @param book the incidents as they stand; not changed
   */
  async group(tx: Tx, book: IncidentBook, what: WhatToGroup): Promise<readonly FinishedIncident[]> {
    const known = new Map([...book.grouped()].map((incident) => [incident.record.id, incident]));
    const { judgement, alarms, homeless, world } = what;
    const group = (): Grouping => {
      const grouping = new Grouping(known.values(), {
        register: world.register,
        nowMs: world.nowMs,
        reopenWithinMs: this.config.incidentReopenMs,
        lastKnown: (id) => world.stateOf(id).lastKnown,
      });
      grouping.take(alarms);
      grouping.adopt(homeless);
      grouping.judgeAgain();
      for (const hubId of hubsAround(judgement, world)) grouping.touchHub(hubId);
      for (const code of communesAround(what)) grouping.touchCommune(code);
      return grouping;
    };
    let grouping = group();
    const locked = new Set<number>();
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const ids = grouping
        .result()
        .drafts.flatMap(({ before }) => before?.record.id ?? [])
        .filter((id) => !locked.has(id));
      if (ids.length === 0) break;
      let same = true;
      for (const record of await this.repository.locked(tx, ids)) {
        locked.add(record.id);
        if (known.get(record.id)?.record.version !== record.version) same = false;
        known.set(record.id, { record, members: book.membersOf(record.id) });
      }
      // A person was quicker: what they hold is not regrouped.
      if (!same) grouping = group();
    }
    return await this.#write(tx, book, grouping, judgement, world);
  }

  async #write(
    tx: Tx,
    book: IncidentBook,
    grouping: Grouping,
    judgement: Judgement,
    world: FinishingWorld,
  ): Promise<readonly FinishedIncident[]> {
    const grouped = grouping.result();
    const drafts = grouped.drafts.filter((draft) => !isStillborn(draft));
    const made = drafts.filter(({ before }) => before === null);
    const newIds = await this.repository.reserveIds(tx, made.length);
    const ids = new Map<IncidentDraft, number>(made.map((draft, index) => [draft, newIds[index] ?? 0]));
    for (const draft of drafts) if (draft.before !== null) ids.set(draft, draft.before.record.id);
    const idOf = (draft: IncidentDraft): number | null => ids.get(finalHome(draft)) ?? draft.before?.record.id ?? null;
    const after: FinishingWorld = {
      ...world,
      incidentOfHub: (hubId) => {
        const home = grouping.homeOfHub(hubId);
        return home === null ? null : idOf(home);
      },
    };
    const finished = drafts.map((draft) =>
      finishIncident(draft, ids.get(draft) ?? 0, draft.mergedInto === null ? null : idOf(draft.mergedInto), after),
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
    await this.repository.note(tx, all.flatMap(systemChangesOf), world.nowMs);
    const attachments = all.flatMap((each): readonly AlarmAttachment[] => each.attachments);
    if (attachments.length > 0) await this.alarms.attach(tx, judgement, attachments);
    const elsewhere = [...waiting.keys()].filter((id) => !all.some(({ record }) => record.id === id));
    return [...all, ...(await this.#recount(tx, book, elsewhere))];
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
  async #recount(tx: Tx, book: IncidentBook, ids: readonly number[]): Promise<readonly FinishedIncident[]> {
    const records = (await this.repository.locked(tx, ids)).map((record) => ({
      ...record,
      version: record.version + 1,
    }));
    await this.repository.update(tx, records);
    return records.map((record) => unworked(record, book.membersOf(record.id), null));
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

/** The communes whose isolation may look different: something there changed, was said, or a hub went or returned. */
function communesAround({ judgement, alarms, communesSaid }: WhatToGroup): Iterable<string> {
  const { raised, cleared } = alarms;
  if ([...raised, ...cleared].some(({ type }) => type === 'hubDown')) return COMMUNES.map(({ code }) => code);
  return new Set([...judgement.communes.keys(), ...communesSaid]);
}
