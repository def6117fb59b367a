import { Injectable } from '@nestjs/common';
import type { AlarmType, LocalizedText, Severity } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { AlarmRecord } from './alarm.js';
import { alarmOf, type AlarmRow } from './alarm-row.js';
import { ALARM_COLUMNS } from './alarms.repository.js';

const LIST = `
  select ${ALARM_COLUMNS} from alarm a
  where ($1::text = 'all' or ($1 = 'current') = (cleared_at is null))
    and case $2::text when 'notable' then suppression is null and operator_state <> 'shelved'
                      when 'suppressed' then suppression is not null
                      when 'shelved' then operator_state = 'shelved' else true end
    and ($3::text is null or device_id = $3) and ($4::text is null or commune_code = $4)
    and ($5::text is null or exists (select from device d where d.id = a.device_id and d.device_class = $5))
    and ($6::text is null or alarm_type = $6) and ($7::text is null or severity = $7)
    and ($8::bigint is null or incident_id = $8)
    and ($9::float8 is null or (raised_at, id) < (to_timestamp($9 / 1000), $10::bigint))
  order by raised_at desc, id desc limit $11`;

const BY_ID = `select ${ALARM_COLUMNS} from alarm where id = $1`;

const CHANGES = `
  select (extract(epoch from at) * 1000)::float8 as at_ms, action, severity, text_vi, text_en, person_name
  from alarm_change where alarm_id = $1 order by id limit $2`;

const TOLD = `suppression is null and operator_state <> 'shelved'`;

const HISTORY = `
  select s.slice::integer as slice, count(a.id)::integer as alarms
  from generate_series(0, $2::integer - 1) as s (slice)
  left join alarm a on ${TOLD}
    and a.raised_at > to_timestamp(($1::float8 + s.slice * $3::float8) / 1000)
    and a.raised_at <= to_timestamp(($1::float8 + (s.slice + 1) * $3::float8) / 1000)
  group by s.slice order by s.slice`;

const WORST = `
  select device_id, count(*)::integer as alarms from alarm
  where device_id is not null and raised_at > to_timestamp($1::float8 / 1000)
  group by device_id order by alarms desc, device_id limit $2`;

const STALE = `
  select ${ALARM_COLUMNS} from alarm
  where cleared_at is null and raised_at < to_timestamp($1::float8 / 1000) order by raised_at, id limit $2`;

const CHATTERING = `
  select device_id, alarm_type, count(*)::integer as occurrences from alarm
  where device_id is not null and raised_at > to_timestamp($1::float8 / 1000)
  group by device_id, alarm_type, qualifier having count(*) >= $2 order by occurrences desc, device_id limit $3`;

const ON_DUTY = `
  select count(distinct s.person_id)::integer as people
  from session s join person p on p.id = s.person_id and not p.disabled
  where p.role = 'operator' and s.last_seen_at > to_timestamp($1::float8 / 1000)`;

/** Every statement; a test prepares each of them. */
export const ALARM_LIST_STATEMENTS: readonly string[] = [
  LIST,
  BY_ID,
  CHANGES,
  HISTORY,
  WORST,
  STALE,
  CHATTERING,
  ON_DUTY,
];

type Row = { [K in keyof AlarmRow]: AlarmRow[K] };

export interface AlarmFilter {
  readonly state: 'current' | 'cleared' | 'all';
  readonly show: 'notable' | 'suppressed' | 'shelved' | 'all';
  readonly deviceId?: string | undefined;
  readonly communeCode?: string | undefined;
  readonly deviceClass?: string | undefined;
  readonly type?: string | undefined;
  readonly severity?: string | undefined;
  readonly incidentId?: string | undefined;
}

/** One line of an alarm's history. */
export interface AlarmChangeRow {
  readonly atMs: number;
  readonly action: string;
  readonly severity: Severity | null;
  readonly text: LocalizedText | null;
  readonly personName: string | null;
}

@Injectable()
export class AlarmListRepository {
  /** Newest first. `after`: the last one of the page before. */
  async list(
    tx: Tx,
    filter: AlarmFilter,
    limit: number,
    after: { readonly raisedAtMs: number; readonly id: number } | null,
  ): Promise<readonly AlarmRecord[]> {
    const rows = await tx.query<Row>(LIST, [
      filter.state,
      filter.show,
      filter.deviceId ?? null,
      filter.communeCode ?? null,
      filter.deviceClass ?? null,
      filter.type ?? null,
      filter.severity ?? null,
      filter.incidentId ?? null,
      after?.raisedAtMs ?? null,
      after?.id ?? null,
      limit,
    ]);
    return rows.map(alarmOf);
  }

  async byId(tx: Tx, id: string): Promise<AlarmRecord | null> {
    const [row] = await tx.query<Row>(BY_ID, [id]);
    return row === undefined ? null : alarmOf(row);
  }

  /** Oldest first. */
  async changesOf(tx: Tx, id: string, limit: number): Promise<readonly AlarmChangeRow[]> {
    const rows = await tx.query<{
      at_ms: number;
      action: string;
      severity: Severity | null;
      text_vi: string | null;
      text_en: string | null;
      person_name: string | null;
    }>(CHANGES, [id, limit]);
    return rows.map(({ at_ms, action, severity, text_vi, text_en, person_name }) => ({
      atMs: at_ms,
      action,
      severity,
      text: text_vi === null ? null : { vi: text_vi, en: text_en ?? '' },
      personName: person_name,
    }));
  }

  /** New alarms that were told, slice by slice from a moment. */
  async newAlarms(tx: Tx, fromMs: number, slices: number, sliceMs: number): Promise<readonly number[]> {
    const rows = await tx.query<{ slice: number; alarms: number }>(HISTORY, [fromMs, slices, sliceMs]);
    return rows.map(({ alarms }) => alarms);
  }

  /** Devices with most alarms since a moment. */
  async worst(
    tx: Tx,
    sinceMs: number,
    limit: number,
  ): Promise<readonly { readonly deviceId: string; readonly alarms: number }[]> {
    const rows = await tx.query<{ device_id: string; alarms: number }>(WORST, [sinceMs, limit]);
    return rows.map(({ device_id, alarms }) => ({ deviceId: device_id, alarms }));
  }

  /** Alarms that stand and were raised before a moment, oldest first. */
  async stale(tx: Tx, beforeMs: number, limit: number): Promise<readonly AlarmRecord[]> {
    return (await tx.query<Row>(STALE, [beforeMs, limit])).map(alarmOf);
  }

  /** Alarms that came so many times since a moment. */
  async chattering(
    tx: Tx,
    sinceMs: number,
    times: number,
    limit: number,
  ): Promise<readonly { readonly deviceId: string; readonly type: AlarmType; readonly occurrences: number }[]> {
    type Chatter = { device_id: string; alarm_type: AlarmType; occurrences: number };
    const rows = await tx.query<Chatter>(CHATTERING, [sinceMs, times, limit]);
    return rows.map(({ device_id, alarm_type, occurrences }) => ({
      deviceId: device_id,
      type: alarm_type,
      occurrences,
    }));
  }

  /** Operators who used the console since a moment. */
  async operatorsSeen(tx: Tx, sinceMs: number): Promise<number> {
    const [row] = await tx.query<{ people: number }>(ON_DUTY, [sinceMs]);
    return row?.people ?? 0;
  }
}
