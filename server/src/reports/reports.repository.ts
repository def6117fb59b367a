import { Injectable } from '@nestjs/common';
import { handover as handoverSchema, situationReport, type SituationReport } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { HandoverContent, HandoverRecord } from './handover.js';

// Moments go in and out as epoch ms. What was kept is read through its schema: an older version of the console wrote it.

const KEEP = `
  insert into situation_report (at, kept_at, kept_by, content)
  values (to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000), $3, $4)
  on conflict (at) do nothing`;
const KEPT_AT = `select content from situation_report where at = to_timestamp($1::float8 / 1000)`;
const KEPT_BEFORE = `
  select content from situation_report where at < to_timestamp($1::float8 / 1000) order by at desc limit 1`;
const LIST_KEPT = `
  select (extract(epoch from r.at) * 1000)::float8 as at_ms, p.name as by
  from situation_report r left join person p on p.id = r.kept_by
  order by r.at desc limit 200`;

const HANDOVER = `
  select h.id, h.version, h.remarks, h.content,
         h.from_person, f.name as from_name, (extract(epoch from h.from_signed_at) * 1000)::float8 as from_ms,
         h.to_person, t.name as to_name, (extract(epoch from h.to_signed_at) * 1000)::float8 as to_ms
  from handover h left join person f on f.id = h.from_person left join person t on t.id = h.to_person`;
const OPEN_HANDOVER = `${HANDOVER} where h.to_signed_at is null`;
const HANDOVER_BY_ID = `${HANDOVER} where h.id = $1`;
const LOCK_HANDOVER = `select id from handover where id = $1 for update`;
const LIST_HANDOVERS = `${HANDOVER} where h.to_signed_at is not null order by h.id desc limit 100`;
const BEGIN_HANDOVER = `
  insert into handover (begun_at) values (to_timestamp($1::float8 / 1000)) on conflict do nothing`;
const REMARK = `update handover set remarks = $2, version = version + 1 where id = $1`;
const SIGN_FROM = `
  update handover set content = $2, from_person = $3, from_signed_at = to_timestamp($4::float8 / 1000), version = version + 1
  where id = $1`;
const SIGN_TO = `
  update handover set to_person = $2, to_signed_at = to_timestamp($3::float8 / 1000), version = version + 1 where id = $1`;

/** Every statement; a test prepares each of them. */
export const REPORT_STATEMENTS: readonly string[] = [
  KEEP,
  KEPT_AT,
  KEPT_BEFORE,
  LIST_KEPT,
  OPEN_HANDOVER,
  HANDOVER_BY_ID,
  LOCK_HANDOVER,
  LIST_HANDOVERS,
  BEGIN_HANDOVER,
  REMARK,
  SIGN_FROM,
  SIGN_TO,
];

interface HandoverRow {
  readonly id: number;
  readonly version: number;
  readonly remarks: string;
  readonly content: unknown;
  readonly from_person: string | null;
  readonly from_name: string | null;
  readonly from_ms: number | null;
  readonly to_person: string | null;
  readonly to_name: string | null;
  readonly to_ms: number | null;
  readonly [column: string]: unknown;
}

const handoverContent = handoverSchema.pick({ situation: true, shelved: true, windows: true, silentSensors: true });

/** SQL of kept reports and handovers. */
@Injectable()
export class ReportsRepository {
  /** One report for every minute: the first that was kept stays. */
  async keep(tx: Tx, report: SituationReport, nowMs: number, personId: string): Promise<void> {
    await tx.execute(KEEP, [Date.parse(report.at), nowMs, personId, JSON.stringify(report)]);
  }

  async keptAt(tx: Tx, atMs: number): Promise<SituationReport | null> {
    return readReport(await tx.query<{ content: unknown }>(KEPT_AT, [atMs]));
  }

  /** The last one before a moment. */
  async keptBefore(tx: Tx, atMs: number): Promise<SituationReport | null> {
    return readReport(await tx.query<{ content: unknown }>(KEPT_BEFORE, [atMs]));
  }

  async listKept(tx: Tx): Promise<readonly { readonly atMs: number; readonly by: string | null }[]> {
    const rows = await tx.query<{ at_ms: number; by: string | null }>(LIST_KEPT);
    return rows.map(({ at_ms, by }) => ({ atMs: at_ms, by }));
  }

  /** The one that is not signed by both; begins one when there is none. */
  async openHandover(tx: Tx, nowMs: number): Promise<HandoverRecord> {
    const [known] = await tx.query<HandoverRow>(OPEN_HANDOVER);
    if (known !== undefined) return toRecord(known);
    await tx.execute(BEGIN_HANDOVER, [nowMs]);
    const [begun] = await tx.query<HandoverRow>(OPEN_HANDOVER);
    if (begun === undefined) throw new Error('a handover was begun and is not there');
    return toRecord(begun);
  }

  /** Locked until the transaction ends, as it is after whoever held it. */
  async lockedHandover(tx: Tx, id: string): Promise<HandoverRecord | null> {
    await tx.query(LOCK_HANDOVER, [id]);
    const [row] = await tx.query<HandoverRow>(HANDOVER_BY_ID, [id]);
    return row === undefined ? null : toRecord(row);
  }

  /** Signed by both, newest first, at most 100. */
  async listHandovers(tx: Tx): Promise<readonly HandoverRecord[]> {
    return (await tx.query<HandoverRow>(LIST_HANDOVERS)).map(toRecord);
  }

  async remark(tx: Tx, id: number, remarks: string): Promise<void> {
    await tx.execute(REMARK, [id, remarks]);
  }

  async signFrom(tx: Tx, id: number, content: HandoverContent, personId: string, nowMs: number): Promise<void> {
    await tx.execute(SIGN_FROM, [id, JSON.stringify(content), personId, nowMs]);
  }

  async signTo(tx: Tx, id: number, personId: string, nowMs: number): Promise<void> {
    await tx.execute(SIGN_TO, [id, personId, nowMs]);
  }
}

function readReport(rows: readonly { readonly content: unknown }[]): SituationReport | null {
  const [row] = rows;
  return row === undefined ? null : situationReport.parse(row.content);
}

function toRecord(row: HandoverRow): HandoverRecord {
  return {
    id: row.id,
    version: row.version,
    remarks: row.remarks,
    content: row.content === null ? null : handoverContent.parse(row.content),
    from: signature(row.from_person, row.from_name, row.from_ms),
    to: signature(row.to_person, row.to_name, row.to_ms),
  };
}

function signature(personId: string | null, name: string | null, atMs: number | null): HandoverRecord['from'] {
  return personId === null || atMs === null ? null : { personId, name: name ?? personId, atMs };
}
