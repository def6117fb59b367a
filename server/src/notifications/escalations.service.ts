import { Injectable } from '@nestjs/common';
import type { Incident } from '@ioc/contract';
import type { IncidentsOutcome } from '../incidents/incident-outcome.js';
import { IncidentsService } from '../incidents/incidents.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { AudienceService, type Audience } from './audience.service.js';
import { decide, NOTHING_RECEIVED } from './decision.js';
import { dueRules } from './escalation.js';
import { groupDecisions } from './explanation.js';
import { NotificationLogRepository, type Watch } from './notification-log.repository.js';
import { subjectOf, TellingService } from './telling.service.js';

/** A transaction that has not committed after so long never will. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

const NOBODY = { flood: false, received: () => NOTHING_RECEIVED, toldBefore: () => false } as const;

/** Tells others when nobody acknowledges in time. Since when nobody holds an incident is kept in the database. */
@Injectable()
export class EscalationsService {
  readonly #watches = new Map<string, Watch>();
  /** Incidents whose watch was written in a transaction that may have failed. */
  readonly #written = new Map<string, number>();

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

  /** Begins to watch what nobody holds from now on, in the transaction of what happened. */
  async follow(tx: Tx, notable: IncidentsOutcome['notable'], nowMs: number): Promise<void> {
    const unheld = notable.flatMap(({ incident, kind }) =>
      (kind === 'opened' || kind === 'reopened') && incident.state === 'open' ? [incident.id] : [],
    );
    if (unheld.length === 0) return;
    await this.log.watch(tx, unheld, new Date(nowMs));
    for (const id of unheld) this.#written.set(id, nowMs);
  }

  /** Begins and ends watches by who holds what now, and tells where time is up. */
  async look(nowMs: number): Promise<void> {
    const openNow = () => this.incidents.current().filter(({ state }) => state === 'open');
    await this.#begin(
      openNow().flatMap(({ id }) => (this.#watches.has(id) ? [] : [id])),
      nowMs,
    );
    // Anew: meanwhile others may have committed.
    const current = this.incidents.current();
    const open = new Map(openNow().map((incident) => [incident.id, incident]));
    const ended = [...this.#watches.values()].filter(({ incidentId }) => !open.has(incidentId));
    if (ended.length > 0) await this.#end(ended, new Map(current.map((incident) => [incident.id, incident])), nowMs);
    if (this.#watches.size > 0) await this.#tellWhatIsDue(open, nowMs);
  }

  async #begin(unheld: readonly string[], nowMs: number): Promise<void> {
    const written = [...this.#written.keys()];
    if (unheld.length > 0) await this.log.watch(this.database, unheld, new Date(nowMs));
    const looked = [...new Set([...unheld, ...written])];
    if (looked.length === 0) return;
    for (const watch of await this.log.watchesOf(this.database, looked)) {
      this.#watches.set(watch.incidentId, watch);
      this.#written.delete(watch.incidentId);
    }
    for (const [id, atMs] of this.#written) if (atMs + FORGOTTEN_AFTER_MS < nowMs) this.#written.delete(id);
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
    const event = {
      kind: 'opened',
      subject: subjectOf(incident),
      ruleId: null,
      holder: null,
      by: null,
    } as const;
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
          await this.telling.tell(tx, [{ incident, kind: 'escalated', rule, by: null }], audience, nowMs);
          await this.log.noteTold(tx, watch.incidentId, rule.id);
        });
        const known = this.#watches.get(watch.incidentId) ?? watch;
        this.#watches.set(watch.incidentId, { ...known, toldRuleIds: [...known.toldRuleIds, rule.id] });
      }
    }
  }
}
