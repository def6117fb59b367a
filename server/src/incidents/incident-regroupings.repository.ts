import { Injectable } from '@nestjs/common';
import type { CauseCode, LocalizedText } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';

// The same regrouping is proposed once: what was decided is not asked again, what waits takes further alarms.
const PROPOSE = `
  insert into incident_proposal (incident_id, kind, other_incident_id, cause_code, text, alarm_ids, proposed_at)
  values ($1, $2, $3, $4, $5::jsonb, $6::int8[], to_timestamp($7::float8 / 1000))
  on conflict (incident_id, kind, coalesce(other_incident_id, 0), coalesce(cause_code, '')) do update
    set alarm_ids = coalesce((select array_agg(distinct alarm) from unnest(incident_proposal.alarm_ids || excluded.alarm_ids) alarm), '{}'),
        text = excluded.text
    where incident_proposal.decided_at is null
  returning id, (xmax = 0) as made`;

const OPEN_PROPOSALS = `
  select id, (extract(epoch from proposed_at) * 1000)::int8 as at_ms, kind, text, other_incident_id, to_jsonb(alarm_ids) as alarm_ids, cause_code
  from incident_proposal where incident_id = $1 and decided_at is null order by id limit 200`;

const LOCK_PROPOSAL = `
  select id, (extract(epoch from proposed_at) * 1000)::int8 as at_ms, kind, text, other_incident_id, to_jsonb(alarm_ids) as alarm_ids, cause_code
  from incident_proposal where id = $1 and incident_id = $2 and decided_at is null for update`;

const DECIDE = `
  update incident_proposal set decided_at = to_timestamp($2::float8 / 1000), decided_by = $3, accepted = $4 where id = $1`;

// Nobody has to decide any more on what an incident that is over would have taken or been taken by.
const WITHDRAW = `
  update incident_proposal set decided_at = to_timestamp($2::float8 / 1000), accepted = false
  where decided_at is null and (incident_id = any($1::int8[]) or other_incident_id = any($1::int8[]))
  returning incident_id`;

const WAITING = `
  select i.id, count(p.id)::int as waiting
  from unnest($1::int8[]) as i (id)
  left join incident_proposal p on p.incident_id = i.id and p.decided_at is null
  group by i.id`;

const CARRIED_OUT = `select incident_id, person_id, action from incident_request where request_id = $1`;
const NOTE_REQUEST = `
  insert into incident_request (request_id, incident_id, person_id, action, done_at)
  values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000)) on conflict do nothing`;
const FORGET_REQUESTS = `delete from incident_request where done_at < to_timestamp($1::float8 / 1000)`;

export interface ProposalRow {
  readonly id: number;
  readonly at_ms: number;
  readonly kind: 'addAlarms' | 'mergeInto' | 'changeCause';
  readonly text: LocalizedText;
  readonly other_incident_id: number | null;
  readonly alarm_ids: readonly number[];
  readonly cause_code: CauseCode | null;
}

export interface NewProposal {
  readonly incidentId: number;
  readonly kind: ProposalRow['kind'];
  readonly otherIncidentId: number | null;
  readonly causeCode: CauseCode | null;
  readonly text: LocalizedText;
  readonly alarmIds: readonly number[];
}

export interface CarriedOutRequest {
  readonly incident_id: number;
  readonly person_id: string;
  readonly action: string;
}

/** SQL of what is proposed to people, and of which of their requests were carried out. */
@Injectable()
export class IncidentRegroupingsRepository {
  /** Whether it was not proposed before. */
  async propose(tx: Tx, proposal: NewProposal, atMs: number): Promise<boolean> {
    const { incidentId, kind, otherIncidentId, causeCode, text, alarmIds } = proposal;
    const values = [incidentId, kind, otherIncidentId, causeCode, JSON.stringify(text), alarmIds, atMs];
    const [row] = await tx.query<{ made: boolean }>(PROPOSE, values);
    return row?.made === true;
  }

  /** What waits for a person, oldest first; at most 200. */
  proposalsOf(tx: Tx, incidentId: number): Promise<readonly ProposalRow[]> {
    return tx.query<ProposalRow>(OPEN_PROPOSALS, [incidentId]);
  }

  /** A proposal that nobody has decided on, locked; null when there is none. */
  async lockedProposal(tx: Tx, incidentId: number, proposalId: string): Promise<ProposalRow | null> {
    const [row] = await tx.query<ProposalRow>(LOCK_PROPOSAL, [proposalId, incidentId]);
    return row ?? null;
  }

  async decide(tx: Tx, proposalId: number, accepted: boolean, personId: string, atMs: number): Promise<void> {
    await tx.execute(DECIDE, [proposalId, atMs, personId, accepted]);
  }

  /** Takes back what was proposed to, or of, incidents that are over; the incidents that had such a proposal. */
  async withdraw(tx: Tx, incidentIds: readonly number[], atMs: number): Promise<readonly number[]> {
    if (incidentIds.length === 0) return [];
    const rows = await tx.query<{ incident_id: number }>(WITHDRAW, [incidentIds, atMs]);
    return [...new Set(rows.map(({ incident_id }) => incident_id))];
  }

  /** How many wait, by incident. */
  async waiting(tx: Tx, incidentIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    if (incidentIds.length === 0) return new Map();
    const rows = await tx.query<{ id: number; waiting: number }>(WAITING, [incidentIds]);
    return new Map(rows.map(({ id, waiting }) => [id, waiting]));
  }

  async carriedOut(tx: Tx, requestId: string): Promise<CarriedOutRequest | null> {
    const [row] = await tx.query<CarriedOutRequest>(CARRIED_OUT, [requestId]);
    return row ?? null;
  }

  /** False when the same id was carried out meanwhile. Waits for whoever is carrying it out. */
  async noteRequest(tx: Tx, requestId: string, done: CarriedOutRequest, atMs: number): Promise<boolean> {
    const { incident_id, person_id, action } = done;
    return (await tx.execute(NOTE_REQUEST, [requestId, incident_id, person_id, action, atMs])) === 1;
  }

  async forgetRequests(tx: Tx, beforeMs: number): Promise<void> {
    await tx.execute(FORGET_REQUESTS, [beforeMs]);
  }
}
