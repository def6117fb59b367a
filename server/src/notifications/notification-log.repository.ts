import { Injectable } from '@nestjs/common';
import type { Notification } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { DecisionGroup, Fate } from './explanation.js';

export interface NotificationFilter {
  readonly incidentId?: string | undefined;
  readonly state?: Notification['state'] | undefined;
}

export interface NotificationRow {
  readonly id: number;
  readonly key: string;
  readonly incidentId: string | null;
  readonly kind: Notification['kind'];
  readonly channel: Notification['channel'];
  readonly recipient: string;
  readonly personName: string | null;
  readonly title: string;
  readonly text: string;
  readonly state: Notification['state'];
  readonly attempts: number;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly lastError: string | null;
}

/** Since when nobody holds an incident, and the rules that have told of it. */
export interface Watch {
  readonly incidentId: string;
  readonly sinceMs: number;
  readonly toldRuleIds: readonly string[];
}

type WatchRow = Omit<Watch, 'sinceMs'> & { readonly sinceAt: Date } & Record<string, unknown>;

const LIST = `
  select n.id, n.key, n.incident_id::text as "incidentId", n.kind, n.channel, n.address as recipient,
    p.name as "personName", n.title, n.text, n.state, n.attempts, n.created_at as "createdAt", n.sent_at as "sentAt",
    n.next_attempt_at as "nextAttemptAt", n.last_error as "lastError"
  from notification n left join person p on p.id = n.person_id
  where ($1::bigint is null or n.incident_id = $1) and ($2::text is null or n.state = $2)
    and ($3::timestamptz is null or (n.created_at, n.id) < ($3, $4::bigint))
  order by n.created_at desc, n.id desc limit $5`;

const INSERT_DECISION = `
  insert into notification_decision (incident_id, at, kind, groups) values ($1, $2, $3, $4)`;
const DECISIONS = `select at, groups from notification_decision where incident_id = $1 order by id limit 1000`;
const REMOVE_OLD_DECISIONS = `
  delete from notification_decision where id in (
    select id from notification_decision where at < $1 order by at limit 1000)`;
const FATES = `
  select n.recipient_key as recipient, n.state, d.state as digest, coalesce(n.sent_at, d.sent_at) as "sentAt"
  from notification n
  left join lateral (
    select state, sent_at from notification where message = n.digest_message order by (state = 'sent') desc, id limit 1) d
    on true
  where n.incident_id = $1 order by n.id limit 20000`;

const WATCHES = `
  select incident_id::text as "incidentId", since_at as "sinceAt", told_rule_ids::text[] as "toldRuleIds"
  from notification_watch`;
const WATCHES_OF = `${WATCHES} where incident_id = any ($1::bigint[])`;
const INSERT_WATCH = `
  insert into notification_watch (incident_id, since_at) select id, $2 from incident where id = any ($1::bigint[])
  on conflict (incident_id) do nothing`;
const DELETE_WATCH = `delete from notification_watch where incident_id = any ($1::bigint[])`;
const NOTE_TOLD = `
  update notification_watch set told_rule_ids = array_append(told_rule_ids, $2::bigint) where incident_id = $1`;

/** SQL of the log, of why, and of what nobody holds. */
@Injectable()
export class NotificationLogRepository {
  list(
    tx: Tx,
    filter: NotificationFilter,
    limit: number,
    before: { readonly createdAt: Date; readonly id: number } | null,
  ): Promise<readonly NotificationRow[]> {
    return tx.query<NotificationRow & Record<string, unknown>>(LIST, [
      filter.incidentId ?? null,
      filter.state ?? null,
      before?.createdAt ?? null,
      before?.id ?? null,
      limit,
    ]);
  }

  async keepDecision(
    tx: Tx,
    incidentId: string,
    at: Date,
    kind: string,
    groups: readonly DecisionGroup[],
  ): Promise<void> {
    await tx.execute(INSERT_DECISION, [incidentId, at, kind, JSON.stringify(groups)]);
  }

  decisions(tx: Tx, incidentId: string): Promise<readonly { at: Date; groups: readonly DecisionGroup[] }[]> {
    return tx.query<{ at: Date; groups: readonly DecisionGroup[] }>(DECISIONS, [incidentId]);
  }

  /** Removes up to 1,000 older ones; returns how many. */
  removeOldDecisions(tx: Tx, before: Date): Promise<number> {
    return tx.execute(REMOVE_OLD_DECISIONS, [before]);
  }

  async fates(tx: Tx, incidentId: string): Promise<readonly Fate[]> {
    const rows = await tx.query<Omit<Fate, 'sentAtMs'> & { sentAt: Date | null }>(FATES, [incidentId]);
    return rows.map(({ sentAt, ...fate }) => ({ ...fate, sentAtMs: sentAt?.getTime() ?? null }));
  }

  async watches(tx: Tx): Promise<readonly Watch[]> {
    return (await tx.query<WatchRow>(WATCHES)).map(watchOf);
  }

  async watchesOf(tx: Tx, incidentIds: readonly string[]): Promise<readonly Watch[]> {
    return (await tx.query<WatchRow>(WATCHES_OF, [incidentIds])).map(watchOf);
  }

  /** Those that are watched already stay as they are. */
  async watch(tx: Tx, incidentIds: readonly string[], since: Date): Promise<void> {
    await tx.execute(INSERT_WATCH, [incidentIds, since]);
  }

  async unwatch(tx: Tx, incidentIds: readonly string[]): Promise<void> {
    await tx.execute(DELETE_WATCH, [incidentIds]);
  }

  async noteTold(tx: Tx, incidentId: string, ruleId: string): Promise<void> {
    await tx.execute(NOTE_TOLD, [incidentId, ruleId]);
  }
}

function watchOf({ sinceAt, ...watch }: WatchRow): Watch {
  return { ...watch, sinceMs: sinceAt.getTime() };
}
