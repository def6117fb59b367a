import { Injectable } from '@nestjs/common';
import type { AlarmResourceKind, AlarmType } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { AlarmAttachment, AlarmKey, AlarmRecord, Shelved } from './alarm.js';
import type { AlarmNote } from './alarm-draft.js';
import type { FloodState } from './alarm-flood.js';
import { alarmOf, rowOf, type AlarmRow } from './alarm-row.js';
import type { ShelfChange } from './shelf-change.js';

// Times go in and out as epoch ms. Rows go in as one JSON parameter: a storm raises thousands of alarms in one statement.

/** The columns of an `AlarmRow`. */
export const ALARM_COLUMNS = `
  id, version, resource_kind, resource_id, resource_name, device_id, commune_code, owner_id, alarm_type, qualifier, severity,
  probable_cause, text_vi, text_en, action_vi, action_en, estimated, operator_state, suppression, shelved_by,
  shelved_by_name, shelved_reason, incident_id, rule_id, detail,
  (extract(epoch from began_at) * 1000)::float8 as began_ms,
  (extract(epoch from raised_at) * 1000)::float8 as raised_ms,
  (extract(epoch from changed_at) * 1000)::float8 as changed_ms,
  (extract(epoch from cleared_at) * 1000)::float8 as cleared_ms,
  (extract(epoch from shelved_at) * 1000)::float8 as shelved_ms,
  (extract(epoch from shelved_until) * 1000)::float8 as shelved_until_ms`;

const ROW_TYPE = `
  id bigint, version integer, resource_kind text, resource_id text, resource_name text, device_id text, commune_code text,
  owner_id text, alarm_type text, qualifier text, severity text, probable_cause text, text_vi text, text_en text,
  action_vi text, action_en text, estimated boolean, began_ms float8, raised_ms float8, changed_ms float8,
  cleared_ms float8, operator_state text, suppression text, shelved_by uuid, shelved_by_name text, shelved_ms float8,
  shelved_until_ms float8, shelved_reason text, rule_id text, detail jsonb`;

const LOAD_CURRENT = `select ${ALARM_COLUMNS} from alarm where cleared_at is null order by id`;

const RAISE = `
  insert into alarm (resource_kind, resource_id, resource_name, device_id, commune_code, owner_id, alarm_type, qualifier,
    severity, probable_cause, text_vi, text_en, action_vi, action_en, estimated, began_at, raised_at, changed_at, cleared_at,
    operator_state, suppression, shelved_by, shelved_by_name, shelved_at, shelved_until, shelved_reason, rule_id, detail)
  select r.resource_kind, r.resource_id, r.resource_name, r.device_id, r.commune_code, r.owner_id, r.alarm_type, r.qualifier,
    r.severity, r.probable_cause, r.text_vi, r.text_en, r.action_vi, r.action_en, r.estimated,
    to_timestamp(r.began_ms / 1000), to_timestamp(r.raised_ms / 1000), to_timestamp(r.changed_ms / 1000),
    to_timestamp(r.cleared_ms / 1000), r.operator_state, r.suppression, r.shelved_by, r.shelved_by_name,
    to_timestamp(r.shelved_ms / 1000), to_timestamp(r.shelved_until_ms / 1000), r.shelved_reason, r.rule_id, r.detail
  from jsonb_to_recordset($1::jsonb) as r (${ROW_TYPE})
  returning id, resource_kind, resource_id, alarm_type, qualifier`;

const CHANGE = `
  update alarm a set version = r.version, severity = r.severity, text_vi = r.text_vi, text_en = r.text_en,
    action_vi = r.action_vi, action_en = r.action_en, began_at = to_timestamp(r.began_ms / 1000), probable_cause = r.probable_cause, estimated = r.estimated,
    changed_at = to_timestamp(r.changed_ms / 1000), cleared_at = to_timestamp(r.cleared_ms / 1000),
    operator_state = r.operator_state, suppression = r.suppression, shelved_by = r.shelved_by,
    shelved_by_name = r.shelved_by_name, shelved_at = to_timestamp(r.shelved_ms / 1000),
    shelved_until = to_timestamp(r.shelved_until_ms / 1000), shelved_reason = r.shelved_reason, rule_id = r.rule_id,
    detail = r.detail
  from jsonb_to_recordset($1::jsonb) as r (${ROW_TYPE})
  where a.id = r.id`;

const NOTE = `
  insert into alarm_change (alarm_id, at, action, severity, text_vi, text_en, person_id, person_name)
  select r.alarm_id, to_timestamp($2::float8 / 1000), r.action, r.severity, r.text_vi, r.text_en, r.person_id, r.person_name
  from jsonb_to_recordset($1::jsonb) as r (alarm_id bigint, action text, severity text, text_vi text, text_en text,
    person_id uuid, person_name text)`;

const ATTACH = `
  update alarm a set incident_id = r.incident_id, suppression = r.suppression
  from unnest($1::bigint[], $2::bigint[], $3::text[]) as r (id, incident_id, suppression)
  where a.id = r.id`;

const OPEN_OUTAGES = `select id, device_id from outage where ended_at is null and device_id = any($1::text[])`;

const LOSSES_OVER = `
  select ${ALARM_COLUMNS} from alarm
  where device_id = any($1::text[]) and alarm_type = 'connectivityLost' and cleared_at is not null
    and detail ->> 'outageId' = any($2::text[])
  order by id`;

const LOAD_SHELVES = `
  select resource_kind, resource_id, alarm_type, qualifier, person_id, person_name, reason,
         (extract(epoch from shelved_at) * 1000)::float8 as shelved_ms, (extract(epoch from until_at) * 1000)::float8 as until_ms
  from alarm_shelf`;

const PUT_SHELVES = `
  insert into alarm_shelf
    (resource_kind, resource_id, alarm_type, qualifier, person_id, person_name, shelved_at, until_at, reason)
  select r.resource_kind, r.resource_id, r.alarm_type, r.qualifier, r.person_id, r.person_name,
         to_timestamp(r.shelved_ms / 1000), to_timestamp(r.until_ms / 1000), r.reason
  from jsonb_to_recordset($1::jsonb) as r (resource_kind text, resource_id text, alarm_type text, qualifier text,
    person_id uuid, person_name text, shelved_ms float8, until_ms float8, reason text)
  on conflict (resource_kind, resource_id, alarm_type, qualifier) do update set
    person_id = excluded.person_id, person_name = excluded.person_name, shelved_at = excluded.shelved_at,
    until_at = excluded.until_at, reason = excluded.reason`;

const DROP_SHELVES = `
  delete from alarm_shelf s
  using unnest($1::text[], $2::text[], $3::text[], $4::text[]) as r (resource_kind, resource_id, alarm_type, qualifier)
  where (s.resource_kind, s.resource_id, s.alarm_type, s.qualifier)
      = (r.resource_kind, r.resource_id, r.alarm_type, r.qualifier)`;

const LOAD_TRACKS = `select device_id, rule_key, state from alarm_track`;

const WRITE_TRACKS = `
  insert into alarm_track (device_id, rule_key, state)
  select r.device_id, r.rule_key, r.state
  from jsonb_to_recordset($1::jsonb) as r (device_id text, rule_key text, state jsonb)
  on conflict (device_id, rule_key) do update set state = excluded.state`;

const DROP_TRACKS = `
  delete from alarm_track t using unnest($1::text[], $2::text[]) as r (device_id, rule_key)
  where t.device_id = r.device_id and t.rule_key = r.rule_key`;

const LOAD_CONNECTIVITY_CHANGES = `
  select d.id as device_id, (extract(epoch from c.at) * 1000)::float8 as at_ms
  from connectivity_change c join device d on d.no = c.device_no
  where c.at > to_timestamp($1::float8 / 1000)
    and (c.was_known, c.last_known) in (('up', 'down'), ('down', 'up'))
  order by c.at`;

const LOAD_FLOOD = `
  select (extract(epoch from since) * 1000)::float8 as since_ms, (extract(epoch from quiet_since) * 1000)::float8 as quiet_ms,
         (extract(epoch from ended_by_hand_at) * 1000)::float8 as ended_ms
  from alarm_flood`;

const WRITE_FLOOD = `
  update alarm_flood set since = to_timestamp($1::float8 / 1000), quiet_since = to_timestamp($2::float8 / 1000),
    ended_by_hand_at = to_timestamp($3::float8 / 1000)`;

const RECENTLY_RAISED = `
  select (extract(epoch from raised_at) * 1000)::float8 as at_ms, alarm_type, qualifier from alarm
  where raised_at > to_timestamp($1::float8 / 1000) and suppression is null and operator_state <> 'shelved'
  order by raised_at`;

/** Every statement; a test prepares each of them. */
export const ALARMS_STATEMENTS: readonly string[] = [
  LOAD_CURRENT,
  RAISE,
  CHANGE,
  NOTE,
  ATTACH,
  OPEN_OUTAGES,
  LOSSES_OVER,
  LOAD_SHELVES,
  PUT_SHELVES,
  DROP_SHELVES,
  LOAD_TRACKS,
  WRITE_TRACKS,
  DROP_TRACKS,
  LOAD_CONNECTIVITY_CHANGES,
  LOAD_FLOOD,
  WRITE_FLOOD,
  RECENTLY_RAISED,
];

export interface TrackRow {
  readonly device_id: string;
  readonly rule_key: string;
  readonly state: unknown;
}

interface ShelfRow {
  readonly resource_kind: AlarmResourceKind;
  readonly resource_id: string;
  readonly alarm_type: AlarmType;
  readonly qualifier: string;
  readonly person_id: string | null;
  readonly person_name: string;
  readonly reason: string;
  readonly shelved_ms: number;
  readonly until_ms: number;
}

type RaisedRow = Pick<AlarmRow, 'id' | 'resource_kind' | 'resource_id' | 'alarm_type' | 'qualifier'>;

@Injectable()
export class AlarmsRepository {
  async loadCurrent(tx: Tx): Promise<readonly AlarmRecord[]> {
    return (await tx.query<{ [K in keyof AlarmRow]: AlarmRow[K] }>(LOAD_CURRENT)).map(alarmOf);
  }

  /** Writes what begins; the ids by the key of each. */
  async raise(tx: Tx, alarms: readonly AlarmRecord[]): Promise<readonly RaisedRow[]> {
    if (alarms.length === 0) return [];
    return tx.query<{ [K in keyof RaisedRow]: RaisedRow[K] }>(RAISE, [JSON.stringify(alarms.map(rowOf))]);
  }

  async change(tx: Tx, alarms: readonly AlarmRecord[]): Promise<void> {
    if (alarms.length > 0) await tx.execute(CHANGE, [JSON.stringify(alarms.map(rowOf))]);
  }

  async note(tx: Tx, notes: readonly (AlarmNote & { readonly alarmId: number })[], atMs: number): Promise<void> {
    if (notes.length === 0) return;
    const rows = notes.map(({ alarmId, action, severity, text, person }) => ({
      alarm_id: alarmId,
      action,
      severity,
      text_vi: text?.vi ?? null,
      text_en: text?.en ?? null,
      person_id: person?.personId ?? null,
      person_name: person?.name ?? null,
    }));
    await tx.execute(NOTE, [JSON.stringify(rows), atMs]);
  }

  async attach(tx: Tx, changes: readonly (AlarmAttachment & Pick<AlarmRecord, 'suppression'>)[]): Promise<void> {
    if (changes.length === 0) return;
    await tx.execute(ATTACH, [
      changes.map(({ alarmId }) => alarmId),
      changes.map(({ incidentId }) => incidentId),
      changes.map(({ suppression }) => suppression),
    ]);
  }

  /** The rows of open outages, by device. */
  async openOutages(tx: Tx, deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (deviceIds.length === 0) return new Map();
    const rows = await tx.query<{ id: number; device_id: string }>(OPEN_OUTAGES, [deviceIds]);
    return new Map(rows.map(({ id, device_id }) => [device_id, String(id)]));
  }

  /** Alarms on the losses that became these outages, once they are over. */
  async lossesOver(
    tx: Tx,
    outages: readonly { readonly deviceId: string; readonly outageId: string }[],
  ): Promise<readonly AlarmRecord[]> {
    if (outages.length === 0) return [];
    const values = [outages.map(({ deviceId }) => deviceId), outages.map(({ outageId }) => outageId)];
    return (await tx.query<{ [K in keyof AlarmRow]: AlarmRow[K] }>(LOSSES_OVER, values)).map(alarmOf);
  }

  async loadShelves(tx: Tx): Promise<readonly { readonly key: AlarmKey; readonly shelved: Shelved }[]> {
    const rows = await tx.query<{ [K in keyof ShelfRow]: ShelfRow[K] }>(LOAD_SHELVES);
    return rows.map((row) => ({
      key: {
        resource: { kind: row.resource_kind, id: row.resource_id },
        type: row.alarm_type,
        qualifier: row.qualifier,
      },
      shelved: {
        by: { personId: row.person_id ?? '', name: row.person_name },
        atMs: row.shelved_ms,
        untilMs: row.until_ms,
        reason: row.reason,
      },
    }));
  }

  async writeShelves(tx: Tx, changes: readonly ShelfChange[]): Promise<void> {
    const put = changes.flatMap(({ key, shelved }) => {
      if (shelved === null) return [];
      const { by, atMs, untilMs, reason } = shelved;
      return [
        {
          resource_kind: key.resource.kind,
          resource_id: key.resource.id,
          alarm_type: key.type,
          qualifier: key.qualifier,
          person_id: by.personId,
          person_name: by.name,
          shelved_ms: atMs,
          until_ms: untilMs,
          reason,
        },
      ];
    });
    if (put.length > 0) await tx.execute(PUT_SHELVES, [JSON.stringify(put)]);
    const dropped = changes.filter(({ shelved }) => shelved === null).map(({ key }) => key);
    if (dropped.length === 0) return;
    await tx.execute(DROP_SHELVES, [
      dropped.map(({ resource }) => resource.kind),
      dropped.map(({ resource }) => resource.id),
      dropped.map(({ type }) => type),
      dropped.map(({ qualifier }) => qualifier),
    ]);
  }

  loadTracks(tx: Tx): Promise<readonly TrackRow[]> {
    return tx.query<{ [K in keyof TrackRow]: TrackRow[K] }>(LOAD_TRACKS);
  }

  async writeTracks(tx: Tx, rows: readonly TrackRow[]): Promise<void> {
    if (rows.length > 0) await tx.execute(WRITE_TRACKS, [JSON.stringify(rows)]);
  }

  async dropTracks(tx: Tx, rows: readonly Pick<TrackRow, 'device_id' | 'rule_key'>[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(DROP_TRACKS, [rows.map(({ device_id }) => device_id), rows.map(({ rule_key }) => rule_key)]);
  }

  /** Changes between up and down since a moment, oldest first. */
  async connectivityChanges(
    tx: Tx,
    sinceMs: number,
  ): Promise<readonly { readonly deviceId: string; readonly atMs: number }[]> {
    const rows = await tx.query<{ device_id: string; at_ms: number }>(LOAD_CONNECTIVITY_CHANGES, [sinceMs]);
    return rows.map(({ device_id, at_ms }) => ({ deviceId: device_id, atMs: at_ms }));
  }

  async loadFlood(tx: Tx): Promise<FloodState> {
    type Row = { since_ms: number | null; quiet_ms: number | null; ended_ms: number | null };
    const [row] = await tx.query<Row>(LOAD_FLOOD);
    return {
      sinceMs: row?.since_ms ?? null,
      quietSinceMs: row?.quiet_ms ?? null,
      endedByHandAtMs: row?.ended_ms ?? null,
    };
  }

  async writeFlood(tx: Tx, { sinceMs, quietSinceMs, endedByHandAtMs }: FloodState): Promise<void> {
    await tx.execute(WRITE_FLOOD, [sinceMs, quietSinceMs, endedByHandAtMs]);
  }

  /** When the alarms that were told began, since a moment. */
  async recentlyRaised(
    tx: Tx,
    sinceMs: number,
  ): Promise<readonly { readonly atMs: number; readonly type: AlarmType; readonly qualifier: string }[]> {
    const rows = await tx.query<{ at_ms: number; alarm_type: AlarmType; qualifier: string }>(RECENTLY_RAISED, [
      sinceMs,
    ]);
    return rows.map(({ at_ms, alarm_type, qualifier }) => ({ atMs: at_ms, type: alarm_type, qualifier }));
  }
}
