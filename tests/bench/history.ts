import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { scaledClock } from '@ioc/contract';
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
import { administer, databaseAt } from '../harness/database-admin.js';

// How fast history is asked for when there is much of it. Up to a quarter of the rows is a year of a few stations (without
// TimescaleDB: the days that raw readings are kept), the rest the last hours and days of all 3,700, inserted in order of time
// as they would have come: a station's readings lie far apart.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STATIONS = 3_700;
const DEVICES = 4_000;
const INTERVAL_MS = 10_000;
const READINGS_A_DAY = DAY / INTERVAL_MS;
const RUNS = 60;

interface Options {
  readonly rows: number;
  readonly minutes: number;
  readonly databaseUrl: string | null;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: 'string' }, minutes: { type: 'string' }, database: { type: 'string' } },
  });
  const options = {
    rows: Number(values.rows ?? 100e6),
    minutes: Number(values.minutes ?? 10),
    databaseUrl: values.database ?? null,
  };
  if (!(options.rows >= 1e5) || !(options.minutes > 0))
    throw new Error('--rows and --minutes must be numbers, rows at least 100000');
  await withDatabase(options, (url) => measure(url, options));
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
  const now = Math.floor(Date.now() / HOUR) * HOUR;
  await migrate(url);
  const settings = { maxBackfillMs: 7 * DAY, rollup5minRetentionMs: 730 * DAY, rollup1hRetentionMs: 3650 * DAY };
  const policy = await applyStoragePolicy(url, settings, now);
  // On TimescaleDB a year's roll-ups are made here from a year's readings, which then stay: the jobs are paused.
  const longSpanMs = policy.profile === 'timescale' ? 365 * DAY : policy.rawRetentionMs;
  const database = new Database({ url, maxConnections: 4, statementTimeoutMs: HOUR, onError: () => undefined });
  try {
    if (policy.profile === 'timescale') await pauseJobs(database);
    await makeRegister(database, now);
    await makeOutages(database, now);
    const made = await makeReadings(database, now, longSpanMs, options);
    await settle(database, policy, now);
    await report(database, url, policy, made);
    await measureQueries(database, now, made);
  } finally {
    await database.close();
  }
}

async function pauseJobs(database: Database): Promise<void> {
  await database.query(
    `select alter_job(job_id, scheduled => false) from timescaledb_information.jobs where hypertable_schema = 'public'`,
  );
}

async function makeRegister(database: Database, now: number): Promise<void> {
  await database.execute(`insert into organisation (id, name, kind) values ('VNPT', 'VNPT', 'operator')`);
  await database.execute(
    `insert into gateway (id, name, organisation_id) select 'GW-' || n, 'GW-' || n, 'VNPT' from generate_series(1, 4) n`,
  );
  await database.execute(
    `insert into device (id, device_class, name, commune_code, organisation_id, gateway_id, lat, lon, reporting_interval_ms, registered_at)
     select case when n <= $1 then 'BTS-' else 'LINK-' end || n, case when n <= $1 then 'bts' else 'link' end, 'device ' || n,
            (21000 + n % 96)::text, 'VNPT', case when n <= $1 then 'GW-' || n % 4 + 1 end, 15, 108, $2::integer, to_timestamp($3::float8 / 1000)
     from generate_series(1, $4::integer) n order by n`,
    [STATIONS, INTERVAL_MS, now - 400 * DAY, DEVICES],
  );
}

/** A year: four outages of a device and month, six blind spans of a gateway and month; connectivity changes to match. */
async function makeOutages(database: Database, now: number): Promise<void> {
  await database.execute(
    `insert into outage (device_id, began_at, ended_at, basis, detected_at)
     select d.id, at, at + interval '40 minutes' * random(), 'said', at
     from device d cross join generate_series(1, 48) as nth
     cross join lateral (select to_timestamp(($1::float8 - 365.0 * 86400000 * (nth - random() * 0.9) / 48) / 1000) as at) t`,
    [now],
  );
  await database.execute(
    `insert into blind_span (gateway_id, began_at, ended_at, reason)
     select g.id, at, at + interval '20 minutes' * random(), 'gatewaySilent'
     from gateway g cross join generate_series(1, 72) as nth
     cross join lateral (select to_timestamp(($1::float8 - 365.0 * 86400000 * (nth - random() * 0.9) / 72) / 1000) as at) t`,
    [now],
  );
  await database.execute(
    `insert into connectivity_change (device_no, at, connectivity, last_known, was_connectivity, was_known)
     select d.no, e.at, e.state, e.state, e.was, e.was
     from outage o join device d on d.id = o.device_id
     cross join lateral (values (o.began_at, 'down', 'up'), (o.ended_at, 'up', 'down')) as e (at, state, was)
     on conflict do nothing`,
  );
}

interface MadeReadings {
  readonly rows: number;
  /** How far back all stations reach; ms. */
  readonly allSpanMs: number;
  /** The first so many stations reach back further: so far, ms. */
  readonly longStations: number;
  readonly longSpanMs: number;
}

const INSERT_READINGS = `
  insert into bts_reading
  select d, at, at + interval '1 second', null, null, true, 54 + sin(extract(epoch from at) / 9000 + d)::real, 20 + d % 7, 100,
         30 + 5 * sin(extract(epoch from at) / 13000 + d)::real, false, 40 + 30 * sin(extract(epoch from at) / 14000)::real,
         (d * 7 + extract(epoch from at)::bigint / 60) % 200, 12.5, 1.3
  from generate_series(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000) - interval '1 millisecond', interval '10 seconds') at
  cross join generate_series(1, $3::integer) d
  order by at
  on conflict do nothing`;

async function makeReadings(
  database: Database,
  now: number,
  longSpanMs: number,
  { rows: wanted, minutes }: Options,
): Promise<MadeReadings> {
  const deadline = performance.now() + minutes * MINUTE;
  const began = performance.now();
  const longStations = Math.max(1, Math.min(10, Math.floor(wanted / 4 / ((longSpanMs / DAY) * READINGS_A_DAY))));
  await ensureDays(database, now - longSpanMs, now);
  let rows = 0;
  let allSpanMs = 0;
  // The few first, then all stations; both from the newest back.
  for (let to = now; to > now - longSpanMs && performance.now() < deadline; to -= 5 * DAY) {
    rows += await database.execute(INSERT_READINGS, [Math.max(to - 5 * DAY, now - longSpanMs), to, longStations]);
  }
  while (rows < wanted && allSpanMs < longSpanMs && performance.now() < deadline) {
    const to = now - allSpanMs;
    rows += await database.execute(INSERT_READINGS, [to - HOUR, to, STATIONS]);
    allSpanMs += HOUR;
    if (allSpanMs % (6 * HOUR) === 0)
      say(`  ${millions(rows)} rows after ${((performance.now() - began) / MINUTE).toFixed(1)} min`);
  }
  say(
    `${millions(rows)} rows generated at ${Math.round(rows / ((performance.now() - began) / 1000)).toLocaleString('en')} rows/s`,
  );
  return { rows, allSpanMs, longStations, longSpanMs };
}

async function ensureDays(database: Database, fromMs: number, toMs: number): Promise<void> {
  const [there] = await database.query<{ exists: boolean }>(
    `select to_regproc('ensure_reading_partitions') is not null as exists`,
  );
  if (there?.exists !== true) return;
  await database.query(
    `select ensure_reading_partitions('bts_reading', array(
       select generate_series(to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000), interval '1 day')))`,
    [fromMs, toMs],
  );
}

/** What the jobs would have done by now. */
async function settle(database: Database, policy: StoragePolicy, now: number): Promise<void> {
  if (policy.profile === 'timescale') {
    for (const width of ['5min', '1h', '1d']) {
      await timed(`roll-ups of ${width} made`, () =>
        database.execute(
          `call refresh_continuous_aggregate('bts_reading_rollup_${width}_1', null, to_timestamp(${(now - 10 * MINUTE) / 1000}))`,
        ),
      );
    }
    await timed('older chunks into the columnstore', () =>
      database.query(`select compress_chunk(c) from show_chunks('bts_reading', older_than => interval '7 days') c`),
    );
  }
  await timed('vacuum and analyze', () => database.execute('vacuum analyze'));
}

async function report(
  database: Database,
  url: string,
  policy: StoragePolicy,
  { rows, allSpanMs, longStations, longSpanMs }: MadeReadings,
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
    `readings: ${millions(rows)} rows; ${STATIONS} stations over ${allSpanMs / HOUR} h, ${longStations} of them over ${longSpanMs / DAY} days; 10 metrics, every 10 s`,
  );
  say('');
  say(`${'ms'.padEnd(58)}     min  median     p95     max`);
}

async function measureQueries(
  database: Database,
  now: number,
  { allSpanMs, longStations }: MadeReadings,
): Promise<void> {
  const settings = readConfig({});
  if (!settings.ok) throw new Error(settings.errors.join());
  const clock = scaledClock(now, 1, () => now);
  const app = await NestFactory.createApplicationContext(
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
  const anyStation = () => `BTS-${1 + ((turn++ * 997) % STATIONS)}`;
  const longStation = () => `BTS-${1 + (turn++ % longStations)}`;
  const chart = async (deviceId: string, spanMs: number, metrics: readonly string[] | null) => {
    const outcome = await readings.history({ deviceId, metrics, fromMs: now - spanMs, toMs: now, resolution: null });
    if (!outcome.ok || outcome.history.atMs.length === 0) throw new Error('the chart is empty');
  };
  const day = Math.min(DAY, allSpanMs);
  await sample('1 h of a station, raw, one metric', RUNS, () => chart(anyStation(), HOUR, ['dcVoltageV']));
  await sample(`${day / HOUR} h of a station, one metric`, RUNS, () => chart(anyStation(), day, ['dcVoltageV']));
  await sample(`${day / HOUR} h of a station, all ten metrics`, RUNS, () => chart(anyStation(), day, null));
  await sample('30 days of a station, one metric', RUNS, () => chart(longStation(), 30 * DAY, ['dcVoltageV']));
  await sample('a year of a station, one metric', RUNS, () => chart(longStation(), 365 * DAY, ['dcVoltageV']));
  await sample('a year of a station, all ten metrics', 10, () => chart(longStation(), 365 * DAY, null));
  await sample(`${day / HOUR} h of one metric of 20 stations`, 20, async () => {
    const deviceIds = Array.from({ length: 20 }, anyStation);
    const span = { fromMs: now - day, toMs: now, resolution: null };
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

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await work();
  say(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function millions(rows: number): string {
  return `${(rows / 1e6).toFixed(1)} million`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
