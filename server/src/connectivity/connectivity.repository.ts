import { Injectable } from '@nestjs/common';
import type { OutageBasis } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { DeviceState } from './device-state.js';
import type { GatewayState } from './gateway-state.js';
import type { BlindSpanEdge } from './judgement.js';
import type { DeviceStateRow, GatewayStateRow, OpenOutageRow } from './loaded-state.js';
import type { OutageClosed, OutageOpened } from './observation.js';

// Moments cross the driver as epoch milliseconds in float8, which is exact to the microsecond.

const LOAD_DEVICES = `
  select device_id, connectivity, last_known, (extract(epoch from since) * 1000)::int8 as since_ms, reason,
         session, session_state, clock_offset_ms
  from device_state`;

const LOAD_GATEWAYS = `
  select gateway_id, connectivity, (extract(epoch from since) * 1000)::int8 as since_ms, reason, session, session_state
  from gateway_state`;

const LOAD_OPEN_OUTAGES = `
  select device_id, basis, reason, (extract(epoch from began_at) * 1000)::int8 as began_ms,
         (extract(epoch from detected_at) * 1000)::int8 as detected_ms
  from outage where ended_at is null`;

const LOAD_RECENT_OUTAGES = `
  select device_id, (extract(epoch from max(ended_at)) * 1000)::int8 as ended_ms
  from outage where ended_at is null or ended_at > to_timestamp($1::float8 / 1000)
  group by device_id`;

const LOAD_HEARTBEAT = `select (extract(epoch from beat_at) * 1000)::int8 as beat_ms from intake_heartbeat`;

// The join leaves out devices that the register lost since: their rows could not be kept.
const WRITE_DEVICES = `
  insert into device_state
    (device_id, connectivity, last_known, since, reason, session, session_state, clock_offset_ms)
  select d.id, n.connectivity, n.last_known, to_timestamp(n.since_ms / 1000), n.reason, n.session, n.session_state,
         n.clock_offset_ms
  from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::int8[], $7::text[], $8::int4[])
    as n (device_id, connectivity, last_known, since_ms, reason, session, session_state, clock_offset_ms)
  join device d on d.id = n.device_id
  on conflict (device_id) do update set
    connectivity = excluded.connectivity, last_known = excluded.last_known, since = excluded.since,
    reason = excluded.reason, session = excluded.session, session_state = excluded.session_state,
    clock_offset_ms = excluded.clock_offset_ms`;

const WRITE_GATEWAYS = `
  insert into gateway_state (gateway_id, connectivity, since, reason, session, session_state, last_batch_at)
  select g.id, n.connectivity, to_timestamp(n.since_ms / 1000), n.reason, n.session, n.session_state,
         to_timestamp(n.batch_ms / 1000)
  from unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::int8[], $6::text[], $7::float8[])
    as n (gateway_id, connectivity, since_ms, reason, session, session_state, batch_ms)
  join gateway g on g.id = n.gateway_id
  on conflict (gateway_id) do update set
    connectivity = excluded.connectivity, since = excluded.since, reason = excluded.reason, session = excluded.session,
    session_state = excluded.session_state, last_batch_at = excluded.last_batch_at`;

const CLOSE_OUTAGES = `
  update outage o set ended_at = greatest(o.began_at, to_timestamp(n.ended_ms / 1000))
  from unnest($1::text[], $2::float8[]) as n (device_id, ended_ms)
  where o.device_id = n.device_id and o.ended_at is null
  returning o.id, o.device_id`;

// A commit whose answer was lost is written again: what is there already is found instead of doubled.
const OPEN_OUTAGES = `
  insert into outage (device_id, began_at, ended_at, basis, reason, detected_at)
  select d.id, to_timestamp(n.began_ms / 1000), to_timestamp(n.ended_ms / 1000), n.basis, n.reason,
         to_timestamp(n.detected_ms / 1000)
  from unnest($1::text[], $2::float8[], $3::float8[], $4::text[], $5::text[], $6::float8[])
    as n (device_id, began_ms, ended_ms, basis, reason, detected_ms)
  join device d on d.id = n.device_id
  where n.ended_ms is null or not exists
    (select from outage o where o.device_id = d.id and o.began_at = to_timestamp(n.began_ms / 1000))
  on conflict (device_id) where ended_at is null do update set
    began_at = excluded.began_at, basis = excluded.basis, reason = excluded.reason, detected_at = excluded.detected_at
  returning id, device_id, (extract(epoch from began_at) * 1000)::int8 as began_ms`;

const OUTAGES_AROUND = `
  select id, device_id, basis, reason, (extract(epoch from began_at) * 1000)::int8 as began_ms,
         (extract(epoch from ended_at) * 1000)::int8 as ended_ms,
         (extract(epoch from detected_at) * 1000)::int8 as detected_ms
  from outage
  where device_id = any($1::text[]) and began_at < to_timestamp($3::float8 / 1000)
    and (ended_at is null or ended_at > to_timestamp($2::float8 / 1000))
  order by device_id, began_at
  for update`;

const BLIND_SPANS_AROUND = `
  select gateway_id, (extract(epoch from began_at) * 1000)::int8 as began_ms,
         (extract(epoch from ended_at) * 1000)::int8 as ended_ms
  from blind_span
  where began_at <= to_timestamp($2::float8 / 1000) and (ended_at is null or ended_at >= to_timestamp($1::float8 / 1000))`;

const REPAIR_OUTAGE = `
  update outage set began_at = to_timestamp($2::float8 / 1000), ended_at = to_timestamp($3::float8 / 1000), basis = $4
  where id = $1`;

const NOTE_REPAIR = `
  insert into outage_repair (outage_id, repaired_at, reading_at, note)
  values ($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4)`;

const BEGIN_BLIND_SPAN = `
  insert into blind_span (gateway_id, began_at, ended_at, reason)
  select g.id, to_timestamp($2::float8 / 1000), null, $3 from gateway g where g.id = $1
  on conflict do nothing`;

const END_BLIND_SPAN = `
  update blind_span set ended_at = greatest(began_at, to_timestamp($2::float8 / 1000))
  where gateway_id = $1 and ended_at is null`;

const WHOLE_BLIND_SPAN = `
  insert into blind_span (gateway_id, began_at, ended_at, reason)
  select null, to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000), $3
  where not exists
    (select from blind_span where gateway_id is null and began_at = to_timestamp($1::float8 / 1000))`;

const BEAT = `
  insert into intake_heartbeat (only_row, beat_at) values (true, to_timestamp($1::float8 / 1000))
  on conflict (only_row) do update set beat_at = excluded.beat_at`;

const OUTAGES_OF_DEVICE = `
  select id, device_id, basis, reason, (extract(epoch from began_at) * 1000)::int8 as began_ms,
         (extract(epoch from ended_at) * 1000)::int8 as ended_ms
  from outage
  where device_id = $1
    and ($2::float8 is null or (began_at, id) < (to_timestamp($2::float8 / 1000), $3::int8))
  order by began_at desc, id desc
  limit $4`;

const REPAIRS_OF_OUTAGES = `
  select outage_id, (extract(epoch from repaired_at) * 1000)::int8 as repaired_ms,
         (extract(epoch from reading_at) * 1000)::int8 as reading_ms, note
  from outage_repair where outage_id = any($1::int8[]) order by id`;

export interface OutageRow {
  readonly id: number;
  readonly device_id: string;
  readonly basis: OutageBasis;
  readonly reason: string | null;
  readonly began_ms: number;
  readonly ended_ms: number | null;
}

export interface OutageAroundRow extends OutageRow {
  readonly detected_ms: number;
}

export interface BlindSpanRow {
  readonly gateway_id: string | null;
  readonly began_ms: number;
  readonly ended_ms: number | null;
}

export interface RepairRow {
  readonly outage_id: number;
  readonly repaired_ms: number;
  readonly reading_ms: number;
  readonly note: string;
}

@Injectable()
export class ConnectivityRepository {
  loadDevices(tx: Tx): Promise<readonly DeviceStateRow[]> {
    return tx.query<DeviceStateRow>(LOAD_DEVICES);
  }

  loadGateways(tx: Tx): Promise<readonly GatewayStateRow[]> {
    return tx.query<GatewayStateRow>(LOAD_GATEWAYS);
  }

  loadOpenOutages(tx: Tx): Promise<readonly OpenOutageRow[]> {
    return tx.query<OpenOutageRow>(LOAD_OPEN_OUTAGES);
  }

  /** Devices with an outage that is open or ended after the moment, and when its latest ended. */
  loadRecentOutages(tx: Tx, sinceMs: number): Promise<readonly { device_id: string; ended_ms: number | null }[]> {
    return tx.query<{ device_id: string; ended_ms: number | null }>(LOAD_RECENT_OUTAGES, [sinceMs]);
  }

  async loadHeartbeat(tx: Tx): Promise<number | null> {
    const [row] = await tx.query<{ beat_ms: number }>(LOAD_HEARTBEAT);
    return row?.beat_ms ?? null;
  }

  async writeDevices(tx: Tx, devices: readonly (readonly [string, DeviceState])[]): Promise<void> {
    if (devices.length === 0) return;
    await tx.execute(WRITE_DEVICES, [
      devices.map(([id]) => id),
      devices.map(([, state]) => state.connectivity),
      devices.map(([, state]) => state.lastKnown),
      devices.map(([, state]) => state.sinceMs),
      devices.map(([, state]) => state.reason),
      devices.map(([, state]) => state.session),
      devices.map(([, state]) => state.sessionState),
      devices.map(([, state]) => state.clockOffsetMs),
    ]);
  }

  async writeGateways(tx: Tx, gateways: readonly (readonly [string, GatewayState])[]): Promise<void> {
    if (gateways.length === 0) return;
    await tx.execute(WRITE_GATEWAYS, [
      gateways.map(([id]) => id),
      gateways.map(([, state]) => state.connectivity),
      gateways.map(([, state]) => state.sinceMs),
      gateways.map(([, state]) => state.reason),
      gateways.map(([, state]) => state.session),
      gateways.map(([, state]) => state.sessionState),
      gateways.map(([, state]) => state.batchAtMs),
    ]);
  }

  /** Ends the open outage of each device. */
  async closeOutages(tx: Tx, closed: readonly OutageClosed[]): Promise<readonly { id: number; device_id: string }[]> {
    if (closed.length === 0) return [];
    const values = [closed.map(({ device }) => device.id), closed.map(({ endedAtMs }) => endedAtMs)];
    return tx.query<{ id: number; device_id: string }>(CLOSE_OUTAGES, values);
  }

  openOutages(
    tx: Tx,
    opened: readonly OutageOpened[],
  ): Promise<readonly { id: number; device_id: string; began_ms: number }[]> {
    return tx.query<{ id: number; device_id: string; began_ms: number }>(OPEN_OUTAGES, [
      opened.map(({ device }) => device.id),
      opened.map(({ beganAtMs }) => beganAtMs),
      opened.map(({ endedAtMs }) => endedAtMs),
      opened.map(({ basis }) => basis),
      opened.map(({ reason }) => reason),
      opened.map(({ detectedAtMs }) => detectedAtMs),
    ]);
  }

  /** Outages of the devices that overlap the span, locked for repair. */
  outagesAround(
    tx: Tx,
    deviceIds: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<readonly OutageAroundRow[]> {
    const values = [deviceIds, fromMs, toMs];
    return tx.query<OutageAroundRow>(OUTAGES_AROUND, values);
  }

  blindSpansAround(tx: Tx, fromMs: number, toMs: number): Promise<readonly BlindSpanRow[]> {
    return tx.query<BlindSpanRow>(BLIND_SPANS_AROUND, [fromMs, toMs]);
  }

  async repairOutage(
    tx: Tx,
    id: number,
    piece: { readonly beganAtMs: number; readonly endedAtMs: number | null; readonly basis: OutageBasis },
  ): Promise<void> {
    await tx.execute(REPAIR_OUTAGE, [id, piece.beganAtMs, piece.endedAtMs, piece.basis]);
  }

  async noteRepair(
    tx: Tx,
    outageId: number,
    repair: { readonly repairedAtMs: number; readonly readingAtMs: number; readonly note: string },
  ): Promise<void> {
    await tx.execute(NOTE_REPAIR, [outageId, repair.repairedAtMs, repair.readingAtMs, repair.note]);
  }

  async writeBlindSpan(tx: Tx, span: BlindSpanEdge): Promise<void> {
    if (span.gatewayId === null) {
      await tx.execute(WHOLE_BLIND_SPAN, [span.beganAtMs, span.endedAtMs, span.reason]);
    } else if (span.edge === 'began') {
      await tx.execute(BEGIN_BLIND_SPAN, [span.gatewayId, span.beganAtMs, span.reason]);
    } else {
      await tx.execute(END_BLIND_SPAN, [span.gatewayId, span.endedAtMs]);
    }
  }

  async beat(tx: Tx, atMs: number): Promise<void> {
    await tx.execute(BEAT, [atMs]);
  }

  /** Newest first; `after`: the last one of the page before. */
  outagesOfDevice(
    tx: Tx,
    deviceId: string,
    limit: number,
    after: { readonly beganAtMs: number; readonly id: number } | null,
  ): Promise<readonly OutageRow[]> {
    const values = [deviceId, after?.beganAtMs ?? null, after?.id ?? null, limit];
    return tx.query<OutageRow>(OUTAGES_OF_DEVICE, values);
  }

  repairsOf(tx: Tx, outageIds: readonly number[]): Promise<readonly RepairRow[]> {
    return tx.query<RepairRow>(REPAIRS_OF_OUTAGES, [outageIds]);
  }
}
