import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '@ioc/server/config/config';
import { startConsole } from '@ioc/server/console';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { startEmbeddedPostgres } from '@ioc/server/platform/embedded/postgres';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import { build } from 'vite';
import { MOSQUITTO } from '../harness/mosquitto.js';
import { measureRound, type Consumer, type Load, type Round, type Stand } from './intake-round.js';

// Durable messages and values per second: the console's intake against a bare loop on the same broker and the same database, in
// turns. Publisher, broker, server and database share the machine. With the embedded broker the bare loop has it in its own
// process, as the server does: its acknowledgements wait for the commit in the same way.

const READINGS_PER_BATCH = 250;
const METRICS = 10;
const GATEWAY = 'GW-VNPT';
const BUILT = path.resolve(import.meta.dirname, '../dist/bench');
const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      broker: { type: 'string', default: MOSQUITTO === null ? 'embedded' : 'mosquitto' },
      rounds: { type: 'string', default: '3' },
      singles: { type: 'string', default: '300000' },
      batches: { type: 'string', default: '600' },
      // CPU profiles of both consumers, every round, into this folder.
      profiles: { type: 'string' },
    },
  });
  const { broker } = values;
  if (broker !== 'mosquitto' && broker !== 'embedded') throw new Error('--broker is mosquitto or embedded');
  if (broker === 'mosquitto' && MOSQUITTO === null) {
    throw new Error('Mosquitto is not installed (apt-get install mosquitto); --broker embedded goes without');
  }
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; ` +
      `broker: ${broker === 'mosquitto' ? 'Mosquitto' : 'embedded, in the consumer’s process'}`,
  );
  await buildProcesses();
  if (values.profiles !== undefined) await mkdir(values.profiles, { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir: folder, logger: silent });
  try {
    await fillRegister(postgres.url, folder);
    const stand: Stand = {
      broker,
      databaseUrl: postgres.url,
      folder,
      built: BUILT,
      profiles: values.profiles === undefined ? null : path.resolve(values.profiles),
    };
    const stations = generateFleet().devices.filter(({ gateway }) => gateway !== null);
    const load = { gateway: GATEWAY, readingsPerBatch: READINGS_PER_BATCH };
    const rounds = Number(values.rounds);
    const singles = Number(values.singles);
    await measure({ ...load, kind: 'single', ...withWarmUp(singles), devices: stations }, rounds, stand);
    const ofGateway = stations.filter(({ gateway }) => gateway === GATEWAY);
    const batches = Number(values.batches);
    await measure({ ...load, kind: 'batch', ...withWarmUp(batches), devices: ofGateway }, rounds, stand);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function withWarmUp(messages: number): Pick<Load, 'messages' | 'warmUp'> {
  return { messages, warmUp: Math.ceil(messages / 3) };
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

async function measure(load: Load, rounds: number, stand: Stand): Promise<void> {
  const results: Readonly<Record<Consumer, Round[]>> = { bare: [], server: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const consumer of round % 2 === 0 ? (['bare', 'server'] as const) : (['server', 'bare'] as const)) {
      results[consumer].push(await measureRound(consumer, load, stand));
    }
  }
  const what = load.kind === 'single' ? 'single messages' : `batches of ${READINGS_PER_BATCH} readings`;
  console.log(`\n${what}, ${METRICS} metrics each, after ${load.warmUp} to warm up; min / median / max`);
  for (const consumer of ['bare', 'server'] as const) report(consumer, results[consumer]);
  const ratio = (pick: (round: Round, consumer: Consumer) => number) =>
    median(results.server.map((round) => pick(round, 'server'))) /
    median(results.bare.map((round) => pick(round, 'bare')));
  console.log(
    `  server / bare loop: ${ratio(messagesPerS).toFixed(2)} of its messages/s, ` +
      `${ratio((round, consumer) => cpuUs(round, consumer)).toFixed(2)} times its CPU`,
  );
}

function report(consumer: Consumer, rounds: readonly Round[]): void {
  const show = (name: string, pick: (round: Round) => number, digits = 0) =>
    `${name} ${spread(rounds.map(pick), digits)}`;
  console.log(
    `  ${consumer.padEnd(6)} ${show('messages/s', messagesPerS)} · ` +
      `${show('values/s', ({ readings, elapsedS }) => (readings * METRICS) / elapsedS)} · ` +
      `${show('µs CPU/message', (round) => cpuUs(round, consumer), 1)} · ${show('MiB', (round) => round.residentMib)}`,
  );
  const share = (s: (round: Round) => number) => median(rounds.map((round) => (100 * s(round)) / round.elapsedS));
  const parts = ['publisher', ...(rounds.some(({ used }) => used.has('mosquitto')) ? ['mosquitto'] : [])];
  const shares = [...parts, consumer, 'postgres'].map((part) => ({
    part,
    of: share(({ used }) => used.get(part) ?? 0),
  }));
  const others = share(({ othersS }) => othersS);
  console.log(
    `         CPU, % of a core: ${shares.map(({ part, of }) => `${part} ${of.toFixed(0)}`).join(', ')}, ` +
      `everything else on the machine ${others.toFixed(0)}; limit: ${limitOf(shares, others)}`,
  );
}

/** A process that does its work on one thread can use a core and little more. */
const NEARLY_A_CORE = 85;

function limitOf(shares: readonly { readonly part: string; readonly of: number }[], others: number): string {
  const largest = shares.reduce((a, b) => (b.of > a.of ? b : a));
  if (largest.of >= NEARLY_A_CORE) return `${largest.part}, which fills a core`;
  const all = shares.reduce((sum, { of }) => sum + of, others);
  const cores = availableParallelism();
  if (all >= NEARLY_A_CORE * cores) return `the ${cores} cores together, most of it ${largest.part}`;
  return `no core: the turns between ${largest.part} and the others, and the commit’s way to the disk`;
}

function messagesPerS({ messages, elapsedS }: Round): number {
  return messages / elapsedS;
}

/** CPU time of the consumer, µs per message. */
function cpuUs({ used, messages }: Round, consumer: Consumer): number {
  return ((used.get(consumer) ?? 0) / messages) * 1e6;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function spread(values: readonly number[], digits: number): string {
  const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits });
  return `${show(Math.min(...values))} / ${show(median(values))} / ${show(Math.max(...values))}`;
}
