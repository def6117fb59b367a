import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { AuditRepository } from './audit.repository.js';

/** What people do to an incident. */
export type IncidentAuditAction = `incident:${
  | 'acknowledged'
  | 'released'
  | 'assigned'
  | 'started'
  | 'commented'
  | 'estimated'
  | 'cause-named'
  | 'requested'
  | 'resolved'
  | 'closed'
  | 'reopened'
  | 'split'
  | 'merged'
  | 'proposal-accepted'
  | 'proposal-rejected'}`;

export type AuditAction =
  | 'session:signed-in'
  | 'session:refused'
  | 'session:signed-out'
  | 'session:display-opened'
  | 'person:created'
  | 'person:changed'
  | 'person:password-changed'
  | 'display-token:created'
  | 'display-token:revoked'
  | 'register:imported'
  | 'register:adopted'
  | 'coverage:exported'
  | IncidentAuditAction
  | 'alarm:shelved'
  | 'alarm:unshelved'
  | 'alarm-flood:ended'
  | 'alarm-rule:saved'
  | 'alarm-rule:removed'
  | 'maintenance:created'
  | 'maintenance:ended'
  | 'meeting:entered'
  | 'meeting:changed'
  | 'meeting:cancelled'
  | 'fact:recorded'
  | 'fact:withdrawn'
  | 'report:kept'
  | 'handover:remarked'
  | 'handover:signed'
  | 'notification-rule:created'
  | 'notification-rule:changed'
  | 'notification-rule:removed'
  | 'webhook:created'
  | 'webhook:changed'
  | 'webhook:removed'
  | 'own-channel:changed'
  | 'notification:tested';

export interface AuditEntry {
  /** Who; see `actorOf`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The id of what it was done to. */
  readonly subject: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** The trail of what people did. Rows are only added; the database refuses the rest. */
@Injectable()
export class AuditService {
  constructor(
    private readonly database: Database,
    private readonly repository: AuditRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Adds an entry, in the transaction of what it tells about where there is one. */
  async record(entry: AuditEntry, tx: Tx = this.database): Promise<void> {
    await this.repository.insert(
      tx,
      new Date(this.clock.now()),
      entry.actor,
      entry.action,
      entry.subject,
      entry.detail ?? {},
    );
  }
}
