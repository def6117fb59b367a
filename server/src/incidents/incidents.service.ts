import { Inject, Injectable } from '@nestjs/common';
import { SEVERITIES, type Clock, type Incident, type Severity } from '@ioc/contract';
import type { Logger } from 'pino';
import { AuditService } from '../access/audit.service.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import type { Judgement } from '../connectivity/judgement.js';
import type { OutageOpened } from '../connectivity/observation.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { EventBus } from '../platform/events/events.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { CurrentIncidents, SHOWN_AFTER_END_MS, type CurrentChange } from './current-incidents.js';
import { toIncident, type IncidentRow } from './incident-record.js';
import { checkAcknowledge, checkRelease, type IncidentWork, type IncidentWorkResult } from './incident-work.js';
import {
  IncidentsRepository,
  type IncidentChangeRow,
  type IncidentFilter,
  type NewIncident,
} from './incidents.repository.js';
import { OutageSeverities } from './outage-severities.service.js';

/** What a judgement makes of the incidents, before its commit. */
interface Pending {
  readonly rows: readonly IncidentRow[];
  readonly alarmDevices: ReadonlySet<string>;
}

/** After a commit: what changed on the list, and the devices whose severity or alarm level may differ. */
export interface IncidentsChange extends CurrentChange {
  readonly devices: ReadonlySet<string>;
}

interface IncidentsEvents {
  readonly 'incidents:changed': IncidentsChange;
}

type Change = { readonly id: number; readonly action: IncidentChangeRow['action']; readonly note: string | null };

/**
 * What technicians work: for now one incident per outage, which resolves by itself when the outage ends. A recurrence is a
 * new one and inherits nothing.
 */
@Injectable()
export class IncidentsService {
  readonly #events: EventBus<IncidentsEvents>;
  readonly #current = new CurrentIncidents();
  readonly #pending = new WeakMap<Judgement, Pending>();
  #stopFollowing: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly repository: IncidentsRepository,
    private readonly severities: OutageSeverities,
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    private readonly devices: DevicesService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#events = new EventBus(logger);
  }

  /** Loads the current alarms and incidents. */
  async start(): Promise<void> {
    await this.alarms.start();
    const nowMs = this.clock.now();
    const rows = await this.repository.loadCurrent(this.database, nowMs - SHOWN_AFTER_END_MS);
    this.#current.take(rows.map(toIncident), nowMs);
    // Behind the alarms: their listener was added first, so that severities are current here.
    this.#stopFollowing = this.connectivity.onAccepted('incidents', (judgement) => this.#accept(judgement));
  }

  stop(): void {
    this.#stopFollowing();
    this.alarms.stop();
  }

  /**
   * Opens, resolves and re-judges incidents (and alarms) after a judgement, in the batch's transaction. Returns the ids of
   * the incidents that change; they are current once the judgement is accepted.
   */
  async follow(tx: Tx, judgement: Judgement, nowMs: number): Promise<readonly string[]> {
    const { touchedDevices: alarmDevices } = await this.alarms.follow(tx, judgement, nowMs);
    const changes: Change[] = [];
    const ended = judgement.outagesClosed
      .filter(({ device }) => this.#current.openOf(device.id) !== undefined)
      .map(({ device, endedAtMs }) => ({ deviceId: device.id, endedAtMs }));
    changes.push(...changesOf(await this.repository.resolve(tx, ended), 'resolved'));
    changes.push(...(await this.#open(tx, judgement)));
    const moved = [...this.connectivity.movedOutagesOf(judgement)].map(([deviceId, { beganAtMs }]) => ({
      deviceId,
      beganAtMs,
    }));
    const movedIds = await this.repository.move(tx, moved);
    changes.push(...(await this.#rejudge(tx, judgement, alarmDevices)));
    await this.repository.noteChanges(tx, changes, nowMs);
    const ids = [...new Set([...changes.map(({ id }) => id), ...movedIds])];
    const rows = await this.repository.byIds(tx, ids);
    this.#pending.set(judgement, { rows, alarmDevices });
    return ids.map(String);
  }

  async acknowledge(work: IncidentWork): Promise<IncidentWorkResult> {
    return this.#work(work, async (tx, row, nowMs) => {
      const refusal = checkAcknowledge(row, work);
      // Taking what one already has changes nothing; a repeated click is not an error.
      if (refusal !== null || row.acknowledged_by !== null) return refusal;
      await this.repository.acknowledge(tx, row.id, work.personId, nowMs, work.note);
      await this.#record(tx, 'incident:acknowledged', work);
      return null;
    });
  }

  async release(work: IncidentWork): Promise<IncidentWorkResult> {
    return this.#work(work, async (tx, row, nowMs) => {
      const refusal = checkRelease(row, work);
      if (refusal !== null) return refusal;
      await this.repository.release(tx, row.id, work.personId, nowMs, work.note);
      await this.#record(tx, 'incident:released', work);
      return null;
    });
  }

  /** Newest first; one more than `limit` when there are more. `after`: the last one of the page before. */
  list(
    filter: IncidentFilter,
    limit: number,
    after: { readonly beganAtMs: number; readonly id: number } | null,
  ): Promise<readonly IncidentRow[]> {
    return this.repository.list(this.database, filter, limit + 1, after);
  }

  /** One incident with what happened to it; null when there is none. */
  async get(id: string): Promise<{ readonly row: IncidentRow; readonly changes: readonly IncidentChangeRow[] } | null> {
    const [row] = await this.repository.byIds(this.database, [Number(id)]);
    return row === undefined ? null : { row, changes: await this.repository.changesOf(this.database, row.id) };
  }

  /** All that are not resolved, and those resolved within the last 10 minutes. */
  current(): readonly Incident[] {
    return this.#current.all();
  }

  /** How many are not resolved, and how many of those are critical and held by nobody. */
  counts(): { readonly open: number; readonly unheldCritical: number } {
    return this.#current.counts;
  }

  /** Worst severity of a device's current alarms and incident; null when there is none. */
  severityOf(deviceId: string): Severity | null {
    const ofAlarms = this.alarms.severityOf(deviceId);
    const ofIncident = this.#current.openOf(deviceId)?.severity;
    return SEVERITIES.find((severity) => severity === ofAlarms || severity === ofIncident) ?? null;
  }

  /** Called after every committed change. Returns what takes the listener away. */
  onChanged(owner: string, listener: (change: IncidentsChange) => void): () => void {
    return this.#events.on('incidents:changed', owner, listener);
  }

  async #open(tx: Tx, judgement: Judgement): Promise<readonly Change[]> {
    const outageIds = this.connectivity.outageIdsOf(judgement);
    const opened = judgement.outagesOpened.flatMap((outage) => {
      const incident = this.#incidentOf(outage, outageIds.get(outage), judgement);
      return incident === null ? [] : [incident];
    });
    const rows = await this.repository.open(tx, opened);
    const ids = rows.map(({ id }) => id);
    const resolved = rows.filter(({ state }) => state === 'resolved').map(({ id }) => id);
    return [...changesOf(ids, 'opened'), ...changesOf(resolved, 'resolved')];
  }

  #incidentOf(outage: OutageOpened, outageId: string | undefined, judgement: Judgement): NewIncident | null {
    const { device, ...rest } = outage;
    if (outageId === undefined) return null;
    const judged = this.severities.judge(device, judgement);
    return judged === null
      ? null
      : { ...judged, ...rest, outageId, deviceId: device.id, communeCode: device.communeCode };
  }

  /** Judges again what stands: by what is left around it now, an outage may be worse or better than when it began. */
  async #rejudge(tx: Tx, judgement: Judgement, alarmDevices: ReadonlySet<string>): Promise<readonly Change[]> {
    const over = new Set(judgement.outagesClosed.map(({ device }) => device.id));
    const { devices, devicesByCommune } = this.devices.register();
    const around = [...judgement.communes.keys()].flatMap((code) => devicesByCommune.get(code) ?? []);
    const ofAlarms = [...alarmDevices].flatMap((id) => devices.get(id) ?? []);
    const differing = [...new Set([...around, ...ofAlarms])].flatMap((device) => {
      const incident = this.#current.openOf(device.id);
      if (incident === undefined || over.has(device.id)) return [];
      const judged = this.severities.judge(device, judgement);
      if (judged === null) return [];
      const same = judged.severity === incident.severity && judged.impact === incident.impact;
      return same ? [] : [{ id: incident.id, before: incident.severity, ...judged }];
    });
    const ids = await this.repository.rejudge(tx, differing);
    const byId = new Map(differing.map((judged) => [Number(judged.id), judged]));
    return ids.flatMap((id) => {
      const judged = byId.get(id);
      if (judged === undefined) return [];
      return [{ id, action: 'severityChanged' as const, note: `${judged.before} → ${judged.severity}` }];
    });
  }

  async #work(
    work: IncidentWork,
    act: (tx: Tx, row: IncidentRow, nowMs: number) => Promise<Exclude<IncidentWorkResult, { ok: true }> | null>,
  ): Promise<IncidentWorkResult> {
    const nowMs = this.clock.now();
    const outcome = await this.database.transaction(async (tx) => {
      const row = await this.repository.locked(tx, work.incidentId);
      if (row === null) return { refusal: { ok: false, reason: 'not-found' } as const };
      const refusal = await act(tx, row, nowMs);
      if (refusal !== null) return { refusal };
      const [after = row] = await this.repository.byIds(tx, [row.id]);
      return { incident: toIncident(after) };
    });
    if (outcome.refusal !== undefined) return outcome.refusal;
    this.#announce([outcome.incident], new Set(), nowMs);
    return { ok: true, incident: outcome.incident };
  }

  #record(tx: Tx, action: 'incident:acknowledged' | 'incident:released', work: IncidentWork): Promise<void> {
    const actor = `${work.personName} (${work.personId})`;
    return this.audit.record({ actor, action, subject: work.incidentId, detail: { note: work.note } }, tx);
  }

  #accept(judgement: Judgement): void {
    const pending = this.#pending.get(judgement);
    this.#announce(pending?.rows.map(toIncident) ?? [], pending?.alarmDevices ?? new Set(), judgement.nowMs);
  }

  #announce(incidents: readonly Incident[], alarmDevices: ReadonlySet<string>, nowMs: number): void {
    const changed = this.#current.take(incidents, nowMs);
    const removed = this.#current.expire(nowMs);
    if (changed.length === 0 && removed.length === 0 && alarmDevices.size === 0) return;
    const devices = new Set([...alarmDevices, ...changed.flatMap(({ deviceId }) => deviceId ?? [])]);
    this.#events.emit('incidents:changed', { changed, removed, devices });
  }
}

function changesOf(ids: readonly number[], action: Change['action']): readonly Change[] {
  return ids.map((id) => ({ id, action, note: null }));
}
