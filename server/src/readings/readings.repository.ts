import { Injectable } from '@nestjs/common';
import { DEVICE_CLASS_IDS, type DeviceClassId, type Metrics, type MetricValue, type Resolution } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { LateHour } from './late-readings.js';
import type { Reading } from './reading.js';
import type { HistoryRow } from './reading-history.js';
import { insertParameters, perClass, readingTable, type MetricColumn, type ReadingTable } from './reading-table.js';

// Every statement here is made once, from the class definitions: names of tables and columns come from there and nowhere
// else, values only as parameters. Times go in and out as epoch ms.

/**
 * One insert for a class's readings of a batch. A reading that is there already (same device, same time), in the table or
 * earlier in the batch, is left out. Measured, 10 metrics, two cores, batches of 250 and 2,000: 67,000 and 74,000 rows/s on
 * TimescaleDB, 55,000 and 69,000 on the embedded PostgreSQL; COPY into a temporary table gains a third and costs a table.
 */
function insertStatement({ name, metrics }: ReadingTable): string {
  const columns = metrics.map(({ column }) => column);
  const arrays = metrics.map(({ kind }, index) => `$${index + 6}::${kind === 'number' ? 'real' : 'boolean'}[]`);
  return `
    insert into ${name} (device_no, at, received_at, seq, suspect, ${columns.join(', ')})
    select device_no, to_timestamp(at_ms / 1000), to_timestamp(received_at_ms / 1000), seq, string_to_array(suspect, ','),
           ${columns.join(', ')}
    from unnest($1::integer[], $2::double precision[], $3::double precision[], $4::bigint[], $5::text[], ${arrays.join(', ')})
      as batch (device_no, at_ms, received_at_ms, seq, suspect, ${columns.join(', ')})
    on conflict do nothing`;
}

/** The newest reading of each of $1 (device numbers) since $2 and, unless it is null, not after $3. One probe of the key per device and day, newest day first. */
function latestStatement({ name, metrics }: ReadingTable): string {
  const columns = metrics.map(({ column }) => `, ${column}`).join('');
  return `
    select latest.*
    from unnest($1::integer[]) as wanted (device_no)
    cross join lateral (
      select device_no, (extract(epoch from at) * 1000)::double precision as at_ms,
             (extract(epoch from received_at) * 1000)::double precision as received_at_ms, seq, suspect${columns}
      from ${name}
      where ${name}.device_no = wanted.device_no and at >= to_timestamp($2::double precision / 1000)
        and ($3::double precision is null or at <= to_timestamp($3::double precision / 1000))
      order by at desc
      limit 1
    ) latest`;
}

/** Of the devices $1, in order of device and time. Values by number, so that a metric's name need not be a legal alias. */
function rawStatement({ name }: ReadingTable, metrics: readonly MetricColumn[]): string {
  const values = metrics.map(
    ({ column, kind }, index) => `${kind === 'number' ? column : `${column}::integer`} as average_${index}`,
  );
  return `
    select device_no, (extract(epoch from at) * 1000)::double precision as at_ms, suspect${values.map((value) => `, ${value}`).join('')}
    from ${name}
    where device_no = any ($1::integer[]) and at >= to_timestamp($2::double precision / 1000) and at < to_timestamp($3::double precision / 1000)
    order by device_no, at
    limit $4`;
}

function rollupStatement(
  { name }: ReadingTable,
  metrics: readonly MetricColumn[],
  resolution: Exclude<Resolution, 'raw'>,
): string {
  const values = metrics.map(({ column, kind }, index) =>
    [
      `${column}_avg as average_${index}`,
      `${column}_suspect as suspect_${index}`,
      // A bucket of suspect values alone has no average: its newest value is shown, marked.
      `case when ${column}_count = 0 then ${column}_last end as last_${index}`,
      ...(kind === 'number' ? [`${column}_min as minimum_${index}`, `${column}_max as maximum_${index}`] : []),
    ].join(', '),
  );
  return `
    select device_no, (extract(epoch from bucket_at) * 1000)::double precision as at_ms${values.map((value) => `, ${value}`).join('')}
    from ${name}_${resolution}($1::integer[], to_timestamp($2::double precision / 1000), to_timestamp($3::double precision / 1000))
    order by device_no, bucket_at
    limit $4`;
}

const KEEP_STORAGE = `
  select extract(epoch from covered_from)::double precision * 1000 as from_ms,
         extract(epoch from covered_to)::double precision * 1000 as to_ms, partitions_made, partitions_dropped
  from keep_reading_storage(to_timestamp($1::double precision / 1000))`;

const ENSURE_PARTITIONS = `
  select ensure_reading_partitions($1::name, array(select to_timestamp(ms / 1000) from unnest($2::double precision[]) as ms)) as made`;

const ROLLED_UP_UNTIL = `
  select extract(epoch from max(stored_until))::double precision * 1000 as stored_until_ms from rollup_progress`;

const NOTE_LATE = `
  insert into late_reading_hour (reading_table, hour_at, device_no)
  select $1::name, to_timestamp(hour_ms / 1000), device_no
  from unnest($2::double precision[], $3::integer[]) as late (hour_ms, device_no)`;

const ROLL_UP = `
  select rolled_table, extract(epoch from rolled_hour_at)::double precision * 1000 as hour_ms, devices, late
  from roll_up_readings(to_timestamp($1::double precision / 1000), make_interval(secs => $2::double precision / 1000), $3::integer)`;

const insertOf = perClass((deviceClass) => insertStatement(readingTable(deviceClass)));
const latestOf = perClass((deviceClass) => latestStatement(readingTable(deviceClass)));

/** Every statement, those of history with all of a class's metrics; a test prepares each of them. */
export const READING_STATEMENTS: readonly string[] = [
  KEEP_STORAGE,
  ROLLED_UP_UNTIL,
  NOTE_LATE,
  ROLL_UP,
  ...DEVICE_CLASS_IDS.flatMap((deviceClass) => {
    const table = readingTable(deviceClass);
    return [
      insertOf(deviceClass),
      latestOf(deviceClass),
      rawStatement(table, table.metrics),
      rollupStatement(table, table.metrics, '5min'),
      rollupStatement(table, table.metrics, '1h'),
      rollupStatement(table, table.metrics, '1d'),
    ];
  }),
];

export interface StoredReading {
  readonly deviceNo: number;
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly seq: number | null;
  readonly metrics: Metrics;
  readonly suspect: readonly string[];
}

/** The span [fromMs, toMs) in which every day of every table has its place. */
export interface StorageSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly partitionsMade: number;
  readonly partitionsDropped: number;
}

/** What was stored at once: an hour of some devices of a class. */
export interface RollupPiece {
  readonly table: string;
  readonly hourMs: number;
  readonly devices: number;
  /** Stored again, because readings of it came late. */
  readonly late: boolean;
}

@Injectable()
export class ReadingsRepository {
  /** Returns how many rows were new. */
  insert(tx: Tx, deviceClass: DeviceClassId, readings: readonly Reading[]): Promise<number> {
    return tx.execute(insertOf(deviceClass), insertParameters(readingTable(deviceClass), readings));
  }

  async latest(
    tx: Tx,
    deviceClass: DeviceClassId,
    deviceNos: readonly number[],
    sinceMs: number,
  ): Promise<readonly StoredReading[]> {
    const table = readingTable(deviceClass);
    const rows = await tx.query<Record<string, unknown>>(latestOf(deviceClass), [deviceNos, sinceMs, null]);
    return rows.map((row) => storedReading(table, row));
  }

  /** As `latest`, at a moment in the past, with these metrics alone. */
  async latestThen(
    tx: Tx,
    table: ReadingTable,
    metrics: readonly MetricColumn[],
    deviceNos: readonly number[],
    span: { readonly sinceMs: number; readonly untilMs: number },
  ): Promise<readonly StoredReading[]> {
    const wanted: ReadingTable = { ...table, metrics };
    const values = [deviceNos, span.sinceMs, span.untilMs];
    const rows = await tx.query<Record<string, unknown>>(latestStatement(wanted), values);
    return rows.map((row) => storedReading(wanted, row));
  }

  /** At most `limit` readings with `atMs` in [fromMs, toMs), in order of device number and time. */
  raw(
    tx: Tx,
    table: ReadingTable,
    metrics: readonly MetricColumn[],
    span: HistorySpan,
  ): Promise<readonly HistoryRow[]> {
    return tx.query<HistoryRow>(rawStatement(table, metrics), [span.deviceNos, span.fromMs, span.toMs, span.limit]);
  }

  /** At most `limit` buckets that overlap [fromMs, toMs), in order of device number and time. */
  rollup(
    tx: Tx,
    table: ReadingTable,
    metrics: readonly MetricColumn[],
    resolution: Exclude<Resolution, 'raw'>,
    span: HistorySpan,
  ): Promise<readonly HistoryRow[]> {
    return tx.query<HistoryRow>(rollupStatement(table, metrics, resolution), [
      span.deviceNos,
      span.fromMs,
      span.toMs,
      span.limit,
    ]);
  }

  /** Partitions ahead, retention; `nowMs` is the console's clock. */
  async keepStorage(tx: Tx, nowMs: number): Promise<StorageSpan> {
    const [row] = await tx.query<{
      from_ms: number;
      to_ms: number;
      partitions_made: number;
      partitions_dropped: number;
    }>(KEEP_STORAGE, [nowMs]);
    if (row === undefined) throw new Error('the storage policy has not been applied');
    return {
      fromMs: row.from_ms,
      toMs: row.to_ms,
      partitionsMade: row.partitions_made,
      partitionsDropped: row.partitions_dropped,
    };
  }

  /** A place for readings of these days (any moment of each, epoch ms). */
  async ensurePartitions(tx: Tx, deviceClass: DeviceClassId, daysMs: readonly number[]): Promise<void> {
    await tx.query(ENSURE_PARTITIONS, [readingTable(deviceClass).name, daysMs]);
  }

  /** Up to where the roll-ups of any class are stored, epoch ms; -Infinity: nowhere. */
  async rolledUpUntil(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ stored_until_ms: number | null }>(ROLLED_UP_UNTIL);
    return row?.stored_until_ms ?? -Infinity;
  }

  async noteLate(tx: Tx, deviceClass: DeviceClassId, hours: readonly LateHour[]): Promise<void> {
    await tx.execute(NOTE_LATE, [
      readingTable(deviceClass).name,
      hours.map(({ hourMs }) => hourMs),
      hours.map(({ deviceNo }) => deviceNo),
    ]);
  }

  /** Stores the roll-ups of one hour of at most `atMost` devices; null when there is nothing to store by `nowMs`. */
  async rollUp(tx: Tx, nowMs: number, settledMs: number, atMost: number): Promise<RollupPiece | null> {
    const [row] = await tx.query<{ rolled_table: string; hour_ms: number; devices: number; late: boolean }>(ROLL_UP, [
      nowMs,
      settledMs,
      atMost,
    ]);
    if (row === undefined) return null;
    return { table: row.rolled_table, hourMs: row.hour_ms, devices: row.devices, late: row.late };
  }
}

export interface HistorySpan {
  readonly deviceNos: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

function storedReading(table: ReadingTable, row: Record<string, unknown>): StoredReading {
  const metrics: Record<string, MetricValue> = {};
  for (const { name, column } of table.metrics) {
    const value = row[column];
    if (typeof value === 'number' || typeof value === 'boolean') metrics[name] = value;
  }
  return {
    deviceNo: Number(row['device_no']),
    atMs: Math.round(Number(row['at_ms'])),
    receivedAtMs: Math.round(Number(row['received_at_ms'])),
    seq: typeof row['seq'] === 'number' ? row['seq'] : null,
    metrics,
    suspect: Array.isArray(row['suspect']) ? row['suspect'].map(String) : [],
  };
}
