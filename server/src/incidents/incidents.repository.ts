import { Injectable } from '@nestjs/common';
import type { DeviceClassId, Impact, IncidentState, OutageBasis, Severity } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { IncidentRow } from './incident-record.js';

// States: open → acknowledged (somebody has it) → resolved (the outage ended); acknowledged → open when it is given back.
// Every change of a row makes its version one larger.

const COLUMNS = `
  i.id, i.version, i.state, i.severity, i.impact, i.outage_id, i.device_id, i.commune_code, i.basis, i.reason,
  (extract(epoch from i.began_at) * 1000)::int8 as began_ms,
  (extract(epoch from i.detected_at) * 1000)::int8 as detected_ms,
  (extract(epoch from i.ended_at) * 1000)::int8 as ended_ms,
  i.acknowledged_by, p.name as acknowledged_by_name,
  (extract(epoch from i.acknowledged_at) * 1000)::int8 as acknowledged_ms,
  i.note, d.name as device_name, d.device_class, d.organisation_id as owner`;

const FROM = `
  from incident i join device d on d.id = i.device_id left join person p on p.id = i.acknowledged_by`;

const LOAD_CURRENT = `
  select ${COLUMNS} ${FROM}
  where i.state <> 'resolved' or i.ended_at > to_timestamp($1::float8 / 1000)
  order by i.id`;

const BY_IDS = `select ${COLUMNS} ${FROM} where i.id = any($1::int8[])`;

// A statement of its own, read again after it: whoever waited for the lock sees the incident as it is now, but what is
// joined to it as it was when the waiting began, a new holder's name missing.
const LOCK = `select id from incident where id = $1 for update`;
const BY_ID = `select ${COLUMNS} ${FROM} where i.id = $1`;

const LIST = `
  select ${COLUMNS} ${FROM}
  where ($1::text is null or i.state = $1)
    and ($2::text is null or i.device_id = $2)
    and ($3::text is null or i.commune_code = $3)
    and ($4::text is null or d.device_class = $4)
    and ($5::text is null or i.severity = $5)
    and ($6::float8 is null or (i.began_at, i.id) < (to_timestamp($6::float8 / 1000), $7::int8))
  order by i.began_at desc, i.id desc
  limit $8`;

const CHANGES = `
  select (extract(epoch from c.at) * 1000)::int8 as at_ms, p.name as person_name, c.action, c.note
  from incident_change c left join person p on p.id = c.person_id
  where c.incident_id = $1 order by c.id limit 1000`;

const OPEN = `
  insert into incident
    (state, severity, impact, outage_id, device_id, commune_code, basis, reason, began_at, detected_at, ended_at)
  select case when n.ended_ms is null then 'open' else 'resolved' end, n.severity, n.impact, n.outage_id, n.device_id,
         n.commune_code, n.basis, n.reason, to_timestamp(n.began_ms / 1000), to_timestamp(n.detected_ms / 1000),
         to_timestamp(n.ended_ms / 1000)
  from unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[],
              $9::float8[], $10::float8[])
    as n (severity, impact, outage_id, device_id, commune_code, basis, reason, began_ms, detected_ms, ended_ms)
  on conflict (outage_id) do update set outage_id = excluded.outage_id
  returning id, state`;

const RESOLVE = `
  update incident i
  set state = 'resolved', version = i.version + 1, ended_at = greatest(i.began_at, to_timestamp(n.ended_ms / 1000))
  from unnest($1::text[], $2::float8[]) as n (device_id, ended_ms)
  where i.device_id = n.device_id and i.state <> 'resolved'
  returning i.id`;

const REJUDGE = `
  update incident i set severity = n.severity, impact = n.impact, version = i.version + 1
  from unnest($1::int8[], $2::text[], $3::text[]) as n (id, severity, impact)
  where i.id = n.id and i.state <> 'resolved'
  returning i.id`;

const MOVE = `
  update incident i set began_at = to_timestamp(n.began_ms / 1000), version = i.version + 1
  from unnest($1::text[], $2::float8[]) as n (device_id, began_ms)
  where i.device_id = n.device_id and i.state <> 'resolved'
  returning i.id`;

const NOTE_CHANGES = `
  insert into incident_change (incident_id, at, person_id, action, note)
  select n.id, to_timestamp($3::float8 / 1000), null, n.action, n.note
  from unnest($1::int8[], $2::text[], $4::text[]) as n (id, action, note)`;

const ACKNOWLEDGE = `
  update incident set state = 'acknowledged', version = version + 1, acknowledged_by = $2,
    acknowledged_at = to_timestamp($3::float8 / 1000), note = $4
  where id = $1`;

const RELEASE = `
  update incident set state = 'open', version = version + 1, acknowledged_by = null, acknowledged_at = null, note = null
  where id = $1`;

const NOTE_WORK = `
  insert into incident_change (incident_id, at, person_id, action, note)
  values ($1, to_timestamp($3::float8 / 1000), $2, $4, $5)`;

export interface IncidentChangeRow {
  readonly at_ms: number;
  readonly person_name: string | null;
  readonly action: 'opened' | 'acknowledged' | 'released' | 'resolved' | 'severityChanged';
  readonly note: string | null;
}

export interface NewIncident {
  readonly severity: Severity;
  readonly impact: Impact;
  readonly outageId: string;
  readonly deviceId: string;
  readonly communeCode: string;
  readonly basis: OutageBasis;
  readonly reason: string | null;
  readonly beganAtMs: number;
  readonly detectedAtMs: number;
  readonly endedAtMs: number | null;
}

export interface IncidentFilter {
  readonly state?: IncidentState | undefined;
  readonly deviceId?: string | undefined;
  readonly communeCode?: string | undefined;
  readonly deviceClass?: DeviceClassId | undefined;
  readonly severity?: Severity | undefined;
}

interface IdRow {
  readonly id: number;
}

@Injectable()
export class IncidentsRepository {
  /** All that are not resolved, and those whose outage ended after the moment. */
  loadCurrent(tx: Tx, endedAfterMs: number): Promise<readonly IncidentRow[]> {
    return tx.query<IncidentRow>(LOAD_CURRENT, [endedAfterMs]);
  }

  byIds(tx: Tx, ids: readonly number[]): Promise<readonly IncidentRow[]> {
    return ids.length === 0 ? Promise.resolve([]) : tx.query<IncidentRow>(BY_IDS, [ids]);
  }

  /** The incident, locked until the transaction ends. */
  async locked(tx: Tx, id: string): Promise<IncidentRow | null> {
    await tx.query(LOCK, [id]);
    const [row] = await tx.query<IncidentRow>(BY_ID, [id]);
    return row ?? null;
  }

  /** Newest first; `after`: the last one of the page before. */
  list(
    tx: Tx,
    filter: IncidentFilter,
    limit: number,
    after: { readonly beganAtMs: number; readonly id: number } | null,
  ): Promise<readonly IncidentRow[]> {
    return tx.query<IncidentRow>(LIST, [
      filter.state ?? null,
      filter.deviceId ?? null,
      filter.communeCode ?? null,
      filter.deviceClass ?? null,
      filter.severity ?? null,
      after?.beganAtMs ?? null,
      after?.id ?? null,
      limit,
    ]);
  }

  /** What happened to it, oldest first; at most 1,000. */
  changesOf(tx: Tx, id: number): Promise<readonly IncidentChangeRow[]> {
    return tx.query<IncidentChangeRow>(CHANGES, [id]);
  }

  /** Opens them; those whose outage is over already are resolved at once. */
  async open(
    tx: Tx,
    incidents: readonly NewIncident[],
  ): Promise<readonly { readonly id: number; readonly state: IncidentState }[]> {
    if (incidents.length === 0) return [];
    const column = <K extends keyof NewIncident>(key: K) => incidents.map((incident) => incident[key]);
    return tx.query<{ id: number; state: IncidentState }>(OPEN, [
      column('severity'),
      column('impact'),
      column('outageId'),
      column('deviceId'),
      column('communeCode'),
      column('basis'),
      column('reason'),
      column('beganAtMs'),
      column('detectedAtMs'),
      column('endedAtMs'),
    ]);
  }

  /** Resolves the incident of each device whose outage ended. */
  async resolve(
    tx: Tx,
    ended: readonly { readonly deviceId: string; readonly endedAtMs: number }[],
  ): Promise<readonly number[]> {
    if (ended.length === 0) return [];
    const values = [ended.map(({ deviceId }) => deviceId), ended.map(({ endedAtMs }) => endedAtMs)];
    return (await tx.query<IdRow>(RESOLVE, values)).map(({ id }) => id);
  }

  async rejudge(
    tx: Tx,
    judged: readonly { readonly id: string; readonly severity: Severity; readonly impact: Impact }[],
  ): Promise<readonly number[]> {
    if (judged.length === 0) return [];
    const rows = await tx.query<IdRow>(REJUDGE, [
      judged.map(({ id }) => id),
      judged.map(({ severity }) => severity),
      judged.map(({ impact }) => impact),
    ]);
    return rows.map(({ id }) => id);
  }

  /** Moves the beginning of the devices' open incidents, as late data moved that of their outages. */
  async move(
    tx: Tx,
    moved: readonly { readonly deviceId: string; readonly beganAtMs: number }[],
  ): Promise<readonly number[]> {
    if (moved.length === 0) return [];
    const values = [moved.map(({ deviceId }) => deviceId), moved.map(({ beganAtMs }) => beganAtMs)];
    return (await tx.query<IdRow>(MOVE, values)).map(({ id }) => id);
  }

  async noteChanges(
    tx: Tx,
    changes: readonly {
      readonly id: number;
      readonly action: IncidentChangeRow['action'];
      readonly note: string | null;
    }[],
    atMs: number,
  ): Promise<void> {
    if (changes.length === 0) return;
    await tx.execute(NOTE_CHANGES, [
      changes.map(({ id }) => id),
      changes.map(({ action }) => action),
      atMs,
      changes.map(({ note }) => note),
    ]);
  }

  async acknowledge(tx: Tx, id: number, personId: string, atMs: number, note: string | null): Promise<void> {
    await tx.execute(ACKNOWLEDGE, [id, personId, atMs, note]);
    await tx.execute(NOTE_WORK, [id, personId, atMs, 'acknowledged', note]);
  }

  async release(tx: Tx, id: number, personId: string, atMs: number, note: string | null): Promise<void> {
    await tx.execute(RELEASE, [id]);
    await tx.execute(NOTE_WORK, [id, personId, atMs, 'released', note]);
  }
}
