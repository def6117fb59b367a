import { Injectable } from '@nestjs/common';
import type {
  DeviceClassId,
  IncidentChange,
  IncidentKind,
  IncidentState,
  LocalizedText,
  Severity,
} from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { IncidentRecord } from './incident-record.js';
import { recordOf, rowOf, type IncidentRow } from './incident-rows.js';
import type { NewChange } from './incident-trail.js';

// Whoever changes an incident locks its row, reads it again, and writes all of it back: one statement for people and system
// alike, and every write makes the version larger.

const ms = (column: string) => `(extract(epoch from i.${column}) * 1000)::int8`;

const COLUMNS = `
  i.id, i.version, i.work_version, i.state, i.kind, i.anchor, i.title, i.severity, i.impact, i.place_kind, i.place_id,
  i.place_name, i.device_id, i.device_name, i.device_class, i.commune_code, i.commune_codes, i.owner_id, i.basis, i.reason,
  i.alarms, i.symptoms, i.devices, i.devices_down, i.cause_code, i.cause_evidence, i.cause_named_by,
  namer.name as cause_named_by_name,
  (select count(*)::int from incident_proposal p where p.incident_id = i.id and p.decided_at is null) as proposals,
  ${ms('began_at')} as began_ms, ${ms('detected_at')} as detected_ms, ${ms('ended_at')} as ended_ms,
  i.acknowledged_by, holder.name as acknowledged_by_name, ${ms('acknowledged_at')} as acknowledged_ms,
  ${ms('acknowledged_until')} as acknowledged_until_ms, i.note, ${ms('expected_at')} as expected_ms, i.request,
  i.resolution, ${ms('resolved_at')} as resolved_ms, ${ms('closed_at')} as closed_ms,
  ${ms('judge_again_at')} as judge_again_ms, i.reopenings, i.merged_into, i.made_by_hand`;

const FROM = `
  from incident i
  left join person holder on holder.id = i.acknowledged_by
  left join person namer on namer.id = i.cause_named_by`;

const LOAD_CURRENT = `
  select ${COLUMNS} ${FROM}
  where i.state <> 'closed' or i.closed_at > to_timestamp($1::float8 / 1000)
  order by i.id`;

const BY_IDS = `select ${COLUMNS} ${FROM} where i.id = any($1::int8[]) order by i.id`;

// A statement of its own, read again after it: whoever waited for the lock sees the incident as it is now, but what is
// joined to it as it was when the waiting began, a new holder's name missing.
const LOCK = `select id from incident where id = any($1::int8[]) order by id for update`;

const LIST = `
  select ${COLUMNS} ${FROM}
  where ($1::text is null or i.state = $1)
    and ($2::text is null or i.device_id = $2
         or exists (select from alarm a where a.incident_id = i.id and a.device_id = $2))
    and ($3::text is null or i.commune_codes @> array[$3::text])
    and ($4::text is null or i.device_class = $4
         or exists (select from alarm a join device d on d.id = a.device_id
                    where a.incident_id = i.id and d.device_class = $4))
    and ($5::text is null or i.severity = $5)
    and ($6::uuid is null or i.acknowledged_by = $6)
    and ($7::text[] is null or i.kind = any($7))
    and ($8::float8 is null or (i.began_at, i.id) < (to_timestamp($8::float8 / 1000), $9::int8))
  order by i.began_at desc, i.id desc
  limit $10`;

const CHANGES = `
  select c.id, (extract(epoch from c.at) * 1000)::int8 as at_ms, p.name as person_name, c.action, c.note, c.text
  from incident_change c left join person p on p.id = c.person_id
  where c.incident_id = $1 order by c.id desc limit 1000`;

const RESERVE_IDS = `select nextval(pg_get_serial_sequence('incident', 'id'))::int8 as id from generate_series(1, $1)`;

const RECORD = `jsonb_to_recordset($1::jsonb) as n (
  id int8, version int, work_version int, state text, kind text, anchor text, title jsonb, severity text, impact text,
  place_kind text, place_id text, place_name text, device_id text, device_name text, device_class text, commune_code text,
  commune_codes text[], owner_id text, basis text, reason text, alarms int, symptoms int, devices int, devices_down int,
  cause_code text, cause_evidence jsonb, cause_named_by uuid, began_ms float8, detected_ms float8, ended_ms float8,
  acknowledged_by uuid, acknowledged_ms float8, acknowledged_until_ms float8, note text, expected_ms float8, request jsonb,
  resolution text, resolved_ms float8, closed_ms float8, judge_again_ms float8, reopenings int, merged_into int8,
  made_by_hand boolean)`;

/** Column and expression of all but the id. A device that left the register takes nothing with it. */
const WRITTEN = [
  ...[
    'version work_version state kind anchor title severity impact place_kind place_id place_name device_name device_class',
    'commune_code commune_codes owner_id basis reason alarms symptoms devices devices_down cause_code cause_evidence',
    'cause_named_by acknowledged_by note request resolution reopenings merged_into made_by_hand',
  ]
    .join(' ')
    .split(' ')
    .map((column) => [column, `n.${column}`] as const),
  ['device_id', '(select d.id from device d where d.id = n.device_id)'] as const,
  ...[
    'began',
    'detected',
    'ended',
    'acknowledged',
    'acknowledged_until',
    'expected',
    'resolved',
    'closed',
    'judge_again',
  ].map((name) => [name.endsWith('_until') ? name : `${name}_at`, `to_timestamp(n.${name}_ms / 1000)`] as const),
];

const INSERT = `
  insert into incident (id, ${WRITTEN.map(([column]) => column).join(', ')})
  overriding system value
  select n.id, ${WRITTEN.map(([, expression]) => expression).join(', ')} from ${RECORD}`;

const UPDATE = `
  update incident i set ${WRITTEN.map(([column, expression]) => `${column} = ${expression}`).join(', ')}
  from ${RECORD} where i.id = n.id`;

const NOTE = `
  insert into incident_change (incident_id, at, person_id, action, note, text)
  select n.id, to_timestamp($2::float8 / 1000), n.person_id, n.action, n.note, n.text
  from jsonb_to_recordset($1::jsonb) as n (id int8, person_id uuid, action text, note text, text jsonb)
  returning id`;

export interface IncidentChangeRow {
  readonly id: number;
  readonly at_ms: number;
  readonly person_name: string | null;
  readonly action: IncidentChange['action'];
  readonly note: string | null;
  readonly text: LocalizedText | null;
}

export interface IncidentFilter {
  readonly state?: IncidentState | undefined;
  readonly deviceId?: string | undefined;
  readonly communeCode?: string | undefined;
  readonly deviceClass?: DeviceClassId | undefined;
  readonly severity?: Severity | undefined;
  readonly holder?: string | undefined;
  /** Any of these. */
  readonly kind?: readonly IncidentKind[] | undefined;
}

@Injectable()
export class IncidentsRepository {
  /** All that are not closed, and those closed after the moment. */
  async loadCurrent(tx: Tx, closedAfterMs: number): Promise<readonly IncidentRecord[]> {
    return (await tx.query<IncidentRow>(LOAD_CURRENT, [closedAfterMs])).map(recordOf);
  }

  async byIds(tx: Tx, ids: readonly number[]): Promise<readonly IncidentRecord[]> {
    return ids.length === 0 ? [] : (await tx.query<IncidentRow>(BY_IDS, [ids])).map(recordOf);
  }

  /** The incidents, locked until the transaction ends; always in the order of their ids, so that nobody waits in a circle. */
  async locked(tx: Tx, ids: readonly number[]): Promise<readonly IncidentRecord[]> {
    if (ids.length === 0) return [];
    await tx.query(LOCK, [ids]);
    return await this.byIds(tx, ids);
  }

  /** Newest first; `after`: the last one of the page before. */
  async list(
    tx: Tx,
    filter: IncidentFilter,
    limit: number,
    after: { readonly beganAtMs: number; readonly id: number } | null,
  ): Promise<readonly IncidentRecord[]> {
    const rows = await tx.query<IncidentRow>(LIST, [
      filter.state ?? null,
      filter.deviceId ?? null,
      filter.communeCode ?? null,
      filter.deviceClass ?? null,
      filter.severity ?? null,
      filter.holder ?? null,
      filter.kind ?? null,
      after?.beganAtMs ?? null,
      after?.id ?? null,
      limit,
    ]);
    return rows.map(recordOf);
  }

  /** What happened to it, oldest first; the latest 1,000. */
  async changesOf(tx: Tx, id: number): Promise<readonly IncidentChangeRow[]> {
    return (await tx.query<IncidentChangeRow>(CHANGES, [id])).toReversed();
  }

  /** Ids for incidents that are going to be written. */
  async reserveIds(tx: Tx, count: number): Promise<readonly number[]> {
    return count === 0 ? [] : (await tx.query<{ id: number }>(RESERVE_IDS, [count])).map(({ id }) => id);
  }

  async insert(tx: Tx, records: readonly IncidentRecord[]): Promise<void> {
    if (records.length > 0) await tx.execute(INSERT, [JSON.stringify(records.map(rowOf))]);
  }

  /** Writes records whose rows are locked. */
  async update(tx: Tx, records: readonly IncidentRecord[]): Promise<void> {
    if (records.length > 0) await tx.execute(UPDATE, [JSON.stringify(records.map(rowOf))]);
  }

  /** Adds to the trail; the ids of the entries, in order. */
  async note(tx: Tx, changes: readonly NewChange[], atMs: number): Promise<readonly number[]> {
    if (changes.length === 0) return [];
    const rows = changes.map(({ incidentId, personId, action, note, text }) => ({
      id: incidentId,
      person_id: personId,
      action,
      note,
      text,
    }));
    return (await tx.query<{ id: number }>(NOTE, [JSON.stringify(rows), atMs])).map(({ id }) => id);
  }
}
