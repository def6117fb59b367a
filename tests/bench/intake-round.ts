import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { eventually } from '../harness/eventually.js';
import { startMosquitto } from '../harness/mosquitto.js';
import type { PublishJob } from './intake-publisher.js';
import { cpuByProgram, machineBusyS, residentMib } from './process-usage.js';

/** Most messages that wait for their acknowledgement. */
const WINDOW = 4_000;
const ROOT = path.resolve(import.meta.dirname, '../..');

/** Where every round finds its database and the built programs. */
export interface Stand {
  readonly broker: 'mosquitto' | 'embedded';
  readonly databaseUrl: string;
  readonly folder: string;
  /** Folder of intake-publisher.mjs and intake-bare-loop.mjs. */
  readonly built: string;
  /** Folder for a CPU profile of every consumer; null: none are taken. */
  readonly profiles: string | null;
}

export type Consumer = 'bare' | 'server';

export interface Load {
  readonly kind: PublishJob['kind'];
  /** Published and stored before the clock starts: a server runs for months, and not only while it is being compiled. */
  readonly warmUp: number;
  readonly messages: number;
  readonly devices: readonly { readonly commune: string; readonly deviceClass: string; readonly id: string }[];
  readonly gateway: string;
  readonly readingsPerBatch: number;
}

export interface Round {
  readonly messages: number;
  readonly readings: number;
  readonly elapsedS: number;
  /** CPU seconds by part: `publisher`, `bare` or `server`, `mosquitto`, `postgres`. */
  readonly used: ReadonlyMap<string, number>;
  /** CPU seconds of everything else on the machine. */
  readonly othersS: number;
  readonly residentMib: number;
}

interface Process {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
}

/** One consumer, started anew with a broker and an empty table of its own, takes a load; over when the last row can be read. */
export async function measureRound(consumer: Consumer, load: Load, stand: Stand): Promise<Round> {
  const database = new pg.Client({ connectionString: stand.databaseUrl });
  await database.connect();
  // A broker of its own for every round: it keeps what it queues for a consumer that is away.
  const mosquitto = stand.broker === 'mosquitto' ? await startMosquitto() : null;
  const port = await freePort();
  const intakeUrl = mosquitto?.intakeUrl ?? null;
  const children: ChildProcess[] = [];
  try {
    await database.query('truncate bts_reading');
    await database.query('checkpoint');
    const server = consumer === 'bare' ? startBare(stand, intakeUrl, port) : await startServer(stand, intakeUrl, port);
    children.push(server.child);
    await server.ready;
    const publisher = fork(path.join(stand.built, 'intake-publisher.mjs'), [
      mosquitto?.deviceUrl ?? `mqtt://127.0.0.1:${port}`,
      load.kind === 'single' ? String(WINDOW) : '40',
    ]);
    children.push(publisher);
    await said(publisher, 'ready');
    await publish(publisher, database, load, load.warmUp);
    await database.query('checkpoint');

    const names = new Map([
      [server.child.pid ?? 0, consumer],
      [publisher.pid ?? 0, 'publisher'],
    ]);
    const before = { used: await cpuByProgram(names), busyS: await machineBusyS() };
    const started = performance.now();
    await publish(publisher, database, load, load.messages);
    const elapsedS = (performance.now() - started) / 1_000;
    const after = { used: await cpuByProgram(names), busyS: await machineBusyS() };
    const memoryMib = await residentMib(server.child.pid ?? 0);

    const perMessage = load.kind === 'single' ? 1 : load.readingsPerBatch;
    await requireRows(database, (load.warmUp + load.messages) * perMessage);
    const used = new Map([...after.used].map(([name, s]) => [name, s - (before.used.get(name) ?? 0)]));
    const ours = [...used.values()].reduce((sum, s) => sum + s, 0);
    return {
      messages: load.messages,
      readings: load.messages * perMessage,
      elapsedS,
      used,
      othersS: Math.max(0, after.busyS - before.busyS - ours),
      residentMib: memoryMib,
    };
  } finally {
    for (const child of children.reverse()) await ended(child);
    await mosquitto?.stop();
    await database.end();
  }
}

/** Publishes so many messages, and waits until the last of their readings is a row. */
async function publish(publisher: ChildProcess, database: pg.Client, load: Load, messages: number): Promise<void> {
  const { kind, devices, gateway, readingsPerBatch } = load;
  const job: PublishJob = {
    kind,
    messages,
    devices: devices.map((device) => `${device.commune}/${device.deviceClass}/${device.id}`),
    gateway,
    readingsPerBatch,
    fromMs: Date.now(),
  };
  const last = messages * (kind === 'single' ? 1 : readingsPerBatch) - 1;
  const device = devices[last % devices.length]?.id;
  const atMs = job.fromMs + Math.floor(last / devices.length);
  const published = said(publisher, 'done');
  publisher.send(job);
  await published;
  // By its key: to count the rows again and again would cost a part of what is measured.
  await eventually(
    async () => {
      const { rowCount } = await database.query(
        `select from bts_reading where device_no = (select no from device where id = $1)
         and at = to_timestamp($2::double precision / 1000)`,
        [device, atMs],
      );
      if (rowCount !== 1) throw new Error('the last reading is not stored');
    },
    { timeoutMs: 60_000, everyMs: 10 },
  );
}

async function requireRows(database: pg.Client, wanted: number): Promise<void> {
  const { rows } = await database.query<{ count: number }>('select count(*)::int4 as count from bts_reading');
  if (rows[0]?.count !== wanted) throw new Error(`${rows[0]?.count ?? 0} of ${wanted} readings were stored`);
}

function startBare(stand: Stand, intakeUrl: string | null, port: number): Process {
  const broker = intakeUrl ?? `embedded:${port}`;
  const child = fork(path.join(stand.built, 'intake-bare-loop.mjs'), [broker, stand.databaseUrl, String(WINDOW)], {
    execArgv: profiled(stand),
  });
  return { child, ready: said(child, 'ready') };
}

/** The console as it is run, on the same broker and database. */
async function startServer(stand: Stand, intakeUrl: string | null, mqttPort: number): Promise<Process> {
  const port = await freePort();
  const child = fork(path.join(ROOT, 'server/dist/main.js'), [], {
    execArgv: profiled(stand),
    env: {
      PATH: process.env['PATH'] ?? '',
      IOC_HTTP_PORT: String(port),
      ...(intakeUrl === null ? { IOC_MQTT_PORT: String(mqttPort) } : { IOC_MQTT_URL: intakeUrl }),
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

function profiled({ profiles }: Stand): string[] {
  return profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      if (typeof message !== 'object' || message === null || !(word in message)) return;
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve();
    };
    const onExit = () => reject(new Error('a process of the bench ended'));
    child.on('message', onMessage);
    child.once('exit', onExit);
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
