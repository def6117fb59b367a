import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ChannelKind, Clock, ENDPOINTS, Notification, NotificationReason, ParsedBodyOf } from '@ioc/contract';
import type { Logger } from 'pino';
import { AuditService } from '../access/audit.service.js';
import type { Config } from '../config/config.js';
import type { IncidentsOutcome } from '../incidents/incident-outcome.js';
import { IncidentWorkService } from '../incidents/incident-work.service.js';
import type { WorkedIncident } from '../incidents/worked-incident.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, CONFIG, LOGGER } from '../platform/platform.module.js';
import { AudienceService } from './audience.service.js';
import { decide, NOTHING_RECEIVED, type EventKind } from './decision.js';
import { DeliveriesService } from './deliveries.service.js';
import { DigestsService } from './digests.service.js';
import { EscalationsService } from './escalations.service.js';
import { explain, foretell } from './explanation.js';
import { testMessage } from './message-text.js';
import { KeptSecretsService } from './kept-secrets.service.js';
import {
  NotificationLogRepository,
  type NotificationFilter,
  type NotificationRow,
} from './notification-log.repository.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutboxService } from './outbox.service.js';
import { OwnChannelsService } from './own-channels.service.js';
import { targetKey } from './recipient.js';
import { TellingService } from './telling.service.js';

const LOOK_EVERY_MS = 1_000;
const DAY_MS = 86_400_000;
/** How long the log and the reasons are kept. */
const KEPT_MS = 180 * DAY_MS;
const REMOVE_EVERY_MS = 3_600_000;
const TESTS_WITHIN_MS = 10 * 60_000;
const MOST_TESTS = 5;

/** What people do that others are told of. */
const WORK_KINDS: Readonly<
  Partial<Record<WorkedIncident['action'], Extract<EventKind, 'assigned' | 'resolved' | 'reopened'>>>
> = {
  assign: 'assigned',
  resolve: 'resolved',
  reopen: 'reopened',
};

export interface TestRequest {
  readonly channel: ChannelKind;
  readonly webhookId: string | null;
  readonly personId: string;
  readonly personName: string;
  readonly actor: string;
}
export type TestOutcome =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly reason: 'no-address' | 'not-found' | 'too-many' };

/** Tells people what happens: in the transaction of what happened into the outbox, from there by a sender of its own. */
@Injectable()
export class NotificationsService {
  #second: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #removedAtMs = 0;
  #stopFollowing: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxRepository,
    private readonly log: NotificationLogRepository,
    private readonly audience: AudienceService,
    private readonly telling: TellingService,
    private readonly escalations: EscalationsService,
    private readonly digests: DigestsService,
    private readonly sender: OutboxService,
    private readonly deliveries: DeliveriesService,
    private readonly channels: OwnChannelsService,
    private readonly secrets: KeptSecretsService,
    private readonly audit: AuditService,
    private readonly work: IncidentWorkService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Loads keys and what nobody holds, and begins to send. The incidents have been started. */
  async start(): Promise<void> {
    await this.secrets.start();
    await this.channels.start();
    await this.deliveries.start();
    await this.escalations.start();
    this.#stopFollowing = this.work.onWorked((tx, worked, nowMs) => this.#followWork(tx, worked, nowMs));
    this.#second = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#second.unref();
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopFollowing();
    if (this.#second !== null) clearInterval(this.#second);
    this.#second = null;
    await this.#looking;
    await this.sender.stop();
  }

  /** Writes what people are to be told of, in the batch’s transaction; it is sent once that has committed. */
  async follow(tx: Tx, outcome: IncidentsOutcome, nowMs: number): Promise<void> {
    const { notable } = outcome;
    if (notable.length === 0) return;
    await this.escalations.follow(tx, notable, nowMs);
    const audience = await this.audience.load(tx);
    const tidings = notable.map(({ incident, kind }) => ({ incident, kind, rule: null, by: null }));
    await this.telling.tell(tx, tidings, audience, nowMs);
  }

  /** Writes what others are to be told of what a person did, in the transaction of what they did. */
  async #followWork(tx: Tx, { incident, action, by }: WorkedIncident, nowMs: number): Promise<void> {
    const kind = WORK_KINDS[action];
    if (kind === undefined) return;
    if (kind === 'reopened') await this.escalations.follow(tx, [{ incident, kind }], nowMs);
    await this.telling.tell(tx, [{ incident, kind, rule: null, by }], await this.audience.load(tx), nowMs);
  }

  /** Newest first; one more than `limit` when there are more. */
  list(
    filter: NotificationFilter,
    limit: number,
    before: { readonly createdAt: Date; readonly id: number } | null,
  ): Promise<readonly NotificationRow[]> {
    return this.log.list(this.database, filter, limit + 1, before);
  }

  /** Why each person, and each webhook, was or was not told of an incident. */
  async explain(incidentId: string): Promise<readonly NotificationReason[]> {
    const names = await this.audience.names(this.database);
    const decided = await this.log.decisions(this.database, incidentId);
    const fates = await this.log.fates(this.database, incidentId);
    return explain(
      names,
      decided.map(({ at, groups }) => ({ atMs: at.getTime(), groups })),
      fates,
    );
  }

  /** Who would be told of such an incident at such a moment; nothing is sent. */
  async dryRun(body: ParsedBodyOf<typeof ENDPOINTS.dryRunNotifications>): Promise<readonly NotificationReason[]> {
    const { kind, severity, communeCode, owner, deviceClass, at } = body;
    const { rules, recipients } = await this.audience.load(this.database);
    const subject = { kind, severity, owner, deviceClass, communeCodes: communeCode === null ? [] : [communeCode] };
    const atMs = Date.parse(at);
    const circumstances = { atMs, flood: false, received: () => NOTHING_RECEIVED, toldBefore: () => false };
    const event = { kind: 'opened', subject, ruleId: null, holder: null, by: null } as const;
    return foretell(decide(event, rules, recipients, circumstances), atMs);
  }

  /** Puts a test message into the outbox. */
  async test({ channel, webhookId, personId, personName, actor }: TestRequest): Promise<TestOutcome> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx): Promise<TestOutcome> => {
      const { recipients } = await this.audience.load(tx);
      const recipient = recipients.find(({ key }) =>
        channel === 'webhook' ? key === `webhook.${webhookId}` : key === `person.${personId}`,
      );
      if (recipient === undefined) return { ok: false, reason: 'not-found' };
      const targets = recipient.targets.filter((target) => target.channel === channel);
      if (targets.length === 0) return { ok: false, reason: 'no-address' };
      const tests = await this.outbox.testsSince(tx, new Date(nowMs - TESTS_WITHIN_MS), recipient.key);
      if (tests >= MOST_TESTS) return { ok: false, reason: 'too-many' };
      const message = `test.${randomUUID()}`;
      const text = testMessage(personName, nowMs, this.config.publicOrigin ?? null);
      const rows = targets.map((target) => ({
        key: `${message}.${targetKey(target)}`,
        message,
        incidentId: null,
        kind: 'test' as const,
        recipientKey: recipient.key,
        personId: recipient.personId,
        channel,
        targetId: target.id,
        address: target.address,
        lane: target.lane,
        ...text,
        severity: null,
        countsInLimit: false,
        held: false,
      }));
      await this.outbox.insert(tx, rows, new Date(nowMs));
      const subject = recipient.key;
      await this.audit.record({ actor, action: 'notification:tested', subject, detail: { channel } }, tx);
      return { ok: true, id: message };
    });
    if (outcome.ok) this.sender.wake();
    return outcome;
  }

  #look(): void {
    this.#looking ??= this.#lookAt(this.clock.now())
      .catch((error: unknown) => this.logger.warn({ err: error }, 'notifications were not looked at; tried again'))
      .finally(() => (this.#looking = null));
  }

  async #lookAt(nowMs: number): Promise<void> {
    await this.escalations.look(nowMs);
    await this.digests.look(nowMs);
    this.sender.wake();
    if (nowMs - this.#removedAtMs < REMOVE_EVERY_MS) return;
    const before = new Date(nowMs - KEPT_MS);
    const removed =
      (await this.outbox.removeOld(this.database, before)) + (await this.log.removeOldDecisions(this.database, before));
    if (removed === 0) this.#removedAtMs = nowMs;
  }
}

export function notificationOf(row: NotificationRow): Notification {
  return {
    ...row,
    id: String(row.id),
    createdAt: row.createdAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  };
}
