import { Injectable } from '@nestjs/common';
import type { RejectReason } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { QuarantineNote } from './quarantine.js';
import type { Letter } from './rejection.js';
import type { LetterCountRow, LetterRow, QuarantineRow } from './refusal-row.js';

const INSERT_LETTERS = `
  insert into dead_letter (received_at, topic, reason, detail, payload, payload_bytes)
  select to_timestamp(received_ms / 1000), topic, reason, detail, payload, payload_bytes
  from unnest($1::float8[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::int4[])
    as n (received_ms, topic, reason, detail, payload, payload_bytes)`;

const COUNT_REJECTIONS = `
  insert into dead_letter_count as c (hour, reason, count)
  select date_trunc('hour', to_timestamp($1::float8 / 1000)), reason, count
  from unnest($2::text[], $3::int8[]) as n (reason, count)
  on conflict (hour, reason) do update set count = c.count + excluded.count`;

const PRUNE_LETTERS = `
  delete from dead_letter where id <= (select id from dead_letter order by id desc offset $1 limit 1)`;

const PRUNE_COUNTS = `delete from dead_letter_count where hour < to_timestamp($1::float8 / 1000)`;

const NOTE_QUARANTINED = `
  insert into quarantined_device as q
    (id, commune_code, device_class, gateway_id, first_seen_at, last_seen_at, messages, sample)
  select id, commune_code, device_class, gateway_id, to_timestamp(first_ms / 1000), to_timestamp(last_ms / 1000), messages,
         sample
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::int8[], $8::bytea[])
    as n (id, commune_code, device_class, gateway_id, first_ms, last_ms, messages, sample)
  on conflict (id) do update set
    commune_code = coalesce(excluded.commune_code, q.commune_code),
    device_class = coalesce(excluded.device_class, q.device_class),
    gateway_id = coalesce(excluded.gateway_id, q.gateway_id),
    last_seen_at = greatest(q.last_seen_at, excluded.last_seen_at),
    messages = q.messages + excluded.messages,
    sample = excluded.sample
  returning id, xmax = 0 as added`;

// Who spoke often is kept before who spoke once: invented ids do not push out real devices.
const PRUNE_QUARANTINE = `
  delete from quarantined_device where id in (
    select id from quarantined_device order by ignored desc, messages desc, last_seen_at desc offset $1)`;

const COUNT_QUARANTINED = `select count(*) as count from quarantined_device where not ignored`;

const DROP_REGISTERED = `delete from quarantined_device q using device d where d.id = q.id`;

const LIST_LETTERS = `
  select id, (extract(epoch from received_at) * 1000)::int8 as received_ms, topic, reason, detail, payload, payload_bytes
  from dead_letter
  where ($1::int8 is null or id < $1) and ($2::text is null or reason = $2)
    and ($3::text is null or position(lower($3) in lower(topic)) > 0 or position(lower($3) in lower(coalesce(detail, ''))) > 0)
  order by id desc
  limit $4`;

const LETTER_COUNTS = `
  select (extract(epoch from hour) * 1000)::int8 as hour_ms, reason, count
  from dead_letter_count where hour > to_timestamp($1::float8 / 1000)
  order by hour desc, reason`;

const LIST_QUARANTINE = `
  select id, commune_code, device_class, gateway_id, (extract(epoch from first_seen_at) * 1000)::int8 as first_ms,
         (extract(epoch from last_seen_at) * 1000)::int8 as last_ms, messages, ignored, sample
  from quarantined_device
  where ($1::bool is null or ignored = $1) and ($2::text is null or id > $2)
  order by id
  limit $3`;

const SET_IGNORED = `update quarantined_device set ignored = $2 where id = $1`;

const REMOVE_QUARANTINED = `delete from quarantined_device where id = $1`;

/** For the test that prepares every statement. */
export const INTAKE_STATEMENTS: readonly string[] = [
  INSERT_LETTERS,
  COUNT_REJECTIONS,
  PRUNE_LETTERS,
  PRUNE_COUNTS,
  NOTE_QUARANTINED,
  PRUNE_QUARANTINE,
  COUNT_QUARANTINED,
  DROP_REGISTERED,
  LIST_LETTERS,
  LETTER_COUNTS,
  LIST_QUARANTINE,
  SET_IGNORED,
  REMOVE_QUARANTINED,
];

/** What was not taken: dead letters and the quarantine. */
@Injectable()
export class IntakeRepository {
  async insertLetters(tx: Tx, letters: readonly Letter[]): Promise<void> {
    if (letters.length === 0) return;
    await tx.execute(INSERT_LETTERS, [
      letters.map(({ receivedAtMs }) => receivedAtMs),
      letters.map(({ topic }) => topic),
      letters.map(({ reason }) => reason),
      letters.map(({ detail }) => detail),
      letters.map(({ payload }) => payload),
      letters.map(({ payloadBytes }) => payloadBytes),
    ]);
  }

  async countRejections(tx: Tx, atMs: number, rejections: ReadonlyMap<RejectReason, number>): Promise<void> {
    if (rejections.size === 0) return;
    await tx.execute(COUNT_REJECTIONS, [atMs, [...rejections.keys()], [...rejections.values()]]);
  }

  /** Returns whether a device is new in the list. */
  async noteQuarantined(tx: Tx, notes: readonly QuarantineNote[]): Promise<boolean> {
    if (notes.length === 0) return false;
    const rows = await tx.query<{ readonly added: boolean }>(NOTE_QUARANTINED, [
      notes.map(({ id }) => id),
      notes.map(({ communeCode }) => communeCode),
      notes.map(({ deviceClass }) => deviceClass),
      notes.map(({ gatewayId }) => gatewayId),
      notes.map(({ firstSeenAtMs }) => firstSeenAtMs),
      notes.map(({ lastSeenAtMs }) => lastSeenAtMs),
      notes.map(({ messages }) => messages),
      notes.map(({ sample }) => sample),
    ]);
    return rows.some(({ added }) => added);
  }

  async pruneLetters(tx: Tx, kept: number): Promise<void> {
    await tx.execute(PRUNE_LETTERS, [kept]);
  }

  async pruneCounts(tx: Tx, beforeMs: number): Promise<void> {
    await tx.execute(PRUNE_COUNTS, [beforeMs]);
  }

  async pruneQuarantine(tx: Tx, kept: number): Promise<void> {
    await tx.execute(PRUNE_QUARANTINE, [kept]);
  }

  /** Quarantined devices that are not ignored. */
  async countQuarantined(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ readonly count: number }>(COUNT_QUARANTINED);
    return row?.count ?? 0;
  }

  async dropRegistered(tx: Tx): Promise<void> {
    await tx.execute(DROP_REGISTERED);
  }

  /** Newest first, older than `beforeId`. */
  listLetters(
    tx: Tx,
    filter: { readonly beforeId: number | null; readonly reason: string | null; readonly text: string | null },
    limit: number,
  ): Promise<readonly LetterRow[]> {
    return tx.query<LetterRow>(LIST_LETTERS, [filter.beforeId, filter.reason, filter.text, limit]);
  }

  letterCounts(tx: Tx, sinceMs: number): Promise<readonly LetterCountRow[]> {
    return tx.query<LetterCountRow>(LETTER_COUNTS, [sinceMs]);
  }

  listQuarantine(
    tx: Tx,
    filter: { readonly ignored: boolean | null; readonly afterId: string | null },
    limit: number,
  ): Promise<readonly QuarantineRow[]> {
    return tx.query<QuarantineRow>(LIST_QUARANTINE, [filter.ignored, filter.afterId, limit]);
  }

  /** Returns whether it is listed. */
  async setIgnored(tx: Tx, id: string, ignored: boolean): Promise<boolean> {
    return (await tx.execute(SET_IGNORED, [id, ignored])) > 0;
  }

  /** Returns whether it was listed. */
  async removeQuarantined(tx: Tx, id: string): Promise<boolean> {
    return (await tx.execute(REMOVE_QUARANTINED, [id])) > 0;
  }
}
