import { Injectable } from '@nestjs/common';
import type { ChannelKind, Notification, Severity } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { Received } from './decision.js';

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;

/** A message to one address, as it goes into the outbox. */
export interface NewNotification {
  readonly key: string;
  readonly message: string;
  readonly incidentId: string | null;
  readonly kind: Notification['kind'];
  readonly recipientKey: string;
  readonly personId: string | null;
  readonly channel: ChannelKind;
  readonly targetId: string;
  readonly address: string;
  readonly lane: string;
  readonly title: string;
  readonly text: string;
  readonly link: string | null;
  readonly severity: Severity | null;
  readonly countsInLimit: boolean;
  readonly held: boolean;
}

/** A message that is being sent. */
export interface ClaimedNotification {
  readonly id: number;
  readonly key: string;
  readonly incidentId: string | null;
  readonly kind: Notification['kind'];
  readonly channel: ChannelKind;
  readonly targetId: string;
  readonly address: string;
  readonly title: string;
  readonly text: string;
  readonly link: string | null;
  readonly severity: Severity | null;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** A held message, for the digest. */
export interface HeldNotification {
  readonly id: number;
  readonly incidentId: string | null;
  readonly kind: Notification['kind'];
  readonly personId: string | null;
  readonly channel: ChannelKind;
  readonly targetId: string;
  readonly address: string;
  readonly lane: string;
  readonly title: string;
  readonly severity: Severity | null;
}

const INSERT = `
  insert into notification (key, message, incident_id, kind, recipient_key, person_id, channel, target_id, address, lane,
    title, text, link, severity, counts_in_limit, state, created_at, next_attempt_at)
  select key, message, incident_id, kind, recipient_key, person_id, channel, target_id, address, lane,
    title, text, link, severity, counts_in_limit,
    case when held then 'held' else 'waiting' end, $17, case when held then null else $17::timestamptz end
  from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::boolean[], $16::boolean[])
    as row (key, message, incident_id, kind, recipient_key, person_id, channel, target_id, address, lane, title, text,
      link, severity, counts_in_limit, held)
  on conflict (key) do nothing`;

const DUE_LANES = `
  select lane from notification where state = 'waiting' and next_attempt_at <= $1
  group by lane order by min(next_attempt_at) limit $2`;
// Those that failed go last, so that one that is always refused holds up no other.
const CLAIM = `
  update notification set state = 'sending', attempts = attempts + 1
  where id = (
    select id from notification where lane = $1 and state = 'waiting' and next_attempt_at <= $2
    order by next_attempt_at, attempts, id limit 1 for update skip locked)
  returning id, key, incident_id::text as "incidentId", kind, channel, target_id as "targetId", address, title, text, link,
    severity, attempts, created_at as "createdAt"`;
// What was being sent when a sender ended may have arrived or not: it goes again, under the same key.
const TAKE_BACK = `update notification set state = 'waiting' where state = 'sending'`;
const RECORD_SENT = `
  update notification set state = 'sent', sent_at = $2, next_attempt_at = null, last_error = null where id = $1`;
const RECORD_RETRY = `update notification set state = 'waiting', next_attempt_at = $2, last_error = $3 where id = $1`;
const RECORD_END = `update notification set state = $2, next_attempt_at = null, last_error = $3 where id = $1`;
const POSTPONE_LANE = `
  update notification set next_attempt_at = $2 where lane = $1 and state = 'waiting' and next_attempt_at < $2`;

const COUNT_RECEIVED = `
  select recipient_key as "recipientKey", count(distinct message) as "lastHour",
    count(distinct message) filter (where created_at > $2 and kind <> 'digest') as "singlesLastQuarter"
  from notification
  where created_at > $1 and counts_in_limit and state not in ('held', 'dropped')
  group by recipient_key`;
const TOLD_BEFORE = `
  select distinct incident_id::text as "incidentId", recipient_key as "recipientKey" from notification
  where incident_id = any ($1::bigint[]) and kind not in ('resolved', 'test')`;
const COUNT_TESTS = `
  select count(*) as count from notification where kind = 'test' and created_at > $1 and recipient_key = $2`;

const HELD_RECIPIENTS = `
  select held.recipient_key as "recipientKey", min(held.created_at) as "firstHeldAt",
    (select max(digest.created_at) from notification digest
      where digest.recipient_key = held.recipient_key and digest.kind = 'digest' and digest.created_at > $1) as "digestAt"
  from notification held where held.state = 'held'
  group by held.recipient_key`;
const LOCK_HELD = `
  select id, incident_id::text as "incidentId", kind, person_id as "personId", channel, target_id as "targetId", address,
    lane, title, severity
  from notification where recipient_key = $1 and state = 'held' order by id for update`;
const PUT_INTO_DIGEST = `update notification set state = 'dropped', digest_message = $2 where id = any ($1::bigint[])`;
const REMOVE_OLD = `
  delete from notification where id in (
    select id from notification
    where created_at < $1 and state in ('sent', 'failed', 'dropped') order by created_at limit 1000)`;

/** SQL of the outbox. */
@Injectable()
export class OutboxRepository {
  /** What is there already, by its key, stays as it is. */
  async insert(tx: Tx, rows: readonly NewNotification[], at: Date): Promise<void> {
    if (rows.length === 0) return;
    const column = <K extends keyof NewNotification>(name: K) => rows.map((row) => row[name]);
    await tx.execute(INSERT, [
      column('key'),
      column('message'),
      column('incidentId'),
      column('kind'),
      column('recipientKey'),
      column('personId'),
      column('channel'),
      column('targetId'),
      column('address'),
      column('lane'),
      column('title'),
      column('text'),
      column('link'),
      column('severity'),
      column('countsInLimit'),
      column('held'),
      at,
    ]);
  }

  /** Lanes with something to send, the one that waits longest first. */
  async dueLanes(tx: Tx, now: Date, limit: number): Promise<readonly string[]> {
    return (await tx.query<{ lane: string }>(DUE_LANES, [now, limit])).map(({ lane }) => lane);
  }

  /** Takes the next message of a lane for sending; null when nothing is due. */
  async claim(tx: Tx, lane: string, now: Date): Promise<ClaimedNotification | null> {
    return (await tx.query<ClaimedNotification & Record<string, unknown>>(CLAIM, [lane, now]))[0] ?? null;
  }

  takeBack(tx: Tx): Promise<number> {
    return tx.execute(TAKE_BACK);
  }

  async recordSent(tx: Tx, id: number, at: Date): Promise<void> {
    await tx.execute(RECORD_SENT, [id, at]);
  }

  async recordRetry(tx: Tx, id: number, next: Date, error: string): Promise<void> {
    await tx.execute(RECORD_RETRY, [id, next, error]);
  }

  async recordEnd(tx: Tx, id: number, state: 'failed' | 'dropped', error: string): Promise<void> {
    await tx.execute(RECORD_END, [id, state, error]);
  }

  /** The other side does not answer: nothing of the lane is tried before then. */
  async postponeLane(tx: Tx, lane: string, until: Date): Promise<void> {
    await tx.execute(POSTPONE_LANE, [lane, until]);
  }

  /** What counts towards the limits at a moment, by recipient. */
  async received(tx: Tx, nowMs: number): Promise<Map<string, Received>> {
    const since = [new Date(nowMs - HOUR_MS), new Date(nowMs - QUARTER_MS)];
    const rows = await tx.query<Received & { recipientKey: string }>(COUNT_RECEIVED, since);
    return new Map(rows.map(({ recipientKey, ...received }) => [recipientKey, received]));
  }

  /** `<incident> <recipient>` of everybody who was told of these, or whose message waits or is held. */
  async toldBefore(tx: Tx, incidentIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ incidentId: string; recipientKey: string }>(TOLD_BEFORE, [incidentIds]);
    return new Set(rows.map(({ incidentId, recipientKey }) => `${incidentId} ${recipientKey}`));
  }

  async testsSince(tx: Tx, since: Date, recipientKey: string): Promise<number> {
    return (await tx.query<{ count: number }>(COUNT_TESTS, [since, recipientKey]))[0]?.count ?? 0;
  }

  /** Whose messages are held, since when, and when the last digest was made, if that was after `since`. */
  heldRecipients(
    tx: Tx,
    since: Date,
  ): Promise<readonly { readonly recipientKey: string; readonly firstHeldAt: Date; readonly digestAt: Date | null }[]> {
    return tx.query<{ recipientKey: string; firstHeldAt: Date; digestAt: Date | null }>(HELD_RECIPIENTS, [since]);
  }

  lockHeld(tx: Tx, recipientKey: string): Promise<readonly HeldNotification[]> {
    return tx.query<HeldNotification & Record<string, unknown>>(LOCK_HELD, [recipientKey]);
  }

  async putIntoDigest(tx: Tx, ids: readonly number[], digestMessage: string): Promise<void> {
    await tx.execute(PUT_INTO_DIGEST, [ids, digestMessage]);
  }

  /** Removes up to 1,000 that are done and older; returns how many. */
  removeOld(tx: Tx, before: Date): Promise<number> {
    return tx.execute(REMOVE_OLD, [before]);
  }
}
