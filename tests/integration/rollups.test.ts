import { scaledClock, type Metrics } from '@ioc/contract';
import { NestFactory } from '@nestjs/core';
import { AccessModule } from '@ioc/server/access/access.module';
import { readConfig } from '@ioc/server/config/config';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { Database } from '@ioc/server/platform/database/database';
import { applyStoragePolicy, type StorageSettings } from '@ioc/server/platform/database/storage-policy';
import { createLogger } from '@ioc/server/platform/logging/logger';
import type { MessageSource } from '@ioc/server/platform/mqtt/message-source';
import { PlatformModule } from '@ioc/server/platform/platform.module';
import type { Reading } from '@ioc/server/readings/reading';
import { ReadingsModule } from '@ioc/server/readings/readings.module';
import { ReadingsService } from '@ioc/server/readings/readings.service';
import { RollupsService } from '@ioc/server/readings/rollups.service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';

// Roll-ups of a database without TimescaleDB, as the console stores them in the background.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 22 November 2026, 12:00 in Asia/Ho_Chi_Minh. */
const NOON = Date.parse('2026-11-22T05:00:00Z');
const MIDNIGHT = NOON - 12 * HOUR;
const SETTINGS: StorageSettings = { maxBackfillMs: 7 * DAY };
const WIDTHS = ['5min', '1h', '1d'] as const;

const logger = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
const NO_MESSAGES: MessageSource = {
  start: () => undefined,
  acknowledge: () => undefined,
  state: () => ({ connected: false, sinceMs: 0, unacknowledged: 0 }),
  stop: () => undefined,
  close: () => Promise.resolve(),
};

let fresh: FreshDatabase;
let database: Database;
let devices: DevicesService;
let readings: ReadingsService;
let rollups: RollupsService;
/** What the console's clock says; it does not go by itself. */
let nowMs: number;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = new Database({ url: fresh.url, maxConnections: 4, statementTimeoutMs: 60_000, onError: () => undefined });
  nowMs = NOON;
  await applyStoragePolicy(fresh.url, SETTINGS, NOON);
  await database.execute(`insert into organisation (id, name, kind) values ('VNPT', 'VNPT', 'operator')`);
  await database.execute(
    `insert into device (id, device_class, name, commune_code, organisation_id, lat, lon, reporting_interval_ms, attributes, registered_at)
     select 'LINK-' || n, 'link', 'LINK-' || n, '21025', 'VNPT', 15.1, 108.8, 60000, '{}', now() from generate_series(1, 700) n order by n`,
  );
  await start();
});
afterEach(async () => {
  await readings.stop();
  await database.close();
  await fresh.drop();
});

async function start(): Promise<void> {
  const settings = readConfig({});
  if (!settings.ok) throw new Error(settings.errors.join());
  const clock = scaledClock(0, 1, () => nowMs);
  const parts = { config: settings.config, clock, logger, database, messageSource: NO_MESSAGES };
  const app = await NestFactory.createApplicationContext(
    { module: class {}, imports: [PlatformModule.forRoot(parts), AccessModule, ReadingsModule] },
    { logger: false },
  );
  devices = app.get(DevicesService);
  readings = app.get(ReadingsService);
  rollups = app.get(RollupsService);
  await devices.start();
  await readings.start();
}

async function restart(): Promise<void> {
  await readings.stop();
  await start();
}

function reading(id: string, atMs: number, metrics: Metrics, suspect: readonly string[] = []): Reading {
  const device = devices.register().devices.get(id);
  if (device === undefined) throw new Error(`${id} is not registered`);
  return {
    device,
    atMs,
    receivedAtMs: nowMs,
    effectiveAtMs: atMs,
    seq: null,
    live: true,
    clockOffsetMs: null,
    metrics,
    suspect,
  };
}

/** As the intake writes them, now. */
const write = (batch: readonly Reading[]) => database.transaction((tx) => readings.write(tx, batch));

/** Every `everyMs` in [fromMs, toMs): values that differ, some missing, some suspect. */
function series(id: string, fromMs: number, toMs: number, everyMs = MINUTE): Reading[] {
  const batch: Reading[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
    const n = atMs / everyMs;
    const metrics = { rttMs: (n * 7) % 50, ...(n % 3 === 0 ? {} : { linkUp: n % 4 !== 0 }), inMbps: (n % 11) / 7 };
    batch.push(reading(id, atMs, metrics, n % 13 === 0 ? ['rttMs'] : []));
  }
  return batch;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** All columns of the roll-ups over a span, through the functions that history reads. */
async function answers(
  fromMs: number,
  toMs: number,
  nos: readonly number[] = [1, 2],
): Promise<Readonly<Record<string, Rows>>> {
  const found: Record<string, Rows> = {};
  for (const width of WIDTHS) {
    found[width] = await database.query(
      `select * from link_reading_${width}($1::integer[], to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000))
       order by device_no, bucket_at`,
      [nos, fromMs, toMs],
    );
  }
  return found;
}

/** Averages of sums in another order differ in their last digit. */
function rounded(found: Readonly<Record<string, Rows>>): unknown {
  return JSON.parse(
    JSON.stringify(found, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value)),
  );
}

async function stored(width: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(`select count(*) as n from link_reading_rollup_${width}`);
  return row?.n ?? -1;
}

async function storedUntilMs(): Promise<number | null> {
  const [row] = await database.query<{ ms: number }>(
    `select extract(epoch from stored_until)::float8 * 1000 as ms from rollup_progress where reading_table = 'link_reading'`,
  );
  return row?.ms ?? null;
}

/** The readings of a bucket of LINK-1, through the functions. */
async function readingsIn(width: (typeof WIDTHS)[number], atMs: number): Promise<number | undefined> {
  const [row] = (await answers(atMs, atMs + 1, [1]))[width] ?? [];
  return row === undefined ? undefined : Number(row['readings']);
}

const keepStorage = () =>
  database.query(`select * from keep_reading_storage(to_timestamp($1::float8 / 1000))`, [nowMs]);

describe('stored roll-ups', () => {
  test('say what the readings say, in every column, of days, hours and minutes that are stored, partly or not at all', async () => {
    await write([...series('LINK-1', NOON - 2 * DAY, NOON), ...series('LINK-2', NOON - 30 * HOUR, NOON, 5 * MINUTE)]);
    const computed = await answers(NOON - 3 * DAY, NOON);
    expect(computed['5min']?.length).toBe(2 * 288 + 360);
    expect(await storedUntilMs()).toBeNull();

    for (nowMs of [NOON - 20 * HOUR, NOON - 11 * HOUR, NOON]) {
      expect(await rollups.catchUp()).toBeGreaterThan(0);
      expect(rounded(await answers(NOON - 3 * DAY, NOON))).toEqual(rounded(computed));
      // A part of the span too, its first and last buckets whole.
      const touched = await answers(MIDNIGHT - HOUR - 1, MIDNIGHT + HOUR + 1);
      expect(touched['1h']?.length).toBe(8);
      expect(touched['1d']?.length).toBe(4);
    }
    // The hour before noon has not settled, and what follows it has not come.
    expect(await storedUntilMs()).toBe(NOON - HOUR);
    expect(await stored('1d')).toBe(2 + 1);
    expect(await rollups.catchUp()).toBe(0);
  });

  test('are what answers once the readings are gone: a year of a device', async () => {
    const from = NOON - 2 * DAY;
    await write(series('LINK-1', from, NOON, 10 * MINUTE));
    const before = rounded(await answers(from, MIDNIGHT));
    for (nowMs = NOON; nowMs < NOON + 8 * DAY; nowMs += DAY) {
      await write([reading('LINK-1', nowMs - MINUTE, { rttMs: 1 })]);
      await rollups.catchUp();
      await keepStorage();
    }
    const [raw] = await database.query<{ n: number }>(
      `select count(*) as n from link_reading where at < to_timestamp($1::float8 / 1000)`,
      [MIDNIGHT],
    );
    expect(raw?.n).toBe(0);
    expect(rounded(await answers(from, MIDNIGHT))).toEqual(before);
    const year = await readings.history({
      deviceId: 'LINK-1',
      metrics: ['rttMs'],
      fromMs: nowMs - 365 * DAY,
      toMs: nowMs,
      resolution: null,
    });
    expect(year.ok && year.history.resolution).toBe('1d');
    expect(year.ok && year.history.atMs.length).toBe(10);
  });

  test('of a late reading are stored again within one pass, in every width, and of no other hour', async () => {
    await write(series('LINK-1', NOON - 2 * DAY, NOON, 10 * MINUTE));
    await rollups.catchUp();
    const lateAt = NOON - 30 * HOUR + MINUTE;
    const before = await answers(NOON - 2 * DAY, NOON);
    await write([reading('LINK-1', lateAt, { rttMs: 49 }), reading('LINK-2', lateAt, { rttMs: 3 })]);
    expect(await rollups.catchUp()).toBe(1);
    expect(await readingsIn('5min', lateAt)).toBe(2);
    expect(await readingsIn('1h', lateAt)).toBe(7);
    expect(await readingsIn('1d', lateAt)).toBe(Number(before['1d']?.[1]?.['readings']) + 1);
    const after = await answers(NOON - 2 * DAY, NOON);
    expect(after['5min']?.filter((row) => !before['5min']?.some((old) => JSON.stringify(old) === JSON.stringify(row))))
      // One bucket of each device.
      .toHaveLength(2);
    expect(await rollups.catchUp()).toBe(0);
  });

  test('hold what came late before they were stored: it is computed meanwhile, and nothing is noted', async () => {
    await write(series('LINK-1', NOON - 3 * HOUR, NOON + MINUTE));
    nowMs = NOON + 10 * MINUTE;
    await write([reading('LINK-1', NOON - 30 * MINUTE + 1, { rttMs: 1 })]);
    expect(await readingsIn('1h', NOON - HOUR)).toBe(61);
    nowMs = NOON + HOUR;
    await rollups.catchUp();
    expect(await storedUntilMs()).toBe(NOON);
    expect(await readingsIn('1h', NOON - HOUR)).toBe(61);
  });

  test('miss nothing of a transaction that was under way while its hour settled', async () => {
    await write(series('LINK-1', NOON - 3 * HOUR, NOON + MINUTE));
    // Ten minutes before the hour can be stored: in time, and yet committed only when it is.
    nowMs = NOON + 5 * MINUTE;
    await database.transaction(async (tx) => {
      await readings.write(tx, [reading('LINK-1', NOON - 1, { rttMs: 1 })]);
      nowMs = NOON + 15 * MINUTE;
      await rollups.catchUp();
    });
    expect(await storedUntilMs()).toBe(NOON);
    await rollups.catchUp();
    expect(await readingsIn('1h', NOON - HOUR)).toBe(61);
  });

  test('of a day whose readings are gone gain the buckets that were missing, and lose none', async () => {
    const day = NOON - 6 * DAY;
    nowMs = day + HOUR;
    await write(series('LINK-1', day - HOUR, day, MINUTE));
    await write([reading('LINK-1', day + 50 * MINUTE, { rttMs: 1 })]);
    for (; nowMs < NOON; nowMs += DAY) {
      await write([reading('LINK-2', nowMs - MINUTE, { rttMs: 1 })]);
      await rollups.catchUp();
      await keepStorage();
    }
    expect(await readingsIn('1h', day - HOUR)).toBe(60);
    nowMs = NOON;
    // Buffered by the device for six days: one within an hour that was told, an hour that was not.
    await write([
      reading('LINK-1', day - HOUR + 1, { rttMs: 40 }),
      ...series('LINK-1', day + 2 * HOUR, day + 3 * HOUR),
    ]);
    await rollups.catchUp();
    await keepStorage();
    expect(await readingsIn('5min', day - HOUR)).toBe(5);
    expect(await readingsIn('1h', day - HOUR)).toBe(60);
    expect(await readingsIn('5min', day + 2 * HOUR)).toBe(5);
    expect(await readingsIn('1h', day + 2 * HOUR)).toBe(60);
    expect(await readingsIn('1d', day)).toBe(121);
  });

  test('keep readings until they are stored, but not for longer than raw retention once more', async () => {
    await write(series('LINK-1', NOON - DAY, NOON, 10 * MINUTE));
    nowMs = NOON + 4 * DAY;
    await write([reading('LINK-1', nowMs, { rttMs: 1 })]);
    await keepStorage();
    expect(await readingsIn('1h', NOON - DAY)).toBe(6);
    nowMs = NOON + 8 * DAY;
    await write([reading('LINK-1', nowMs, { rttMs: 1 })]);
    await keepStorage();
    expect(await readingsIn('1h', NOON - DAY)).toBeUndefined();
  });

  test('are stored up to the newest reading, wherever a clock has jumped to', async () => {
    await write(series('LINK-1', NOON - 3 * HOUR, NOON + MINUTE));
    nowMs = NOON + 365 * DAY;
    await rollups.catchUp();
    await keepStorage();
    expect(await storedUntilMs()).toBe(NOON);
    expect(await stored('5min')).toBe(36);
    // Set right again, and started anew: what comes now is not late.
    nowMs = NOON + 2 * MINUTE;
    await restart();
    await write(series('LINK-1', NOON + MINUTE, NOON + 2 * MINUTE));
    const [noted] = await database.query<{ n: number }>(`select count(*) as n from late_reading_hour`);
    expect(noted?.n).toBe(0);
  });

  test('note readings that are older than what is stored, even after the clock was set back', async () => {
    await write(series('LINK-1', NOON - 3 * HOUR, NOON + MINUTE, 2 * MINUTE));
    nowMs = NOON + HOUR;
    await rollups.catchUp();
    nowMs = NOON - 2 * HOUR;
    await restart();
    await write(series('LINK-1', NOON - HOUR, NOON));
    await rollups.catchUp();
    expect(await readingsIn('1h', NOON - HOUR)).toBe(60);
  });

  test('of more devices than are stored at once are whole, and a piece that fails leaves no trace', async () => {
    const ids = Array.from({ length: 700 }, (_, index) => `LINK-${index + 1}`);
    await write(ids.flatMap((id) => series(id, MIDNIGHT - 2 * HOUR, MIDNIGHT - HOUR, 20 * MINUTE)));
    await write([reading('LINK-700', MIDNIGHT + HOUR, { rttMs: 1 })]);
    const nos = ids.map((_, index) => index + 1);
    const span = [MIDNIGHT - 2 * HOUR, MIDNIGHT + 2 * HOUR, nos] as const;
    const computed = rounded(await answers(...span));
    // In the way of the partition that the first day would be stored in.
    const [partition] = await database.query<{ name: string }>(
      `select to_char(date_bin('730 days', to_timestamp($1::float8 / 1000), '2000-01-01 00:00+07') at time zone 'Asia/Ho_Chi_Minh', 'YYYYMMDD') as name`,
      [MIDNIGHT - HOUR],
    );
    const obstacle = `link_reading_rollup_1d_${partition?.name ?? ''}`;
    await database.execute(`create table ${obstacle} (x integer)`);
    await expect(rollups.catchUp()).rejects.toThrow(obstacle);
    expect(await storedUntilMs()).toBe(MIDNIGHT - HOUR);
    expect(await stored('1h')).toBe(700);
    expect(rounded(await answers(...span))).toEqual(computed);

    await database.execute(`drop table ${obstacle}`);
    await restart();
    // Twice 500 and 200: of the day's last hour, which had not been stored, and none of the hour after it.
    expect(await rollups.catchUp()).toBe(2 + 1);
    expect(await storedUntilMs()).toBe(MIDNIGHT + HOUR);
    expect(await stored('1d')).toBe(700);
    expect(rounded(await answers(...span))).toEqual(computed);
  });

  test('go when they are older than their retention, those of a day never', async () => {
    await write(series('LINK-1', NOON - DAY, NOON, 10 * MINUTE));
    for (nowMs of [NOON + HOUR, NOON + 60 * DAY, NOON + 61 * DAY]) {
      await write([reading('LINK-1', nowMs - 2 * HOUR, { rttMs: 1 }), reading('LINK-1', nowMs, { rttMs: 1 })]);
      await rollups.catchUp();
      await keepStorage();
    }
    expect(await readingsIn('5min', NOON - DAY)).toBeUndefined();
    expect(await readingsIn('1h', NOON - DAY)).toBe(6);
    for (nowMs of [NOON + 500 * DAY, NOON + 501 * DAY]) {
      await write([reading('LINK-1', nowMs - 2 * HOUR, { rttMs: 1 }), reading('LINK-1', nowMs, { rttMs: 1 })]);
      await rollups.catchUp();
      await keepStorage();
    }
    expect(await readingsIn('1h', NOON - DAY)).toBeUndefined();
    expect(await readingsIn('1d', NOON - DAY)).toBe(72);
  });

  test('of a database that had none are made of what it holds', async () => {
    await write(series('LINK-1', NOON - 2 * DAY, NOON, 10 * MINUTE));
    const computed = rounded(await answers(NOON - 2 * DAY, NOON));
    for (const width of WIDTHS) await database.execute(`drop table link_reading_rollup_${width} cascade`);
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await restart();
    expect(rounded(await answers(NOON - 2 * DAY, NOON))).toEqual(computed);
    await rollups.catchUp();
    expect(await stored('1h')).toBe(47);
    expect(rounded(await answers(NOON - 2 * DAY, NOON))).toEqual(computed);
  });

  test('of a metric that was added later begin with it', async () => {
    await write(series('LINK-1', NOON - 3 * HOUR, NOON, 10 * MINUTE));
    await rollups.catchUp();
    await database.execute('alter table link_reading add column optical_power_dbm real');
    await applyStoragePolicy(fresh.url, SETTINGS, NOON);
    await database.execute(
      `update link_reading set optical_power_dbm = -20 where at >= to_timestamp($1::float8 / 1000)`,
      [NOON - 30 * MINUTE],
    );
    const hours = (await answers(NOON - 2 * HOUR, NOON))['1h'];
    expect(
      hours?.map((row) => [row['readings'], row['optical_power_dbm_count'], row['optical_power_dbm_avg']]),
    ).toEqual([
      [6, 0, null],
      [6, 3, -20],
    ]);
  });
});
