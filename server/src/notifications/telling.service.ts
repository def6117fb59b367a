import { Inject, Injectable } from '@nestjs/common';
import type { Incident, Notification } from '@ioc/contract';
import { AlarmsService } from '../alarms/alarms.service.js';
import type { Config } from '../config/config.js';
import type { Tx } from '../platform/database/database.js';
import { CONFIG } from '../platform/platform.module.js';
import type { Audience } from './audience.service.js';
import { bypassesLimits, decide, NOTHING_RECEIVED, type Decision, type EventKind } from './decision.js';
import { groupDecisions } from './explanation.js';
import { incidentMessage, type MessageText } from './message-text.js';
import { NotificationLogRepository } from './notification-log.repository.js';
import type { KeptRule } from './notification-settings.repository.js';
import { OutboxRepository, type NewNotification } from './outbox.repository.js';
import { personKey, targetKey } from './recipient.js';
import type { RuleSubject } from './rule-matching.js';

/** Something to tell of an incident. */
export interface Tidings {
  readonly incident: Incident;
  readonly kind: EventKind;
  /** Of an escalation: the rule whose time has come. */
  readonly rule: KeptRule | null;
  /** Who did it; null: the system. */
  readonly by: Incident['acknowledgedBy'];
}

/** Puts messages into the outbox, and why, in the transaction of what they tell of. */
@Injectable()
export class TellingService {
  readonly #origin: string | null;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly log: NotificationLogRepository,
    private readonly alarms: AlarmsService,
    @Inject(CONFIG) config: Config,
  ) {
    this.#origin = config.publicOrigin === undefined ? null : new URL(config.publicOrigin).origin;
  }

  async tell(tx: Tx, tidings: readonly Tidings[], { rules, recipients }: Audience, nowMs: number): Promise<void> {
    if (tidings.length === 0) return;
    const told = await this.outbox.toldBefore(
      tx,
      tidings.map(({ incident }) => incident.id),
    );
    const received = await this.outbox.received(tx, nowMs);
    const flood = this.alarms.flood().on;
    const at = new Date(nowMs);
    for (const { incident, kind, rule, by } of tidings) {
      const subject = subjectOf(incident);
      const happened = {
        kind,
        subject,
        ruleId: rule?.id ?? null,
        holder: keyOf(incident.acknowledgedBy),
        by: keyOf(by),
      };
      // Work that is given away is between two people; why others hear nothing of it is no question.
      const asked = kind === 'assigned' ? recipients.filter(({ key }) => key === happened.holder) : recipients;
      const decisions = decide(happened, rules, asked, {
        atMs: nowMs,
        flood,
        received: (key) => received.get(key) ?? NOTHING_RECEIVED,
        toldBefore: (key) => told.has(`${incident.id} ${key}`),
      });
      const details = { escalatedMinutes: rule?.afterMinutes ?? null, by: by?.name ?? null };
      const text = incidentMessage(incident, kind, this.#origin, details);
      const event = `incident.${incident.id}.${kind}${rule === null ? '' : `-${rule.id}`}.${incident.version}`;
      const countsInLimit = !bypassesLimits(subject);
      const rows = decisions.flatMap((decision) => rowsOf(decision, { incident, kind, text, event, countsInLimit }));
      await this.outbox.insert(tx, rows, at);
      await this.log.keepDecision(tx, incident.id, at, kind, groupDecisions(decisions));
      if (!countsInLimit) continue;
      for (const { recipient, verdict } of decisions) {
        if (verdict.kind !== 'tell') continue;
        const { lastHour, singlesLastQuarter } = received.get(recipient.key) ?? NOTHING_RECEIVED;
        received.set(recipient.key, { lastHour: lastHour + 1, singlesLastQuarter: singlesLastQuarter + 1 });
      }
    }
  }
}

export function subjectOf({ kind, severity, communeCode, communeCodes, owner, deviceClass }: Incident): RuleSubject {
  const codes = communeCode === null ? communeCodes : [...new Set([communeCode, ...communeCodes])];
  return { kind, severity, communeCodes: codes, owner, deviceClass };
}

function keyOf(person: Incident['acknowledgedBy']): string | null {
  return person === null ? null : personKey(person.personId);
}

const KINDS: Readonly<Record<EventKind, Notification['kind']>> = {
  opened: 'opened',
  reopened: 'opened',
  worsened: 'worsened',
  resolved: 'resolved',
  escalated: 'escalated',
  assigned: 'assigned',
};

interface Written {
  readonly incident: Incident;
  readonly kind: EventKind;
  readonly text: MessageText;
  readonly event: string;
  readonly countsInLimit: boolean;
}

function rowsOf({ recipient, verdict }: Decision, written: Written): readonly NewNotification[] {
  if (verdict.kind !== 'tell' && verdict.kind !== 'hold') return [];
  const { incident, kind, text, event, countsInLimit } = written;
  const message = `${event}.${recipient.key}`;
  return verdict.targets.map((target) => ({
    key: `${event}.${targetKey(target)}`,
    message,
    incidentId: incident.id,
    kind: KINDS[kind],
    recipientKey: recipient.key,
    personId: recipient.personId,
    channel: target.channel,
    targetId: target.id,
    address: target.address,
    lane: target.lane,
    ...text,
    severity: incident.severity,
    countsInLimit,
    held: verdict.kind === 'hold',
  }));
}
