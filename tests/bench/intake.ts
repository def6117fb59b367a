import { fork, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '@ioc/server/config/config';
import { startConsole } from '@ioc/server/console';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { startEmbeddedPostgres } from '@ioc/server/platform/embedded/postgres';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { build } from 'vite';
import { MOSQUITTO, startMosquitto, type TestMosquitto } from '../harness/mosquitto.js';
import { eventually } from '../harness/eventually.js';
import type { PublishJob } from './intake-publisher.js';
import { cpuByProgram, residentMib } from './process-usage.js';

// Durable messages and values per second: the console's intake against a bare loop on the same broker and the same database, in
// turns. Publisher, broker, server and database share the machine. A round is over when its last row can be read.

const WINDOW = 4_000;
const READINGS_PER_BATCH = 250;
const METRICS = 10;
const GATEWAY = 'GW-VNPT';
const ROOT = path.resolve(import.meta.dirname, '../..');
const BUILT = path.join(ROOT, 'tests/dist/bench');
const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });

interface Round {
  readonly messagesPerS: number;
  readonly valuesPerS: number;
  /** CPU time of the consumer, µs per message. */
  readonly cpuUs: number;
  readonly residentMib: number;
  /** CPU seconds by program. */
  readonly used: ReadonlyMap<string, number>;
  readonly elapsedS: number;
}

interface Stand {
  readonly databaseUrl: string;
  readonly folder: string;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      singles: { type: 'string', default: '60000' },
      batches: { type: 'string', default: '400' },
    },
  });
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  if (MOSQUITTO === null)
    throw new Error('This bench needs Mosquitto: a bare loop cannot stand behind the embedded broker.');
  await buildProcesses();
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, logger: silent });
  const mosquitto = await startMosquitto();
  try {
    await fillRegister(postgres.url, folder);
    const stand = {
      brokerUrl: mosquitto.intakeUrl,
      publishUrl: mosquitto.deviceUrl,
      databaseUrl: postgres.url,
      folder,
    };
    await measure('single', Number(values.singles), Number(values.rounds), stand);
    await measure('batch', Number(values.batches), Number(values.rounds), stand);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is measured runs as plain JavaScript in processes of its own. */
async function buildProcesses(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: BUILT,
      emptyOutDir: true,
      rollupOptions: {
        input: ['intake-publisher', 'intake-bare-loop'].map((name) => path.join(import.meta.dirname, `${name}.ts`)),
        output: { entryFileNames: '[name].mjs' },
      },
    },
    ssr: { external: ['@ioc/contract', '@ioc/server'] },
  });
}

async function fillRegister(databaseUrl: string, folder: string): Promise<void> {
  const read = readConfig({
    IOC_HTTP_PORT: '0',
    IOC_MQTT_PORT: '0',
    IOC_DATABASE_URL: databaseUrl,
    IOC_DATA_DIR: path.join(folder, 'fill'),
    IOC_SIMULATE: '0',
  });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const console = await startConsole(read.config, { logger: silent });
  const outcome = await console.app
    .get(DevicesService)
    .importCsv(fleetCsv(generateFleet()), { dryRun: false, actor: 'bench' });
  await console.stop();
  if (!outcome.ok) throw new Error('the fleet was refused');
}

async function measure(kind: PublishJob['kind'], messages: number, rounds: number, stand: Stand): Promise<void> {
  const results = { bare: [] as Round[], intake: [] as Round[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const consumer of round % 2 === 0 ? (['bare', 'intake'] as const) : (['intake', 'bare'] as const)) {
      results[consumer].push(await oneRound(consumer, kind, messages, stand));
    }
  }
  console.log(
    `\n${kind === 'single' ? 'single messages' : `batches of ${READINGS_PER_BATCH} readings`}, ${METRICS} metrics each`,
  );
  for (const [consumer, list] of Object.entries(results)) {
    const show = (name: string, pick: (round: Round) => number, digits = 0) =>
      `${name} ${spread(list.map(pick), digits)}`;
    console.log(
      `  ${consumer.padEnd(6)} ${show('messages/s', (r) => r.messagesPerS)} · ${show('values/s', (r) => r.valuesPerS)} · ` +
        `${show('µs CPU/message', (r) => r.cpuUs, 1)} · ${show('MiB', (r) => r.residentMib)}`,
    );
    const last = list.at(-1);
    const share = [...(last?.used ?? [])].map(
      ([name, s]) => `${name} ${((100 * s) / (last?.elapsedS ?? 1)).toFixed(0)} %`,
    );
    console.log(`         CPU of one core in the last round: ${share.join(', ')}`);
  }
  const ratio = median(results.intake.map((r) => r.messagesPerS)) / median(results.bare.map((r) => r.messagesPerS));
  console.log(`  intake / bare loop: ${ratio.toFixed(2)}`);
}

async function oneRound(
  consumer: 'bare' | 'intake',
  kind: PublishJob['kind'],
  messages: number,
  stand: Stand,
): Promise<Round> {
  const database = new pg.Client({ connectionString: stand.databaseUrl });
  await database.connect();
  await database.query('truncate bts_reading');
  await database.query('checkpoint');
  const devices = generateFleet().devices.filter(({ gateway }) =>
    kind === 'single' ? gateway !== null : gateway === GATEWAY,
  );
  // A broker of its own for every round: it keeps what it queues for a consumer that is away.
  const broker = await startMosquitto();
  const server = consumer === 'bare' ? startBare(stand, broker) : await startServer(stand, broker);
  const publisher = fork(path.join(BUILT, 'intake-publisher.mjs'), [
    broker.deviceUrl,
    kind === 'single' ? '4000' : '40',
  ]);
  try {
    await Promise.all([server.ready, said(publisher, 'ready')]);
    const names = new Map([
      [server.child.pid ?? 0, consumer],
      [publisher.pid ?? 0, 'publisher'],
    ]);
    const wanted = kind === 'single' ? messages : messages * READINGS_PER_BATCH;
    const before = await cpuByProgram(names);
    const started = performance.now();
    const job: PublishJob = {
      kind,
      messages,
      devices: devices.map((device) => `${device.commune}/${device.deviceClass}/${device.id}`),
      gateway: GATEWAY,
      readingsPerBatch: READINGS_PER_BATCH,
      fromMs: Date.now(),
    };
    publisher.send(job);
    await eventually(
      async () => {
        const { rows } = await database.query<{ count: number }>('select count(*)::int4 as count from bts_reading');
        if (rows[0]?.count !== wanted) throw new Error(`${rows[0]?.count ?? 0} of ${wanted} rows`);
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
    const elapsedS = (performance.now() - started) / 1_000;
    const after = await cpuByProgram(names);
    const used = new Map([...after].map(([name, s]) => [name, s - (before.get(name) ?? 0)]));
    return {
      messagesPerS: messages / elapsedS,
      valuesPerS: (wanted * METRICS) / elapsedS,
      cpuUs: ((used.get(consumer) ?? 0) / messages) * 1e6,
      residentMib: await residentMib(server.child.pid ?? 0),
      used,
      elapsedS,
    };
  } finally {
    await ended(publisher);
    await ended(server.child);
    await broker.stop();
    await database.end();
  }
}

function startBare(
  stand: Stand,
  broker: TestMosquitto,
): { readonly child: ChildProcess; readonly ready: Promise<void> } {
  const child = fork(path.join(BUILT, 'intake-bare-loop.mjs'), [broker.intakeUrl, stand.databaseUrl, String(WINDOW)]);
  return { child, ready: said(child, 'ready') };
}

/** The console as it is run, on the same broker and database. */
async function startServer(
  stand: Stand,
  broker: TestMosquitto,
): Promise<{ readonly child: ChildProcess; readonly ready: Promise<void> }> {
  const port = await freePort();
  const child = fork(path.join(ROOT, 'server/dist/main.js'), [], {
    execArgv: process.env['IOC_BENCH_PROFILE'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${BUILT}`],
    env: {
      PATH: process.env['PATH'] ?? '',
      IOC_HTTP_PORT: String(port),
      IOC_MQTT_URL: broker.intakeUrl,
      IOC_DATABASE_URL: stand.databaseUrl,
      IOC_DATA_DIR: path.join(stand.folder, 'server'),
      IOC_SIMULATE: '0',
      IOC_INTAKE_WINDOW: String(WINDOW),
      IOC_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = eventually(
    async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
      if (!answer.ok) throw new Error(await answer.text());
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  return { child, ready };
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && word in message) resolve();
    });
    child.once('exit', () => reject(new Error('a process of the bench ended')));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await gone;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address !== 'object') throw new Error('no free port');
  return address.port;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function spread(values: readonly number[], digits: number): string {
  const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits });
  return `${show(Math.min(...values))} / ${show(median(values))} / ${show(Math.max(...values))}`;
}
