import { Inject, Injectable } from '@nestjs/common';
import { COMMUNES, type Clock, type Handover } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import { AlarmsService } from '../alarms/alarms.service.js';
import { runningAt } from '../alarms/maintenance-window.js';
import { MaintenanceService } from '../alarms/maintenance.service.js';
import { ConnectivityService } from '../connectivity/connectivity.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import { ReadingsService } from '../readings/readings.service.js';
import {
  checkRemark,
  checkSign,
  toHandover,
  type HandoverContent,
  type HandoverRecord,
  type HandoverRefusal,
} from './handover.js';
import { ReportsRepository } from './reports.repository.js';
import { SituationService, type ReportSigner } from './situation.service.js';

export type HandoverOutcome =
  | { readonly ok: true; readonly handover: Handover }
  | { readonly ok: false; readonly refusal: HandoverRefusal | { readonly reason: 'not-found' } };

const COMMUNE_NAMES: ReadonlyMap<string, string> = new Map(COMMUNES.map(({ code, name }) => [code, name]));
/** More of a kind says only that there are many. */
const MAX_LINES = 500;

/** The shift handover: the situation and what the next shift must know besides, signed by both. */
@Injectable()
export class HandoverService {
  constructor(
    private readonly repository: ReportsRepository,
    private readonly database: Database,
    private readonly situation: SituationService,
    private readonly devices: DevicesService,
    private readonly readings: ReadingsService,
    private readonly connectivity: ConnectivityService,
    private readonly alarms: AlarmsService,
    private readonly maintenance: MaintenanceService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The one that waits for a signature; one is begun when there is none. */
  async current(): Promise<Handover> {
    const record = await this.repository.openHandover(this.database, this.clock.now());
    return toHandover(record, record.content ?? (await this.#contentNow()));
  }

  /** Signed by both, newest first, at most 100. */
  async list(): Promise<readonly Handover[]> {
    const records = await this.repository.listHandovers(this.database);
    return records.flatMap((record) => (record.content === null ? [] : toHandover(record, record.content)));
  }

  async remark(id: string, version: number | null, remarks: string, by: ReportSigner): Promise<HandoverOutcome> {
    const content = await this.#contentNow();
    return await this.#change(id, content, async (tx, record) => {
      const refusal = checkRemark(record, version);
      if (refusal !== null) return refusal;
      await this.repository.remark(tx, record.id, remarks);
      await this.#audit(tx, 'handover:remarked', id, by, { characters: remarks.length });
      return null;
    });
  }

  /** The first signature fixes what it says and keeps the situation, so that the next report is compared with it. */
  async sign(id: string, version: number | null, as: 'from' | 'to', by: ReportSigner): Promise<HandoverOutcome> {
    const content = await this.#contentNow();
    return await this.#change(id, content, async (tx, record) => {
      const refusal = checkSign(record, as, by.personId, version);
      if (refusal !== null) return refusal;
      const nowMs = this.clock.now();
      if (as === 'from') {
        await this.repository.signFrom(tx, record.id, content, by.personId, nowMs);
        await this.repository.keep(tx, content.situation, nowMs, by.personId);
      } else {
        await this.repository.signTo(tx, record.id, by.personId, nowMs);
      }
      await this.#audit(tx, 'handover:signed', id, by, { as });
      return null;
    });
  }

  async #change(
    id: string,
    content: HandoverContent,
    act: (tx: Tx, record: HandoverRecord) => Promise<HandoverRefusal | null>,
  ): Promise<HandoverOutcome> {
    return await this.database.transaction(async (tx): Promise<HandoverOutcome> => {
      const record = await this.repository.lockedHandover(tx, id);
      if (record === null) return { ok: false, refusal: { reason: 'not-found' } };
      const refusal = await act(tx, record);
      if (refusal !== null) return { ok: false, refusal };
      const after = (await this.repository.lockedHandover(tx, id)) ?? record;
      return { ok: true, handover: toHandover(after, content) };
    });
  }

  #audit(
    tx: Tx,
    action: 'handover:remarked' | 'handover:signed',
    id: string,
    { name, personId }: ReportSigner,
    detail: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    return this.audit.record({ actor: `${name} (${personId})`, action, subject: id, detail }, tx);
  }

  async #contentNow(): Promise<HandoverContent> {
    const outcome = await this.situation.report({ atMs: null, sinceMs: null });
    if (!outcome.ok) throw new Error('the present minute was refused');
    return {
      situation: outcome.report,
      shelved: this.#shelved(),
      windows: await this.#windows(),
      silentSensors: this.#silentSensors(),
    };
  }

  /** Windows that run now, the first to end first. */
  async #windows(): Promise<Handover['windows']> {
    const nowMs = this.clock.now();
    return (await this.maintenance.list(false))
      .flatMap((window) => {
        const run = runningAt(window, nowMs);
        if (run === null) return [];
        const { id, subject, reason } = window;
        const until = new Date(run.untilMs).toISOString();
        return [{ id: String(id), subjectName: this.maintenance.nameOf(subject), until, reason }];
      })
      .sort((a, b) => (a.until < b.until ? -1 : 1));
  }

  /** What comes back first stands first. */
  #shelved(): Handover['shelved'] {
    const shelved: Handover['shelved'] = [];
    for (const alarm of this.alarms.current()) {
      if (alarm.shelved === null) continue;
      const { by, untilMs, reason } = alarm.shelved;
      shelved.push({
        alarmId: String(alarm.id),
        resourceName: alarm.resource.name,
        text: alarm.text,
        until: new Date(untilMs).toISOString(),
        reason,
        by: by.name,
      });
    }
    return shelved.sort((a, b) => (a.until < b.until ? -1 : 1)).slice(0, MAX_LINES);
  }

  /** Flood sensors that we should hear and do not, the longest silent first. */
  #silentSensors(): Handover['silentSensors'] {
    return [...this.devices.register().devices.values()]
      .filter(({ id, deviceClass }) => deviceClass === 'flood' && this.connectivity.stateOf(id).connectivity !== 'up')
      .map(({ id, name, communeCode }) => {
        const latest = this.readings.latestOf(id);
        return {
          deviceId: id,
          name,
          communeName: COMMUNE_NAMES.get(communeCode) ?? communeCode,
          lastAt: latest === null ? null : new Date(latest.atMs).toISOString(),
        };
      })
      .sort((a, b) => ((a.lastAt ?? '') < (b.lastAt ?? '') ? -1 : 1))
      .slice(0, MAX_LINES);
  }
}
