import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Incident, SituationReport } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import { simulates, type Config } from '../config/config.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { FactsService } from '../facts/facts.service.js';
import { HistoryService } from '../history/history.service.js';
import { SHOWN_AFTER_END_MS } from '../incidents/incident-book.js';
import { toIncident } from '../incidents/incident-record.js';
import { IncidentWorkService } from '../incidents/incident-work.service.js';
import { IncidentsService } from '../incidents/incidents.service.js';
import { Database } from '../platform/database/database.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import { ReadingsService, type ReadingThen } from '../readings/readings.service.js';
import { ReportsRepository } from './reports.repository.js';
import type { LevelSample } from './river-lines.js';
import { downThen, situationOf, type FormerSituation } from './situation.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Older readings say nothing of the moment: of mains, and of a river that somebody acts upon. */
const MAINS_FRESH_MS = 15 * MINUTE_MS;
const LEVEL_FRESH_MS = 30 * MINUTE_MS;
/** Of the incidents that are over by now, so many of the newest before the minute are looked at. */
const MAX_FORMER_INCIDENTS = 1_000;
/** What ended since then is still among the current incidents, with a minute to spare. */
const CURRENT_REACH_MS = SHOWN_AFTER_END_MS - MINUTE_MS;
/** Reports are compared with the last one that was kept, or with one that somebody chose. */
const MAX_FORMERS = 4;

export type SituationOutcome =
  | { readonly ok: true; readonly report: SituationReport }
  | { readonly ok: false; readonly reason: 'future' | 'bad-span' };

export interface ReportSigner {
  readonly personId: string;
  readonly name: string;
}

/**
 * The province as of a minute, against the kept report before it; kept reports. Every screen asks for the same minute: what is
 * being made is made once, and what reports are compared with is remembered.
 */
@Injectable()
export class SituationService {
  readonly #making = new Map<string, Promise<SituationReport>>();
  readonly #downAt = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(
    private readonly repository: ReportsRepository,
    private readonly database: Database,
    private readonly devices: DevicesService,
    private readonly facts: FactsService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly history: HistoryService,
    private readonly alarms: AlarmsService,
    private readonly incidents: IncidentsService,
    private readonly work: IncidentWorkService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The report of a minute: the present one, or the one that `at` lies in; as it was given then where it was kept. Compared
   * with the minute of `since`, else with the kept report before.
   */
  async report(request: { readonly atMs: number | null; readonly sinceMs: number | null }): Promise<SituationOutcome> {
    const nowMs = this.clock.now();
    const atMs = minuteOf(request.atMs ?? nowMs);
    const sinceMs = request.sinceMs === null ? null : minuteOf(request.sinceMs);
    if (atMs > nowMs) return { ok: false, reason: 'future' };
    if (sinceMs !== null && sinceMs >= atMs) return { ok: false, reason: 'bad-span' };
    if (sinceMs === null) {
      const kept = await this.repository.keptAt(this.database, atMs);
      if (kept !== null) return { ok: true, report: kept };
    }
    return { ok: true, report: await this.#make(atMs, sinceMs) };
  }

  /** Keeps the report of this minute; of a minute that was kept before, the first stays and is answered. */
  async keep(by: ReportSigner): Promise<SituationReport> {
    const atMs = minuteOf(this.clock.now());
    const report = await this.#make(atMs, null);
    return await this.database.transaction(async (tx) => {
      await this.repository.keep(tx, report, this.clock.now(), by.personId);
      const kept = await this.repository.keptAt(tx, atMs);
      if (kept === null) throw new Error('a report was kept and is not there');
      const actor = `${by.name} (${by.personId})`;
      await this.audit.record({ actor, action: 'report:kept', subject: kept.at }, tx);
      return kept;
    });
  }

  /** Newest first, at most 200. */
  kept(): Promise<readonly { readonly atMs: number; readonly by: string | null }[]> {
    return this.repository.listKept(this.database);
  }

  #make(atMs: number, sinceMs: number | null): Promise<SituationReport> {
    const key = `${atMs} ${sinceMs ?? ''}`;
    const known = this.#making.get(key);
    if (known !== undefined) return known;
    const made = this.#makeAgainst(atMs, sinceMs).finally(() => this.#making.delete(key));
    this.#making.set(key, made);
    return made;
  }

  async #makeAgainst(atMs: number, sinceMs: number | null): Promise<SituationReport> {
    const report =
      sinceMs === null ? await this.repository.keptBefore(this.database, atMs) : await this.#assemble(sinceMs, null);
    return await this.#assemble(atMs, report === null ? null : { report, down: await this.#downThen(report.at) });
  }

  /** Which devices were down at a former report; looked up once. */
  #downThen(at: string): Promise<ReadonlySet<string>> {
    const known = this.#downAt.get(at);
    if (known !== undefined) return known;
    const found = this.history.statesThen(Date.parse(at)).then(downThen);
    this.#downAt.set(at, found);
    // Whoever asks next asks again.
    found.catch(() => this.#downAt.delete(at));
    for (const oldest of this.#downAt.keys()) {
      if (this.#downAt.size <= MAX_FORMERS) break;
      this.#downAt.delete(oldest);
    }
    return found;
  }

  async #assemble(atMs: number, former: FormerSituation | null): Promise<SituationReport> {
    const [then, stations, levels, levelsBefore, facts, incidents] = await Promise.all([
      this.history.statesThen(atMs),
      this.readings.readingsThen('bts', atMs, MAINS_FRESH_MS, ['mainsOn']),
      this.readings.readingsThen('flood', atMs, LEVEL_FRESH_MS, ['levelM']),
      this.readings.readingsThen('flood', atMs - HOUR_MS, LEVEL_FRESH_MS, ['levelM']),
      this.facts.countingThen(atMs),
      this.#incidentsThen(atMs),
    ]);
    const onBattery = [...stations].filter(([, { metrics }]) => metrics['mainsOn'] === false).map(([id]) => id);
    return situationOf({
      atMs,
      simulated: simulates(this.config),
      register: this.devices.register(),
      then,
      onBattery: new Set(onBattery),
      level: (id) => levelOf(levels.get(id)),
      levelHourAgo: (id) => levelOf(levelsBefore.get(id)),
      facts,
      incidents,
      hubsDown: this.#hubsDownThen(atMs, incidents),
      outageBeganMs: (id) => this.connectivity.stateOf(id).outage?.beganAtMs ?? null,
      former,
    });
  }

  /**
   * Those that stand and, of a minute further back, the newest that had begun by then; what was over at that minute is left
   * out by the line itself.
   */
  async #incidentsThen(atMs: number): Promise<readonly Incident[]> {
    if (this.clock.now() - atMs < CURRENT_REACH_MS) return this.incidents.current();
    const begun = await this.work.list({}, MAX_FORMER_INCIDENTS, { beganAtMs: atMs + 1, id: Number.MAX_SAFE_INTEGER });
    const known = new Map(begun.map(toIncident).map((incident) => [incident.id, incident]));
    for (const incident of this.incidents.current()) known.set(incident.id, incident);
    return [...known.values()];
  }

  /** By the alarms that stand; of what is over by now, by the incidents. */
  #hubsDownThen(atMs: number, incidents: readonly Incident[]): ReadonlyMap<string, number> {
    const down = new Map<string, number>();
    for (const { kind, place, beganAt, endedAt } of incidents) {
      if (kind !== 'hubDown' || place.kind !== 'hub') continue;
      if (Date.parse(beganAt) <= atMs && (endedAt === null || Date.parse(endedAt) > atMs)) {
        down.set(place.id, Date.parse(beganAt));
      }
    }
    for (const { type, resource, beganAtMs } of this.alarms.current()) {
      if (type === 'hubDown' && resource.kind === 'hub' && beganAtMs <= atMs) down.set(resource.id, beganAtMs);
    }
    return down;
  }
}

const minuteOf = (ms: number) => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

function levelOf(reading: ReadingThen | undefined): LevelSample | null {
  if (reading === undefined) return null;
  const level = reading.metrics['levelM'];
  const good = typeof level === 'number' && !reading.suspect.includes('levelM');
  return { atMs: reading.atMs, levelM: good ? level : null };
}
