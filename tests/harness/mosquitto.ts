import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';

const run = promisify(execFile);

const PROGRAMS = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];
const SHIPPED = path.resolve(import.meta.dirname, '../../deploy/mosquitto');

/** Where Mosquitto is installed; null when it is not. */
export const MOSQUITTO = PROGRAMS.find((file) => isExecutable(file)) ?? null;
/** For the name of a test that cannot run: says how it could. */
export const WITHOUT_MOSQUITTO =
  MOSQUITTO === null ? ' (skipped: Mosquitto is not installed, apt-get install mosquitto)' : '';

export interface TestMosquitto {
  /** As the intake; may read everything. */
  readonly intakeUrl: string;
  /** As a device; may write everything. */
  readonly deviceUrl: string;
  readonly anonymousUrl: string;
  /** When it last wrote its sessions and queues down; epoch ms. */
  savedAtMs(): Promise<number>;
  /** Ends it without a chance to save, and starts it again on the same data and port. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** Mosquitto with the configuration that we ship; only its paths and its port are this test's. */
export async function startMosquitto(): Promise<TestMosquitto> {
  const program = MOSQUITTO;
  if (program === null) throw new Error('Mosquitto is not installed');
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-test-mosquitto-'));
  // As root it drops its rights to an account of its own.
  await chmod(folder, 0o777);
  await mkdir(path.join(folder, 'data'));
  await chmod(path.join(folder, 'data'), 0o777);
  const passwords = path.join(folder, 'passwords');
  const accounts = { 'ioc-intake': 'intake-password', 'ioc-devices': 'devices-password' };
  await writeFile(passwords, '');
  for (const [user, password] of Object.entries(accounts))
    await run('mosquitto_passwd', ['-b', passwords, user, password]);
  await chmod(passwords, 0o644);
  await copyFile(path.join(SHIPPED, 'acl'), path.join(folder, 'acl'));
  const port = await freePort();
  const shipped = await readFile(path.join(SHIPPED, 'mosquitto.conf'), 'utf8');
  const configuration = shipped
    .replace('listener 1883', `listener ${port} 127.0.0.1`)
    .replace('/mosquitto/accounts/passwords', passwords)
    .replace('/mosquitto/config/acl', path.join(folder, 'acl'))
    .replace('/mosquitto/data/', `${path.join(folder, 'data')}/`);
  if (/\/mosquitto\/(accounts|config|data)/.test(configuration.replaceAll(/^#.*$/gm, ''))) {
    throw new Error('the shipped configuration has a path that this harness does not know');
  }
  const file = path.join(folder, 'mosquitto.conf');
  await writeFile(file, configuration);

  let child = await launch(program, file, port);
  const url = (credentials: string) => `mqtt://${credentials}127.0.0.1:${port}`;
  return {
    intakeUrl: url('ioc-intake:intake-password@'),
    deviceUrl: url('ioc-devices:devices-password@'),
    anonymousUrl: url(''),
    savedAtMs: async () => (await stat(path.join(folder, 'data', 'mosquitto.db'))).mtimeMs,
    killAndRestart: async () => {
      await end(child, 'SIGKILL');
      child = await launch(program, file, port);
    },
    stop: async () => {
      await end(child, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(program: string, file: string, port: number): Promise<ChildProcess> {
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => void said.push(chunk.toString('utf8')));
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`mosquitto ended at start: ${said.join('')}`);
    await connectable(port);
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await gone;
}

async function connectable(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
