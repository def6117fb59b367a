import { Injectable } from '@nestjs/common';
import type { Connectivity } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { StateDelta, WholeBlindSpan } from './state-counts.js';

// Devices are those of the register as it is now, with the class, commune and owner that they have now.
// Times go in and out as epoch ms. $n::text null: not filtered.

const STATES_THEN = `
  select d.id, coalesce(c.connectivity, 'stale') as connectivity, coalesce(c.last_known, 'stale') as last_known,
         (extract(epoch from c.at) * 1000)::float8 as since_ms
  from device d
  left join lateral (
    select connectivity, last_known, at from connectivity_change
    where device_no = d.no and at <= to_timestamp($1::float8 / 1000)
    order by at desc limit 1
  ) c on true`;

const WHOLE_BLIND_SPANS = `
  select (extract(epoch from began_at) * 1000)::float8 as began_ms, (extract(epoch from ended_at) * 1000)::float8 as ended_ms
  from blind_span
  where gateway_id is null and began_at <= to_timestamp($2::float8 / 1000)
    and (ended_at is null or ended_at > to_timestamp($1::float8 / 1000))`;

/**
 * What each group had at $1, and how it changed until $2, counted to the next of the evenly spread moments: $3 ms apart.
 * $4 says what a group is, $5–$7 filter. Costs a probe per device and the changes of the span, not the devices times the
 * moments.
 */
const COUNT_DELTAS = `
  with scope as (
    select no, case $4::text when 'class' then device_class when 'commune' then commune_code when 'owner' then organisation_id
                    else 'all' end as key
    from device
    where ($5::text is null or device_class = $5) and ($6::text is null or commune_code = $6)
      and ($7::text is null or organisation_id = $7)
  ), then_known as (
    select s.key, coalesce(c.last_known, 'stale') as known, coalesce(c.connectivity = 'blind', false) as blind
    from scope s
    left join lateral (
      select connectivity, last_known from connectivity_change
      where device_no = s.no and at <= to_timestamp($1::float8 / 1000)
      order by at desc limit 1
    ) c on true
  ), changed as (
    select s.key, ceil((extract(epoch from c.at)::float8 * 1000 - $1::float8) / $3::float8)::integer as point,
           c.last_known, c.connectivity = 'blind' as blind,
           coalesce(c.was_known, 'stale') as was_known, coalesce(c.was_connectivity = 'blind', false) as was_blind
    from connectivity_change c join scope s on s.no = c.device_no
    where c.at > to_timestamp($1::float8 / 1000) and c.at <= to_timestamp($2::float8 / 1000)
  )
  select key, 0 as point, known, blind, count(*)::float8 as devices from then_known group by key, known, blind
  union all
  select key, point, last_known, blind, count(*) from changed group by key, point, last_known, blind
  union all
  select key, point, was_known, was_blind, -count(*) from changed group by key, point, was_known, was_blind`;

/**
 * Outages and observed time of every device from $1 to $2 (at the latest now, $3), added up by $5 and, when $4, by month
 * (else the month is the epoch). Not observed, and so neither up nor down: what lies before a device's registration, its
 * maintenance windows, and the blind spans of its gateway and of our own intake. Those are put together once per gateway, and only outages that touch one
 * are cut. 192,000 outages of 4,000 devices in a year; the two sides are added up apart, because joined device by device and
 * month by month they took ten times as long.
 */
const AVAILABILITY = `
  with period as materialized (
    select (month at time zone 'Asia/Ho_Chi_Minh')::date as month,
           greatest(to_timestamp($1::float8 / 1000), month) as from_at,
           least(to_timestamp(least($2::float8, $3::float8) / 1000),
                 (local_month + interval '1 month') at time zone 'Asia/Ho_Chi_Minh') as to_at
    from generate_series(
           date_trunc('month', to_timestamp($1::float8 / 1000) at time zone 'Asia/Ho_Chi_Minh'),
           to_timestamp(least($2::float8, $3::float8) / 1000) at time zone 'Asia/Ho_Chi_Minh' - interval '1 microsecond',
           interval '1 month') as local_month
    cross join lateral (select local_month at time zone 'Asia/Ho_Chi_Minh' as month) m
    where $4::boolean
    union all
    select date 'epoch', to_timestamp($1::float8 / 1000), to_timestamp(least($2::float8, $3::float8) / 1000)
    where not $4::boolean and $1::float8 < least($2::float8, $3::float8)
  ), worked as materialized (
    select m.device_id, range_agg(tstzrange(m.began_at, m.ended_at)) as spans
    from maintenance_span m
    where m.began_at < to_timestamp($2::float8 / 1000) and (m.ended_at is null or m.ended_at > to_timestamp($1::float8 / 1000))
    group by m.device_id
  ), scope as materialized (
    select d.id, coalesce(d.gateway_id, '') as gateway_id, coalesce(w.spans, '{}') as work,
           greatest(d.registered_at, to_timestamp($1::float8 / 1000)) as observed_from,
           case $5::text when 'device' then d.id when 'class' then d.device_class when 'commune' then d.commune_code
                         when 'owner' then d.organisation_id else 'all' end as key
    from device d
    left join worked w on w.device_id = d.id
    where ($6::text is null or d.device_class = $6) and ($7::text is null or d.commune_code = $7)
      and ($8::text is null or d.organisation_id = $8)
  ), blind as materialized (
    select g.gateway_id, coalesce(range_agg(tstzrange(b.began_at, b.ended_at)) filter (where b.id is not null), '{}') as spans
    from (select distinct gateway_id from scope) g
    left join blind_span b on (b.gateway_id is null or b.gateway_id = g.gateway_id)
      and b.began_at < to_timestamp($2::float8 / 1000) and (b.ended_at is null or b.ended_at > to_timestamp($1::float8 / 1000))
    group by g.gateway_id
  ), observed as (
    select g.key, p.month, sum(g.devices) as devices, sum(g.devices * (
             select sum(extract(epoch from upper(r) - lower(r))::float8)
             from unnest(tstzmultirange(tstzrange(greatest(g.observed_from, p.from_at), p.to_at)) - (b.spans + g.work)) as r)) as seconds
    from (select key, gateway_id, work, observed_from, count(*) as devices
          from scope group by key, gateway_id, work, observed_from) g
    join blind b on b.gateway_id = g.gateway_id
    join period p on p.to_at > g.observed_from
    group by g.key, p.month
  ), piece as materialized (
    select s.key, p.month, s.work @> part.span as announced,
           case when b.spans && part.span or s.work && part.span
             then (select sum(extract(epoch from upper(r) - lower(r))::float8)
                   from unnest(tstzmultirange(part.span) - (b.spans + s.work)) as r)
             else extract(epoch from upper(part.span) - lower(part.span))::float8 end as seconds
    from outage o
    join scope s on s.id = o.device_id
    join blind b on b.gateway_id = s.gateway_id
    join period p on p.from_at < coalesce(o.ended_at, 'infinity') and p.to_at > o.began_at and p.to_at > s.observed_from
    cross join lateral (
      select case when coalesce(o.ended_at, 'infinity') > s.observed_from
        then tstzrange(greatest(o.began_at, s.observed_from, p.from_at), least(o.ended_at, p.to_at)) else 'empty' end as span
    ) part
    where o.began_at < to_timestamp($2::float8 / 1000)
      and (o.ended_at > to_timestamp($1::float8 / 1000) or o.ended_at is null)
      and not isempty(part.span)
  ), down as (
    select key, month, count(*) filter (where not announced) as outages, sum(seconds) as seconds from piece group by key, month
  )
  select o.key, case when $4::boolean then to_char(o.month, 'YYYY-MM-DD') end as month, o.devices::float8 as devices,
         coalesce(d.outages, 0)::float8 as outages, coalesce(d.seconds, 0) as down_s, coalesce(o.seconds, 0) as observed_s
  from observed o
  left join down d on d.key = o.key and d.month = o.month
  order by o.key, o.month`;

/** Every statement; a test prepares each of them. */
export const HISTORY_STATEMENTS: readonly string[] = [STATES_THEN, WHOLE_BLIND_SPANS, COUNT_DELTAS, AVAILABILITY];

export interface DeviceThenRow {
  readonly id: string;
  readonly connectivity: Connectivity;
  readonly last_known: Exclude<Connectivity, 'blind'>;
  readonly since_ms: number | null;
}

/** Which devices; null: all. */
export interface DeviceScope {
  readonly deviceClass: string | null;
  readonly commune: string | null;
  readonly owner: string | null;
}

export interface AvailabilityTotals {
  readonly key: string;
  readonly month: string | null;
  readonly devices: number;
  readonly outages: number;
  readonly down_s: number;
  readonly observed_s: number;
}

@Injectable()
export class HistoryRepository {
  statesThen(tx: Tx, atMs: number): Promise<readonly DeviceThenRow[]> {
    return tx.query<DeviceThenRow>(STATES_THEN, [atMs]);
  }

  /** Spans in which our own intake saw nothing and that touch [fromMs, toMs]. */
  async wholeBlindSpans(tx: Tx, fromMs: number, toMs: number): Promise<readonly WholeBlindSpan[]> {
    const rows = await tx.query<{ began_ms: number; ended_ms: number | null }>(WHOLE_BLIND_SPANS, [fromMs, toMs]);
    return rows.map(({ began_ms, ended_ms }) => ({ beganAtMs: began_ms, endedAtMs: ended_ms }));
  }

  countDeltas(
    tx: Tx,
    span: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
    by: string,
    scope: DeviceScope,
  ): Promise<readonly StateDelta[]> {
    const filters = [scope.deviceClass, scope.commune, scope.owner];
    return tx.query<{ [K in keyof StateDelta]: StateDelta[K] }>(COUNT_DELTAS, [
      span.fromMs,
      span.toMs,
      span.stepMs,
      by,
      ...filters,
    ]);
  }

  availability(
    tx: Tx,
    span: { readonly fromMs: number; readonly toMs: number; readonly nowMs: number; readonly monthly: boolean },
    by: string,
    scope: DeviceScope,
  ): Promise<readonly AvailabilityTotals[]> {
    const filters = [scope.deviceClass, scope.commune, scope.owner];
    return tx.query<{ [K in keyof AvailabilityTotals]: AvailabilityTotals[K] }>(AVAILABILITY, [
      span.fromMs,
      span.toMs,
      span.nowMs,
      span.monthly,
      by,
      ...filters,
    ]);
  }
}
