import { Injectable } from '@nestjs/common';
import { metricColumn } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { Baseline, WantedBaseline } from './baseline.js';

const LOAD = `select device_id, metric, days, median, buckets from metric_baseline`;

/** The names come from the contract's definitions, never from a request. */
function medians({ deviceClass, metric }: Pick<WantedBaseline, 'deviceClass' | 'metric'>): string {
  const column = `${metricColumn(metric)}_avg`;
  return `
    select d.id as device_id, count(b.${column})::integer as buckets,
           percentile_cont(0.5) within group (order by b.${column}) as median
    from device d
    cross join lateral ${deviceClass}_reading_5min(array[d.no], to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000)) b
    where d.device_class = '${deviceClass}'
    group by d.id
    having count(b.${column}) >= $3::integer`;
}

const CLEAR = `delete from metric_baseline`;

const INSERT = `
  insert into metric_baseline (device_id, metric, days, median, buckets, judged_at)
  select d.id, r.metric, r.days, r.median, r.buckets, to_timestamp($2::float8 / 1000)
  from jsonb_to_recordset($1::jsonb) as r (device_id text, metric text, days integer, median float8, buckets integer)
  join device d on d.id = r.device_id`;

/** Every statement, with one of the queries for a metric; a test prepares each of them. */
export const BASELINES_STATEMENTS: readonly string[] = [
  LOAD,
  medians({ deviceClass: 'link', metric: 'rttMs' }),
  CLEAR,
  INSERT,
];

interface Row {
  readonly device_id: string;
  readonly metric: string;
  readonly days: number;
  readonly median: number;
  readonly buckets: number;
}

@Injectable()
export class BaselinesRepository {
  async load(tx: Tx): Promise<readonly Baseline[]> {
    const rows = await tx.query<{ [K in keyof Row]: Row[K] }>(LOAD);
    return rows.map(({ device_id, ...row }) => ({ deviceId: device_id, ...row }));
  }

  /** Of every device of the class that has so many 5-minute means in the span. */
  async medians(
    tx: Tx,
    wanted: WantedBaseline,
    span: { readonly fromMs: number; readonly toMs: number; readonly leastBuckets: number },
  ): Promise<readonly Baseline[]> {
    type Median = { device_id: string; buckets: number; median: number };
    const rows = await tx.query<Median>(medians(wanted), [span.fromMs, span.toMs, span.leastBuckets]);
    const { metric, days } = wanted;
    return rows.map(({ device_id, buckets, median }) => ({ deviceId: device_id, metric, days, median, buckets }));
  }

  /** What is not among them any more is forgotten. */
  async replace(tx: Tx, baselines: readonly Baseline[], atMs: number): Promise<void> {
    await tx.execute(CLEAR);
    const rows = baselines.map(({ deviceId, ...row }) => ({ device_id: deviceId, ...row }));
    if (rows.length > 0) await tx.execute(INSERT, [JSON.stringify(rows), atMs]);
  }
}
