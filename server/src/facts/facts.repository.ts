import { Injectable } from '@nestjs/common';
import { factKind, factSubject, type FactBody } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { FactRecord, NewFact } from './fact.js';

// Moments go in and out as epoch ms.
const COLUMNS = `
  f.id, f.subject_kind, f.subject_id, f.subject_name, f.kind, f.note, f.means, f.host, f.guests,
  (extract(epoch from f.at) * 1000)::float8 as at_ms,
  (extract(epoch from f.expires_at) * 1000)::float8 as expires_ms,
  (extract(epoch from f.recorded_at) * 1000)::float8 as recorded_ms,
  (extract(epoch from f.withdrawn_at) * 1000)::float8 as withdrawn_ms,
  f.author, a.name as author_name, f.withdrawn_by, w.name as withdrawn_by_name`;
const FROM = `from fact f join person a on a.id = f.author left join person w on w.id = f.withdrawn_by`;

const LOAD_CURRENT = `
  select ${COLUMNS} ${FROM}
  where f.withdrawn_at is null and f.expires_at > to_timestamp($1::float8 / 1000)
  order by f.id desc`;

const LIST = `
  select ${COLUMNS} ${FROM}
  where ($1::text is null or f.subject_kind = $1) and ($2::text is null or f.subject_id = $2)
  order by f.id desc
  limit $3`;

// What counted at a moment, as far as it had been recorded by then.
const THEN = `
  select ${COLUMNS} ${FROM}
  where f.at <= to_timestamp($1::float8 / 1000) and f.recorded_at <= to_timestamp($1::float8 / 1000)
    and f.expires_at > to_timestamp($1::float8 / 1000)
    and (f.withdrawn_at is null or f.withdrawn_at > to_timestamp($1::float8 / 1000))
  order by f.id desc
  limit 2000`;

const BY_ID = `select ${COLUMNS} ${FROM} where f.id = $1`;
const BY_REQUEST = `select ${COLUMNS} ${FROM} where f.request_id = $1`;
const LOCK_SUBJECT = `select pg_advisory_xact_lock(hashtextextended($1, 5103000004))`;

const COUNT_CURRENT = `
  select count(*)::int as count from fact
  where subject_kind = $1 and subject_id = $2 and withdrawn_at is null and expires_at > to_timestamp($3::float8 / 1000)`;

const INSERT = `
  insert into fact (subject_kind, subject_id, subject_name, kind, note, at, expires_at, means, host, guests, author,
                    recorded_at, request_id)
  values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), $8, $9, $10, $11,
          to_timestamp($12::float8 / 1000), $13)
  on conflict (request_id) do nothing
  returning id`;

const WITHDRAW = `
  update fact set withdrawn_at = to_timestamp($2::float8 / 1000), withdrawn_by = $3
  where id = $1 and withdrawn_at is null`;

interface FactRow {
  readonly id: number;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly subject_name: string;
  readonly kind: string;
  readonly note: string;
  readonly means: NonNullable<FactBody['means']> | null;
  readonly host: string | null;
  readonly guests: readonly string[] | null;
  readonly at_ms: number;
  readonly expires_ms: number;
  readonly recorded_ms: number;
  readonly withdrawn_ms: number | null;
  readonly author: string;
  readonly author_name: string;
  readonly withdrawn_by: string | null;
  readonly withdrawn_by_name: string | null;
  readonly [column: string]: unknown;
}

/** SQL of facts. */
@Injectable()
export class FactsRepository {
  /** Not withdrawn and not expired, newest first. */
  async loadCurrent(tx: Tx, nowMs: number): Promise<readonly FactRecord[]> {
    return (await tx.query<FactRow>(LOAD_CURRENT, [nowMs])).map(toRecord);
  }

  /** Newest first, also what is over. */
  async list(tx: Tx, kind: string | null, id: string | null, limit: number): Promise<readonly FactRecord[]> {
    return (await tx.query<FactRow>(LIST, [kind, id, limit])).map(toRecord);
  }

  /** What counted and was recorded at a moment, newest first. */
  async countingThen(tx: Tx, atMs: number): Promise<readonly FactRecord[]> {
    return (await tx.query<FactRow>(THEN, [atMs])).map(toRecord);
  }

  async byId(tx: Tx, id: string | number): Promise<FactRecord | null> {
    const [row] = await tx.query<FactRow>(BY_ID, [id]);
    return row === undefined ? null : toRecord(row);
  }

  async byRequest(tx: Tx, requestId: string): Promise<FactRecord | null> {
    const [row] = await tx.query<FactRow>(BY_REQUEST, [requestId]);
    return row === undefined ? null : toRecord(row);
  }

  /** How many of a subject count or will count; nobody else adds one until the transaction ends. */
  async lockedCount(tx: Tx, { kind, id }: FactRecord['subject'], nowMs: number): Promise<number> {
    await tx.query(LOCK_SUBJECT, [`${kind} ${id}`]);
    const [row] = await tx.query<{ count: number }>(COUNT_CURRENT, [kind, id, nowMs]);
    return row?.count ?? 0;
  }

  /** Null when a fact of that request is there already. */
  async insert(
    tx: Tx,
    fact: NewFact,
    by: { readonly personId: string; readonly recordedAtMs: number; readonly requestId: string | null },
  ): Promise<number | null> {
    const { subject, subjectName, kind, note, atMs, expiresAtMs, means, host, guests } = fact;
    const [row] = await tx.query<{ id: number }>(INSERT, [
      subject.kind,
      subject.id,
      subjectName,
      kind,
      note,
      atMs,
      expiresAtMs,
      means,
      host,
      guests,
      by.personId,
      by.recordedAtMs,
      by.requestId,
    ]);
    return row?.id ?? null;
  }

  /** False when it was withdrawn before. */
  async withdraw(tx: Tx, id: string, nowMs: number, personId: string): Promise<boolean> {
    return (await tx.execute(WITHDRAW, [id, nowMs, personId])) > 0;
  }
}

function toRecord(row: FactRow): FactRecord {
  return {
    id: row.id,
    subject: factSubject.parse({ kind: row.subject_kind, id: row.subject_id }),
    subjectName: row.subject_name,
    kind: factKind.parse(row.kind),
    note: row.note,
    atMs: row.at_ms,
    expiresAtMs: row.expires_ms,
    means: row.means,
    host: row.host,
    guests: row.guests ?? [],
    author: { personId: row.author, name: row.author_name },
    recordedAtMs: row.recorded_ms,
    withdrawnAtMs: row.withdrawn_ms,
    withdrawnBy:
      row.withdrawn_by === null
        ? null
        : { personId: row.withdrawn_by, name: row.withdrawn_by_name ?? row.withdrawn_by },
  };
}
