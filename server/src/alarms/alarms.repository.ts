import { Injectable } from '@nestjs/common';
import type { Severity } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { Alarm, AlarmEdge, AlarmType } from './standing-alarm.js';

const LOAD_CURRENT = `
  select device_id, alarm_type, qualifier, severity, text, detail,
         (extract(epoch from raised_at) * 1000)::int8 as raised_ms,
         (extract(epoch from changed_at) * 1000)::int8 as changed_ms
  from alarm where cleared_at is null`;

const RAISE = `
  insert into alarm (device_id, alarm_type, qualifier, severity, text, raised_at, changed_at, detail)
  select d.id, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($6::float8 / 1000), $7::jsonb
  from device d where d.id = $1
  on conflict (device_id, alarm_type, qualifier) where cleared_at is null do nothing`;

const CHANGE = `
  update alarm set severity = $4, text = $5, changed_at = to_timestamp($6::float8 / 1000), detail = $7::jsonb
  where device_id = $1 and alarm_type = $2 and qualifier = $3 and cleared_at is null`;

const CLEAR = `
  update alarm set cleared_at = greatest(raised_at, to_timestamp($4::float8 / 1000))
  where device_id = $1 and alarm_type = $2 and qualifier = $3 and cleared_at is null`;

interface AlarmRow {
  readonly device_id: string;
  readonly alarm_type: AlarmType;
  readonly qualifier: string;
  readonly severity: Severity;
  readonly text: string;
  readonly detail: Readonly<Record<string, number>>;
  readonly raised_ms: number;
  readonly changed_ms: number;
}

@Injectable()
export class AlarmsRepository {
  async loadCurrent(tx: Tx): Promise<readonly Alarm[]> {
    const rows = await tx.query<AlarmRow>(LOAD_CURRENT);
    return rows.map((row) => ({
      deviceId: row.device_id,
      type: row.alarm_type,
      qualifier: row.qualifier,
      severity: row.severity,
      text: row.text,
      raisedAtMs: row.raised_ms,
      changedAtMs: row.changed_ms,
      detail: row.detail,
    }));
  }

  async write(tx: Tx, edge: AlarmEdge): Promise<void> {
    const { deviceId, type, qualifier, severity, text, changedAtMs, detail } = edge.alarm;
    if (edge.kind === 'cleared') {
      await tx.execute(CLEAR, [deviceId, type, qualifier, edge.clearedAtMs]);
      return;
    }
    const statement = edge.kind === 'raised' ? RAISE : CHANGE;
    await tx.execute(statement, [deviceId, type, qualifier, severity, text, changedAtMs, JSON.stringify(detail)]);
  }
}
