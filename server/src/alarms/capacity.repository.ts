import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database/database.js';
import type { CarriedLoad } from './capacity.js';

const CARRIED = `
  select d.id as device_id, count(*)::integer as samples,
         percentile_cont($2::float8) within group (order by b.in_mbps_avg) as in_mbps,
         percentile_cont($2::float8) within group (order by b.out_mbps_avg) as out_mbps
  from device d
  cross join lateral link_reading_5min(array[d.no], to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000)) b
  where d.id = any($1::text[])
  group by d.id`;

/** Every statement; a test prepares each of them. */
export const CAPACITY_STATEMENTS: readonly string[] = [CARRIED];

@Injectable()
export class CapacityRepository {
  /** What links carried in a span, by device; `percentile` in percent. */
  async carried(
    tx: Tx,
    deviceIds: readonly string[],
    percentile: number,
    span: { readonly fromMs: number; readonly toMs: number },
  ): Promise<ReadonlyMap<string, CarriedLoad>> {
    type Row = { device_id: string; samples: number; in_mbps: number | null; out_mbps: number | null };
    const rows = await tx.query<Row>(CARRIED, [deviceIds, percentile / 100, span.fromMs, span.toMs]);
    return new Map(
      rows.map(({ device_id, samples, in_mbps, out_mbps }) => [
        device_id,
        { samples, inMbps: in_mbps, outMbps: out_mbps },
      ]),
    );
  }
}
