import { Injectable } from '@nestjs/common';
import type { Incident } from '@ioc/contract';
import { IncidentsService } from '../incidents/incidents.service.js';
import { Database } from '../platform/database/database.js';
import { AudienceService, type Audience } from './audience.service.js';
import { decide } from './decision.js';
import { dueRules } from './escalation.js';
import { groupDecisions } from './explanation.js';
import { NotificationLogRepository, type Watch } from './notification-log.repository.js';
import { subjectOf, TellingService } from './telling.service.js';

const NOBODY = { flood: false, lastHour: () => 0, toldBefore: () => false } as const;

/** Tells others when nobody acknowledges in time. Since when nobody holds an incident is kept in the database. */
@Injectable()
export class EscalationsService {
  readonly #watches = new Map<string, Watch>();

  constructor(
    private readonly database: Database,
    private readonly log: NotificationLogRepository,
    private readonly incidents: IncidentsService,
    private readonly audience: AudienceService,
    private readonly telling: TellingService,
  ) {}

  async start(): Promise<void> {
    for (const watch of await this.log.watches(this.database)) this.#watches.set(watch.incidentId, watch);
  }

  /** Begins and ends watches by who holds what now, and tells where time is up. */
  async look(nowMs: number): Promise<void> {
    const current = this.incidents.current();
    const open = new Map(current.filter(({ state }) => state === 'open').map((incident) => [incident.id, incident]));
    const begun = [...open.keys()].filter((id) => !this.#watches.has(id));
    const ended = [...this.#watches.values()].filter(({ incidentId }) => !open.has(incidentId));
    if (begun.length > 0) {
      await this.log.watch(this.database, begun, new Date(nowMs));
      for (const id of begun) this.#watches.set(id, { incidentId: id, sinceMs: nowMs, toldRuleIds: [] });
    }
    if (ended.length > 0) await this.#end(ended, new Map(current.map((incident) => [incident.id, incident])), nowMs);
    if (this.#watches.size > 0) await this.#tellWhatIsDue(open, nowMs);
  }

  async #end(ended: readonly Watch[], current: ReadonlyMap<string, Incident>, nowMs: number): Promise<void> {
    const taken = ended.flatMap(({ incidentId }) => {
      const incident = current.get(incidentId);
      return incident !== undefined && incident.acknowledgedBy !== null ? [incident] : [];
    });
    await this.database.transaction(async (tx) => {
      await this.log.unwatch(
        tx,
        ended.map(({ incidentId }) => incidentId),
      );
      if (taken.length === 0) return;
      const audience = await this.audience.load(tx);
      for (const incident of taken) {
        const groups = this.#spared(incident, audience, nowMs);
        if (groups.length > 0) await this.log.keepDecision(tx, incident.id, new Date(nowMs), 'acknowledged', groups);
      }
    });
    for (const { incidentId } of ended) this.#watches.delete(incidentId);
  }

  /** Those who would have been told, had nobody acknowledged. */
  #spared(incident: Incident, { rules, recipients }: Audience, nowMs: number) {
    const event = { kind: 'opened', subject: subjectOf(incident), ruleId: null } as const;
    const later = decide(event, rules, recipients, { ...NOBODY, atMs: nowMs }).filter(
      ({ verdict }) => verdict.kind === 'later',
    );
    return groupDecisions(later).map((group) => ({ ...group, reason: 'acknowledged-in-time' as const }));
  }

  async #tellWhatIsDue(open: ReadonlyMap<string, Incident>, nowMs: number): Promise<void> {
    const rules = await this.audience.escalationRules(this.database);
    for (const watch of this.#watches.values()) {
      const incident = open.get(watch.incidentId);
      const due = incident === undefined ? [] : dueRules(rules, watch, nowMs);
      for (const rule of due) {
        if (incident === undefined) continue;
        await this.database.transaction(async (tx) => {
          const audience = await this.audience.load(tx);
          await this.telling.tell(tx, [{ incident, kind: 'escalated', rule }], audience, nowMs);
          await this.log.noteTold(tx, watch.incidentId, rule.id);
        });
        const known = this.#watches.get(watch.incidentId) ?? watch;
        this.#watches.set(watch.incidentId, { ...known, toldRuleIds: [...known.toldRuleIds, rule.id] });
      }
    }
  }
}
