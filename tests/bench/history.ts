import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { scaledClock, type Resolution } from '@ioc/contract';
import { AccessModule } from '@ioc/server/access/access.module';
import { readConfig } from '@ioc/server/config/config';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { HistoryModule } from '@ioc/server/history/history.module';
import { HistoryService } from '@ioc/server/history/history.service';
import { Database } from '@ioc/server/platform/database/database';
import { migrate } from '@ioc/server/platform/database/migrate';
import { applyStoragePolicy, type StoragePolicy } from '@ioc/server/platform/database/storage-policy';
import { startEmbeddedPostgres } from '@ioc/server/platform/embedded/postgres';
import { createLogger } from '@ioc/server/platform/logging/logger';
import type { MessageSource } from '@ioc/server/platform/mqtt/message-source';
import { PlatformModule } from '@ioc/server/platform/platform.module';
import { ReadingsModule } from '@ioc/server/readings/readings.module';
import { ReadingsService } from '@ioc/server/readings/readings.service';
import { RollupsService } from '@ioc/server/readings/rollups.service';
import { administer, databaseAt } from '../harness/database-admin.js';
import {
  DAY,
  DEVICES,
  HOUR,
  STATIONS,
  makeOutages,
  makeReadings,
  makeRegister,
  millions,
  say,
  settle,
  type DataOptions,
  type MadeReadings,
} from './history-data.js';

// How fast history is asked for when there is much of it, on the embedded PostgreSQL and, where IOC_BENCH_TIMESCALE_URL or
// IOC_TEST_TIMESCALE_URL names a server with it, on TimescaleDB. history-data.ts says what is asked.

const RUNS = 60;
const MINUTE = 60_000;

interface Options extends DataOptions {
  /** Null: an embedded server. */
  readonly databaseUrl: string | null;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      minutes: { type: 'string' },
      database: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const timescaleUrl = process.env['IOC_BENCH_TIMESCALE_URL'] ?? process.env['IOC_TEST_TIMESCALE_URL'] ?? '';
  const rows = Number(values.rows ?? 100e6);
  const minutes = Number(values.minutes ?? 10);
  const { only } = values;
  if (!(rows >= 1e6) || !(minutes > 0)) throw new Error('--rows and --minutes must be numbers, rows at least 1000000');
  if (only !== undefined && !['embedded', 'timescale'].includes(only))
    throw new Error('--only must be embedded or timescale');
  if (only === 'timescale' && timescaleUrl === '') throw new Error('--only timescale needs IOC_BENCH_TIMESCALE_URL');
  const urls =
    values.database === undefined
      ? [...(only === 'timescale' ? [] : [null]), ...(only === 'embedded' || timescaleUrl === '' ? [] : [timescaleUrl])]
      : [values.database];
  for (const databaseUrl of urls) {
    const options = { rows, minutes, databaseUrl };
    await withDatabase(options, (url) => measure(url, options));
  }
  if (!urls.includes(timescaleUrl)) say('\nTimescaleDB was not measured: IOC_BENCH_TIMESCALE_URL names no server.');
}

/** A database of its own, on the server that is named or on an embedded one with its durable settings; gone afterwards. */
async function withDatabase({ databaseUrl }: Options, work: (url: string) => Promise<void>): Promise<void> {
  if (databaseUrl !== null) {
    const name = `ioc_bench_${randomBytes(4).toString('hex')}`;
    await administer(databaseUrl, `create database ${name} template template0 encoding 'UTF8'`);
    try {
      await work(databaseAt(databaseUrl, name));
    } finally {
      await administer(databaseUrl, `drop database ${name} with (force)`);
    }
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, logger: silent });
  // Ctrl-C must leave neither a server nor gigabytes behind.
  const abandon = () => {
    postgres.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    await work(postgres.url);
  } finally {
    process.removeListener('exit', abandon);
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
const NO_MESSAGES: MessageSource = {
  start: () => undefined,
  acknowledge: () => undefined,
  state: () => ({ connected: false, sinceMs: 0, unacknowledged: 0 }),
  stop: () => undefined,
  close: () => Promise.resolve(),
};

async function measure(url: string, options: Options): Promise<void> {
  // As late after the hour as it is not stored yet: the most that is left to compute from readings.
  const now = Math.floor(Date.now() / HOUR) * HOUR - HOUR + 14 * MINUTE;
  await migrate(url);
  const policy = await applyStoragePolicy(url, { maxBackfillMs: 7 * DAY }, now);
  const database = new Database({ url, maxConnections: 4, statementTimeoutMs: HOUR, onError: () => undefined });
  try {
    say(`\n${policy.profile === 'timescale' ? 'TimescaleDB' : 'PostgreSQL without TimescaleDB'}`);
    // What the jobs do is done here, when its time has come.
    if (policy.profile === 'timescale') await pauseJobs(database);
    await makeRegister(database, now);
    await makeOutages(database, now);
    const made = await makeReadings(database, policy, now, options);
    const app = await openHistory(database, now);
    if (policy.profile === 'plain') await storeRollups(app, made);
    await settle(database, policy, now);
    await report(database, url, policy, made);
    await measureQueries(app, policy, now, made);
  } finally {
    await database.close();
  }
}

async function pauseJobs(database: Database): Promise<void> {
  await database.query(
    `select alter_job(job_id, scheduled => false) from timescaledb_information.jobs where hypertable_schema = 'public'`,
  );
}

/** As the console does it in the background, which rests between pieces as long as they take. */
async function storeRollups(app: INestApplicationContext, { rows }: MadeReadings): Promise<void> {
  await app.get(DevicesService).start();
  await app.get(ReadingsService).start();
  const began = performance.now();
  const pieces = await app.get(RollupsService).catchUp();
  const seconds = (performance.now() - began) / 1000;
  await app.get(ReadingsService).stop();
  const usAReading = (seconds / 2 / rows) * 1e6;
  say(
    `roll-ups stored: ${pieces} pieces in ${seconds.toFixed(0)} s, half of it rest: ${usAReading.toFixed(1)} µs a reading, ${((usAReading * (DEVICES / 10)) / 1e4).toFixed(2)} % of a core at ${DEVICES / 10} readings/s`,
  );
}

async function report(
  database: Database,
  url: string,
  policy: StoragePolicy,
  { rows, stations, spanMs, yearStations }: MadeReadings,
): Promise<void> {
  const [server] = await database.query<{ version: string; size: string }>(
    `select current_setting('server_version') as version, pg_size_pretty(pg_database_size(current_database())) as size`,
  );
  const cpu = cpus();
  say('');
  say(
    `machine: ${cpu.length} × ${cpu[0]?.model.trim() ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  say(
    `database: PostgreSQL ${server?.version ?? '?'}, ${policy.profile} ${policy.extensionVersion ?? ''}, ${server?.size ?? '?'}, ${new URL(url).hostname}`,
  );
  say(
    `readings: ${millions(rows)} rows; ${stations} of ${STATIONS} stations over ${spanMs / HOUR} h, a year of ${yearStations}; 10 metrics, every 10 s`,
  );
  say('');
  say(`${'ms'.padEnd(58)}     min  median     p95     max`);
}

function openHistory(database: Database, now: number): Promise<INestApplicationContext> {
  const settings = readConfig({});
  if (!settings.ok) throw new Error(settings.errors.join());
  const clock = scaledClock(now, 1, () => now);
  return NestFactory.createApplicationContext(
    {
      module: class {},
      imports: [
        PlatformModule.forRoot({
          config: settings.config,
          clock,
          logger: silent,
          database,
          messageSource: NO_MESSAGES,
        }),
        AccessModule,
        ReadingsModule,
        HistoryModule,
      ],
    },
    { logger: false },
  );
}

async function measureQueries(
  app: INestApplicationContext,
  policy: StoragePolicy,
  now: number,
  { stations, yearStations }: MadeReadings,
): Promise<void> {
  const readings = app.get(ReadingsService);
  const history = app.get(HistoryService);
  await app.get(DevicesService).start();
  let loads = 0;
  await sample('newest reading of 4,000 devices (at start)', 5, async () => {
    if (loads++ > 0) await readings.stop();
    await readings.start();
  });

  let turn = 0;
  // Another station every time, so that nothing is warm by itself.
  const anyStation = () => `BTS-${1 + ((turn++ * 997) % stations)}`;
  const yearStation = () => `BTS-${1 + ((turn++ * 997) % yearStations)}`;
  const chart = async (
    deviceId: string,
    spanMs: number,
    metrics: readonly string[] | null,
    { endedAgoMs = 0, resolution = null }: { endedAgoMs?: number; resolution?: Resolution | null } = {},
  ) => {
    const toMs = now - endedAgoMs;
    const outcome = await readings.history({ deviceId, metrics, fromMs: toMs - spanMs, toMs, resolution });
    if (!outcome.ok || outcome.history.atMs.length === 0) throw new Error('the chart is empty');
  };
  const one = ['dcVoltageV'];
  await sample('1 h of a station, raw, one metric', RUNS, () => chart(anyStation(), HOUR, one));
  await sample('24 h of a station, one metric', RUNS, () => chart(anyStation(), DAY, one));
  await sample('24 h of a station, all ten metrics', RUNS, () => chart(anyStation(), DAY, null));
  await sample('30 days of a station, one metric', RUNS, () => chart(yearStation(), 30 * DAY, one));
  await sample('30 days of a station, all ten metrics', RUNS, () => chart(yearStation(), 30 * DAY, null));
  await sample('a year of a station, one metric', RUNS, () => chart(yearStation(), 365 * DAY, one));
  await sample('a year of a station, all ten metrics', RUNS, () => chart(yearStation(), 365 * DAY, null));
  if (policy.profile === 'timescale') {
    // Another day every time.
    const columnstore = (resolution: Resolution) => ({ endedAgoMs: (20 + ((turn * 7) % 300)) * DAY, resolution });
    await sample('1 h of a station, raw, from the columnstore', RUNS, () =>
      chart(yearStation(), HOUR, one, columnstore('raw')),
    );
    await sample('24 h of a station, from the columnstore', RUNS, () =>
      chart(yearStation(), DAY, one, columnstore('5min')),
    );
  }
  await sample('24 h of one metric of 20 stations', 20, async () => {
    const deviceIds = Array.from({ length: 20 }, anyStation);
    const span = { fromMs: now - DAY, toMs: now, resolution: null };
    const outcome = await readings.metricHistory({ deviceClass: 'bts', metric: 'connectedUsers', deviceIds, ...span });
    if (!outcome.ok) throw new Error(outcome.reason);
  });

  const iso = (ms: number) => new Date(ms).toISOString();
  const availability = async (spanMs: number, by: 'device' | 'commune' | 'class', monthly: '0' | '1') => {
    const outcome = await history.availability({ from: iso(now - spanMs), to: iso(now), by, monthly });
    if (!outcome.ok || outcome.answer.rows.length === 0) throw new Error('no availability');
  };
  await sample('availability of each of 4,000 devices, a month', RUNS, () => availability(30 * DAY, 'device', '0'));
  await sample('availability of 96 communes, a year by month', 20, () => availability(365 * DAY, 'commune', '1'));
  await sample('availability of each of 4,000 devices, a year', 20, () => availability(365 * DAY, 'device', '0'));
  await sample('state of 4,000 devices at a moment', RUNS, () =>
    history.statesThen(now - ((turn++ * 7_919) % 365) * DAY),
  );
  const counts = async (spanMs: number, by: 'class' | 'commune') => {
    const outcome = await history.stateCounts({ from: iso(now - spanMs), to: iso(now), by, points: 145 });
    if (!outcome.ok) throw new Error(outcome.reason);
  };
  await sample('counts by class over 24 h, 145 moments', RUNS, () => counts(DAY, 'class'));
  await sample('counts by commune over a year, 145 moments', 10, () => counts(365 * DAY, 'commune'));
  await readings.stop();
}

async function sample(name: string, runs: number, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    (times[Math.min(Math.floor(times.length * share), times.length - 1)] ?? 0).toFixed(1).padStart(8);
  say(`${name.padEnd(58)}${at(0)}${at(0.5)}${at(0.95)}${at(1)}`);
}
