import { Injectable } from '@nestjs/common';
import { windowSchedule } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { WindowRecord, WindowSubject } from './maintenance-window.js';

const COLUMNS = `
  id, version, subject_kind, subject_id, schedule, reason, created_by, created_by_name,
  (extract(epoch from created_at) * 1000)::float8 as created_ms, (extract(epoch from ended_at) * 1000)::float8 as ended_ms`;

const LOAD = `select ${COLUMNS} from maintenance_window where ended_at is null order by id`;
const LIST_PAST = `select ${COLUMNS} from maintenance_window where ended_at is not null order by ended_at desc limit $1`;

const LOAD_SPANS = `
  select window_id, device_id, (extract(epoch from began_at) * 1000)::float8 as began_ms
  from maintenance_span where ended_at is null`;

const INSERT = `
  insert into maintenance_window (subject_kind, subject_id, schedule, reason, created_by, created_by_name, created_at)
  values ($1, $2, $3::jsonb, $4, $5, $6, to_timestamp($7::float8 / 1000)) returning ${COLUMNS}`;

const END = `
  update maintenance_window set ended_at = to_timestamp($2::float8 / 1000), version = version + 1
  where id = $1 and version = $3 and ended_at is null returning ${COLUMNS}`;

const BY_ID = `select ${COLUMNS} from maintenance_window where id = $1`;

const OVER = `
  update maintenance_window w set ended_at = to_timestamp(r.ended_ms / 1000), version = w.version + 1
  from unnest($1::bigint[], $2::float8[]) as r (id, ended_ms) where w.id = r.id and w.ended_at is null`;

const BEGIN_SPANS = `
  insert into maintenance_span (window_id, device_id, began_at)
  select r.window_id, d.id, to_timestamp(r.began_ms / 1000)
  from unnest($1::bigint[], $2::text[], $3::float8[]) as r (window_id, device_id, began_ms)
  join device d on d.id = r.device_id
  on conflict (window_id, device_id) where ended_at is null do nothing`;

const END_SPANS = `
  update maintenance_span s set ended_at = greatest(s.began_at, to_timestamp(r.ended_ms / 1000))
  from unnest($1::bigint[], $2::text[], $3::float8[]) as r (window_id, device_id, ended_ms)
  where s.window_id = r.window_id and s.device_id = r.device_id and s.ended_at is null`;

/** Every statement; a test prepares each of them. */
export const MAINTENANCE_STATEMENTS: readonly string[] = [
  LOAD,
  LIST_PAST,
  LOAD_SPANS,
  INSERT,
  END,
  BY_ID,
  OVER,
  BEGIN_SPANS,
  END_SPANS,
];

interface WindowRow {
  readonly id: number;
  readonly version: number;
  readonly subject_kind: WindowSubject['kind'];
  readonly subject_id: string;
  readonly schedule: unknown;
  readonly reason: string;
  readonly created_by: string | null;
  readonly created_by_name: string;
  readonly created_ms: number;
  readonly ended_ms: number | null;
}
type Row = { [K in keyof WindowRow]: WindowRow[K] };

export interface SpanEdge {
  readonly windowId: number;
  readonly deviceId: string;
  readonly atMs: number;
}

@Injectable()
export class MaintenanceRepository {
  async load(tx: Tx): Promise<readonly WindowRecord[]> {
    return (await tx.query<Row>(LOAD)).map(windowOf);
  }

  /** Spans that have not ended. */
  async openSpans(tx: Tx): Promise<readonly SpanEdge[]> {
    const rows = await tx.query<{ window_id: number; device_id: string; began_ms: number }>(LOAD_SPANS);
    return rows.map(({ window_id, device_id, began_ms }) => ({
      windowId: window_id,
      deviceId: device_id,
      atMs: began_ms,
    }));
  }

  async past(tx: Tx, limit: number): Promise<readonly WindowRecord[]> {
    return (await tx.query<Row>(LIST_PAST, [limit])).map(windowOf);
  }

  async byId(tx: Tx, id: number): Promise<WindowRecord | null> {
    const [row] = await tx.query<Row>(BY_ID, [id]);
    return row === undefined ? null : windowOf(row);
  }

  async insert(tx: Tx, window: Omit<WindowRecord, 'id' | 'version' | 'endedAtMs'>): Promise<WindowRecord> {
    const { subject, schedule, reason, createdBy, createdAtMs } = window;
    const [row] = await tx.query<Row>(INSERT, [
      subject.kind,
      subject.id,
      JSON.stringify(schedule),
      reason,
      createdBy.personId,
      createdBy.name,
      createdAtMs,
    ]);
    if (row === undefined) throw new Error('a maintenance window was not inserted');
    return windowOf(row);
  }

  /** Null: its version is another, or it has ended. */
  async end(tx: Tx, id: number, version: number, atMs: number): Promise<WindowRecord | null> {
    const [row] = await tx.query<Row>(END, [id, atMs, version]);
    return row === undefined ? null : windowOf(row);
  }

  async markOver(tx: Tx, windows: readonly { readonly id: number; readonly endedAtMs: number }[]): Promise<void> {
    if (windows.length === 0) return;
    await tx.execute(OVER, [windows.map(({ id }) => id), windows.map(({ endedAtMs }) => endedAtMs)]);
  }

  async beginSpans(tx: Tx, spans: readonly SpanEdge[]): Promise<void> {
    if (spans.length > 0) await tx.execute(BEGIN_SPANS, columnsOf(spans));
  }

  async endSpans(tx: Tx, spans: readonly SpanEdge[]): Promise<void> {
    if (spans.length > 0) await tx.execute(END_SPANS, columnsOf(spans));
  }
}

function columnsOf(spans: readonly SpanEdge[]): readonly unknown[] {
  return [spans.map(({ windowId }) => windowId), spans.map(({ deviceId }) => deviceId), spans.map(({ atMs }) => atMs)];
}

function windowOf(row: WindowRow): WindowRecord {
  return {
    id: row.id,
    version: row.version,
    subject: { kind: row.subject_kind, id: row.subject_id },
    schedule: windowSchedule.parse(row.schedule),
    reason: row.reason,
    createdBy: { personId: row.created_by ?? '', name: row.created_by_name },
    createdAtMs: row.created_ms,
    endedAtMs: row.ended_ms,
  };
}
