import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { MeetingRecord, NewMeeting } from './meeting.js';

// Moments go in and out as epoch ms.
const COLUMNS = `
  id, version, title, all_communes, commune_codes, simulated, entered_by, entered_by_name,
  (extract(epoch from starts_at) * 1000)::float8 as starts_ms,
  (extract(epoch from ends_at) * 1000)::float8 as ends_ms,
  (extract(epoch from entered_at) * 1000)::float8 as entered_ms,
  (extract(epoch from cancelled_at) * 1000)::float8 as cancelled_ms`;

const LOAD = `
  select ${COLUMNS} from meeting where cancelled_at is null and ends_at > to_timestamp($1::float8 / 1000) order by id`;

const PAST = `
  select ${COLUMNS} from meeting
  where (cancelled_at is not null or ends_at <= to_timestamp($1::float8 / 1000))
    and ($2::float8 is null or (starts_at, id) < (to_timestamp($2::float8 / 1000), $3::bigint))
  order by starts_at desc, id desc
  limit $4`;

const BY_ID = `select ${COLUMNS} from meeting where id = $1`;
const COUNT = `select count(*)::int as count from meeting`;

const LOCK = `select pg_advisory_xact_lock(5103000043)`;
const COUNT_AHEAD = `
  select count(*)::int as count from meeting
  where cancelled_at is null and ends_at > to_timestamp($1::float8 / 1000)`;

const INSERT = `
  insert into meeting (title, starts_at, ends_at, all_communes, commune_codes, simulated, entered_by, entered_by_name,
                       entered_at)
  values ($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4, $5, $6, $7, $8,
          to_timestamp($9::float8 / 1000))
  returning ${COLUMNS}`;

const CHANGE = `
  update meeting set title = $3, starts_at = to_timestamp($4::float8 / 1000), ends_at = to_timestamp($5::float8 / 1000),
    all_communes = $6, commune_codes = $7, version = version + 1
  where id = $1 and version = $2 and cancelled_at is null returning ${COLUMNS}`;

const CANCEL = `
  update meeting set cancelled_at = to_timestamp($3::float8 / 1000), version = version + 1
  where id = $1 and version = $2 and cancelled_at is null returning ${COLUMNS}`;

/** Every statement; a test prepares each of them. */
export const MEETINGS_STATEMENTS: readonly string[] = [
  LOAD,
  PAST,
  BY_ID,
  COUNT,
  LOCK,
  COUNT_AHEAD,
  INSERT,
  CHANGE,
  CANCEL,
];

interface MeetingRow {
  readonly id: number;
  readonly version: number;
  readonly title: string;
  readonly all_communes: boolean;
  readonly commune_codes: readonly string[];
  readonly simulated: boolean;
  readonly entered_by: string | null;
  readonly entered_by_name: string;
  readonly starts_ms: number;
  readonly ends_ms: number;
  readonly entered_ms: number;
  readonly cancelled_ms: number | null;
}
type Row = { [K in keyof MeetingRow]: MeetingRow[K] };

/** SQL of meetings. */
@Injectable()
export class MeetingsRepository {
  /** Not cancelled and not over. */
  async load(tx: Tx, nowMs: number): Promise<readonly MeetingRecord[]> {
    return (await tx.query<Row>(LOAD, [nowMs])).map(meetingOf);
  }

  /** Over or cancelled, the latest first, from behind a position on. */
  async past(
    tx: Tx,
    nowMs: number,
    after: { readonly startsAtMs: number; readonly id: number } | null,
    limit: number,
  ): Promise<readonly MeetingRecord[]> {
    return (await tx.query<Row>(PAST, [nowMs, after?.startsAtMs ?? null, after?.id ?? null, limit])).map(meetingOf);
  }

  async byId(tx: Tx, id: number): Promise<MeetingRecord | null> {
    const [row] = await tx.query<Row>(BY_ID, [id]);
    return row === undefined ? null : meetingOf(row);
  }

  /** How many there ever were. */
  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(COUNT);
    return row?.count ?? 0;
  }

  /** How many run or come; nobody else enters one until the transaction ends. */
  async lockedCountAhead(tx: Tx, nowMs: number): Promise<number> {
    await tx.query(LOCK);
    const [row] = await tx.query<{ count: number }>(COUNT_AHEAD, [nowMs]);
    return row?.count ?? 0;
  }

  async insert(
    tx: Tx,
    meeting: NewMeeting & Pick<MeetingRecord, 'enteredBy' | 'enteredAtMs' | 'simulated'>,
  ): Promise<MeetingRecord> {
    const { title, startsAtMs, endsAtMs, participants, simulated, enteredBy, enteredAtMs } = meeting;
    const [row] = await tx.query<Row>(INSERT, [
      title,
      startsAtMs,
      endsAtMs,
      participants.kind === 'all',
      codesOf(participants),
      simulated,
      enteredBy.personId === '' ? null : enteredBy.personId,
      enteredBy.name,
      enteredAtMs,
    ]);
    if (row === undefined) throw new Error('a meeting was not inserted');
    return meetingOf(row);
  }

  /** Null: its version is another, or it was cancelled. */
  async change(tx: Tx, id: number, version: number, meeting: NewMeeting): Promise<MeetingRecord | null> {
    const { title, startsAtMs, endsAtMs, participants } = meeting;
    const [row] = await tx.query<Row>(CHANGE, [
      id,
      version,
      title,
      startsAtMs,
      endsAtMs,
      participants.kind === 'all',
      codesOf(participants),
    ]);
    return row === undefined ? null : meetingOf(row);
  }

  /** Null: its version is another, or it was cancelled before. */
  async cancel(tx: Tx, id: number, version: number, atMs: number): Promise<MeetingRecord | null> {
    const [row] = await tx.query<Row>(CANCEL, [id, version, atMs]);
    return row === undefined ? null : meetingOf(row);
  }
}

function codesOf(participants: MeetingRecord['participants']): readonly string[] {
  return participants.kind === 'all' ? [] : participants.codes;
}

function meetingOf(row: MeetingRow): MeetingRecord {
  return {
    id: row.id,
    version: row.version,
    title: row.title,
    startsAtMs: row.starts_ms,
    endsAtMs: row.ends_ms,
    participants: row.all_communes ? { kind: 'all' } : { kind: 'communes', codes: [...row.commune_codes] },
    simulated: row.simulated,
    enteredBy: { personId: row.entered_by ?? '', name: row.entered_by_name },
    enteredAtMs: row.entered_ms,
    cancelledAtMs: row.cancelled_ms,
  };
}
