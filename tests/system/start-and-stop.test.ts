import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { processesOf, startConsoleProcess, type ConsoleProcess } from '../harness/console-process.js';
import { eventually } from '../harness/eventually.js';

let folder: string;
let dataDir: string;
let started: ConsoleProcess[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ioc-test-start-'));
  // As root another account runs PostgreSQL and must pass through.
  await chmod(folder, 0o755);
  dataDir = path.join(folder, 'data');
  started = [];
});

afterEach(async () => {
  for (const one of started) one.signal('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
  for (const { pid } of await processesOf(folder)) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(settings: Readonly<Record<string, string>> = {}): ConsoleProcess {
  const one = startConsoleProcess({ IOC_DATA_DIR: dataDir, IOC_SIMULATE: '0', ...settings });
  started.push(one);
  return one;
}

async function isReady(address: string): Promise<void> {
  expect((await fetch(`${address}/health/ready`)).status).toBe(200);
}

/** The one sentence of a start that fails. */
async function refusal(one: ConsoleProcess): Promise<string> {
  expect(await one.ended).toBe(1);
  const sentences = one
    .output()
    .trim()
    .split('\n')
    .filter((line) => !/^\d\d:\d\d:\d\d /.test(line));
  expect(sentences).toHaveLength(1);
  expect(one.output()).not.toMatch(/^\s+at /m);
  return sentences[0] ?? '';
}

test('a demo starts with its fleet and simulators, Ctrl-C leaves no process behind, and the data are there again', async () => {
  const first = start({ IOC_SIMULATE: '1' });
  const address = await first.address;
  expect(first.output()).toMatch(/Password/);
  expect(first.output()).toMatch(/simulated/);
  await eventually(() => isReady(address), { timeoutMs: 20_000 });
  const simulators = await childrenOf(first.pid, 'simulators/dist/main.js');
  expect(simulators).toHaveLength(1);
  await eventually(async () => expect(await readingsPerSecond(address)).toBeGreaterThan(10), { timeoutMs: 20_000 });
  expect((await stat(path.join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);

  first.signal('SIGINT');
  // npm and the terminal both pass a Ctrl-C on.
  first.signal('SIGINT');
  expect(await first.ended).toBe(0);
  expect(await processesOf(dataDir)).toEqual([]);
  expect(await stillRunning(simulators)).toEqual([]);

  const before = performance.now();
  const second = start();
  const again = await second.address;
  expect(performance.now() - before).toBeLessThan(8_000);
  const metrics = await (await fetch(`${again}/metrics`)).text();
  expect(metrics).toMatch(/ioc_devices\{class="link",connectivity="\w+"\} [1-9]/);
  expect(second.output()).not.toContain('Registering');
});

test('after a kill -9 the next start stops the PostgreSQL that was left and goes on; simulators end by themselves', async () => {
  const first = start({ IOC_SIMULATE: '1' });
  await first.address;
  const simulators = await eventually(async () => {
    const found = await childrenOf(first.pid, 'simulators/dist/main.js');
    expect(found).toHaveLength(1);
    return found;
  });
  first.signal('SIGKILL');
  await first.ended;
  expect((await processesOf(dataDir)).length).toBeGreaterThan(0);
  await eventually(async () => expect(await stillRunning(simulators)).toEqual([]));

  const second = start();
  await eventually(async () => isReady(await second.address), { timeoutMs: 30_000 });
  expect(second.output()).toContain('earlier run left behind');
});

test('an embedded PostgreSQL that dies is started again at the same address', async () => {
  const one = start();
  const address = await one.address;
  await eventually(() => isReady(address));
  const [postmaster] = (await readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(postmaster), 'SIGKILL');
  await eventually(async () => expect((await fetch(`${address}/health/ready`)).status).toBe(503));
  await eventually(() => isReady(address), { timeoutMs: 30_000 });
});

test('a second console on the same data folder is refused and the first goes on', async () => {
  const first = start();
  const address = await first.address;
  expect(await refusal(start())).toMatch(/Another console .* IOC_DATA_DIR/);
  await eventually(() => isReady(address));
});

test('a taken port gets one sentence that names the variable', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(taken.address());
  expect(await refusal(start({ IOC_HTTP_PORT: String(port) }))).toMatch(new RegExp(`Port ${port} .*IOC_HTTP_PORT`));
  expect(await refusal(start({ IOC_MQTT_PORT: String(port) }))).toMatch(new RegExp(`Port ${port} .*IOC_MQTT_PORT`));
  taken.close();
});

test('a data folder that cannot be written gets one sentence that names the variable', async () => {
  await writeFile(path.join(folder, 'file'), '');
  expect(await refusal(start({ IOC_DATA_DIR: path.join(folder, 'file', 'data') }))).toMatch(
    /cannot be written.*IOC_DATA_DIR/,
  );
});

test.runIf(process.getuid?.() === 0)(
  'below a private folder of root the data are kept where PostgreSQL can reach them',
  async () => {
    await chmod(folder, 0o700);
    const one = start();
    await one.address;
    const outside = await realpath(path.join(dataDir, 'postgres'));
    try {
      expect(outside).toMatch(/^\/var\/lib\/ioc-console\//);
      expect(one.output()).toContain(outside);
      one.signal('SIGTERM');
      expect(await one.ended).toBe(0);
      expect(await processesOf(outside)).toEqual([]);
    } finally {
      await rm(path.dirname(outside), { recursive: true });
    }
  },
);

test('data of another PostgreSQL version get one sentence that names both versions and the variable', async () => {
  await mkdir(path.join(dataDir, 'postgres'), { recursive: true });
  await writeFile(path.join(dataDir, 'postgres', 'PG_VERSION'), '15\n');
  expect(await refusal(start())).toMatch(/PostgreSQL 15 .*PostgreSQL 18.*IOC_DATA_DIR/);
});

test('a start that waits for its database ends at once when asked to, and tells no password', async () => {
  const one = start({ IOC_DATABASE_URL: 'postgres://nobody:very-secret-word@127.0.0.1:1/none' });
  await eventually(() => expect(one.output()).toContain('Waiting for the database'));
  const before = performance.now();
  one.signal('SIGTERM');
  expect(await one.ended).toBe(0);
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(one.output()).not.toContain('very-secret-word');
});

test('every bad setting is told by name, a misspelt one too', async () => {
  const one = start({ IOC_HTTP_PORT: 'eighty', IOC_MAX_BACKFILL: 'long', IOC_HTP_PORT: '80' });
  expect(await one.ended).toBe(1);
  expect(one.output()).toMatch(/^IOC_HTTP_PORT: /m);
  expect(one.output()).toMatch(/^IOC_MAX_BACKFILL: must be a duration/m);
  expect(one.output()).toMatch(/^IOC_HTP_PORT: there is no such setting$/m);
  expect(one.output()).not.toMatch(/^\s+at /m);
});

async function readingsPerSecond(address: string): Promise<number> {
  const readiness = z.object({ intake: z.object({ readingsPerS: z.number() }) });
  return readiness.parse(await (await fetch(`${address}/health/ready`)).json()).intake.readingsPerS;
}

async function childrenOf(parent: number, text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const { pid } of await processesOf(text)) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) === parent) found.push(pid);
  }
  return found;
}

async function stillRunning(pids: readonly number[]): Promise<readonly number[]> {
  const running = new Set((await processesOf('simulators/dist/main.js')).map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}
