import { Inject, Injectable } from '@nestjs/common';
import type { Alarm, AlarmLoad, Clock } from '@ioc/contract';
import { DevicesService } from '../devices/devices.service.js';
import { Database } from '../platform/database/database.js';
import { CLOCK } from '../platform/platform.module.js';
import type { AlarmRecord, Shelved } from './alarm.js';
import { AlarmListRepository, type AlarmChangeRow, type AlarmFilter } from './alarm-list.repository.js';
import { alarmView } from './alarm-view.js';
import { AlarmsService } from './alarms.service.js';
import type { Turn } from './turn.js';

export type ShelveRefusal =
  | { readonly ok: false; readonly reason: 'not-found' | 'cleared' | 'not-shelved' | 'bad-end' }
  | { readonly ok: false; readonly reason: 'stale'; readonly version: number };
export type ShelveOutcome = { readonly ok: true; readonly alarm: Alarm } | ShelveRefusal;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A shelf ends after this at the latest. */
const LONGEST_SHELF_MS = 7 * DAY_MS;
const SLICE_MS = 600_000;
const SLICES = DAY_MS / SLICE_MS;
/** An operator is on duty who used the console so recently. */
const ON_DUTY_MS = 1_800_000;
const MOST_CHANGES = 500;
const MOST_LISTED = 50;
const WORST = 10;
const CHATTERS_FROM = 3;

/** What people see of the alarms and do about them: the list, shelving, and how busy the desk is. */
@Injectable()
export class AlarmDeskService {
  constructor(
    private readonly database: Database,
    private readonly repository: AlarmListRepository,
    private readonly alarms: AlarmsService,
    private readonly devices: DevicesService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Newest first; one more than `limit` when there are more. */
  list(
    filter: AlarmFilter,
    limit: number,
    after: { readonly raisedAtMs: number; readonly id: number } | null,
  ): Promise<readonly AlarmRecord[]> {
    return this.repository.list(this.database, filter, limit + 1, after);
  }

  view(alarm: AlarmRecord): Alarm {
    return alarmView(alarm, this.devices.register());
  }

  /** One alarm with what happened to it; null when there is none. */
  async get(id: string): Promise<{ readonly alarm: Alarm; readonly changes: readonly AlarmChangeRow[] } | null> {
    const alarm = await this.repository.byId(this.database, id);
    if (alarm === null) return null;
    return { alarm: this.view(alarm), changes: await this.repository.changesOf(this.database, id, MOST_CHANGES) };
  }

  /** Puts an alarm, and its recurrences, aside until a moment. */
  async shelve(
    id: string,
    version: number | null,
    { untilMs, reason }: { readonly untilMs: number; readonly reason: string },
    by: Shelved['by'],
  ): Promise<ShelveOutcome> {
    const nowMs = this.clock.now();
    if (untilMs <= nowMs || untilMs > nowMs + LONGEST_SHELF_MS) return { ok: false, reason: 'bad-end' };
    return this.#change(id, version, (alarm, turn) => {
      this.alarms.shelves.put(turn, alarm, { by, atMs: nowMs, untilMs, reason });
      const detail = { until: new Date(untilMs).toISOString(), reason };
      turn.record({ action: 'alarm:shelved', by, subject: id, detail });
      return null;
    });
  }

  /** Ends the shelving now. */
  unshelve(id: string, version: number | null, by: Shelved['by']): Promise<ShelveOutcome> {
    return this.#change(id, version, (alarm, turn) => {
      if (alarm.shelved === null) return { ok: false, reason: 'not-shelved' };
      this.alarms.shelves.take(turn, alarm, by);
      turn.record({ action: 'alarm:unshelved', by, subject: id, detail: {} });
      return null;
    });
  }

  /** Says that the flood is over; it begins again by itself. */
  async endFlood(by: Shelved['by']): Promise<void> {
    await this.alarms.asked.ask((turn) => {
      turn.endFlood();
      turn.record({ action: 'alarm-flood:ended', by, subject: 'flood', detail: {} });
    });
  }

  /** How busy the desk is, against ISA-18.2: 10 new alarms in 10 minutes are as much as one operator can take in. */
  async load(): Promise<AlarmLoad> {
    const nowMs = this.clock.now();
    const operatorsOnDuty = await this.repository.operatorsSeen(this.database, nowMs - ON_DUTY_MS);
    const fromMs = nowMs - DAY_MS;
    const history = await this.repository.newAlarms(this.database, fromMs, SLICES, SLICE_MS);
    const worst = await this.repository.worst(this.database, fromMs, WORST);
    const stale = await this.repository.stale(this.database, fromMs, MOST_LISTED);
    const chattering = await this.repository.chattering(this.database, nowMs - HOUR_MS, CHATTERS_FROM, MOST_LISTED);
    const { on, sinceMs, newAlarms10Min } = this.alarms.flood();
    const shelved = [...this.alarms.current()].flatMap((alarm) => alarm.shelved ?? []);
    return {
      newAlarms10Min,
      operatorsOnDuty,
      perOperator10Min: newAlarms10Min / Math.max(1, operatorsOnDuty),
      flood: { on, since: sinceMs === null ? null : new Date(sinceMs).toISOString() },
      history: history.map((alarms, slice) => ({
        at: new Date(fromMs + slice * SLICE_MS).toISOString(),
        alarms,
      })),
      worst: worst.flatMap(({ deviceId, alarms }) => {
        const device = this.devices.register().devices.get(deviceId);
        if (device === undefined) return [];
        return [{ deviceId, deviceName: device.name, communeCode: device.communeCode, alarms }];
      }),
      stale: stale.map((alarm) => this.view(alarm)),
      chattering: chattering.map((chatter) => ({
        ...chatter,
        deviceName: this.devices.register().devices.get(chatter.deviceId)?.name ?? chatter.deviceId,
      })),
      shelved: shelved.length,
      shelvedNearEnd: shelved.filter(({ untilMs }) => untilMs - nowMs < HOUR_MS).length,
    };
  }

  async #change(
    id: string,
    version: number | null,
    act: (alarm: AlarmRecord, turn: Turn) => ShelveRefusal | null,
  ): Promise<ShelveOutcome> {
    const outcome = await this.alarms.asked.ask((turn): ShelveOutcome | null => {
      const alarm = this.alarms.standing(Number(id));
      if (alarm === null) return null;
      if (version !== null && version !== alarm.version) return { ok: false, reason: 'stale', version: alarm.version };
      const refusal = act(alarm, turn);
      return refusal ?? { ok: true, alarm: this.view(alarm) };
    });
    if (outcome !== null && !outcome.ok) return outcome;
    const known = await this.repository.byId(this.database, id);
    if (known === null) return { ok: false, reason: 'not-found' };
    return outcome === null ? { ok: false, reason: 'cleared' } : { ok: true, alarm: this.view(known) };
  }
}
