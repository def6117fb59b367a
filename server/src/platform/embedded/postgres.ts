import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { errorCode, StartError } from '../start-error.js';
import { isAlive } from './data-folder.js';
import { postgresAccount } from './postgres-account.js';
import { postgresBinaries } from './postgres-binaries.js';
import { clusterFolder, dataVersion, initialise, keptPassword, refuseOtherVersion } from './postgres-cluster.js';
import { PostgresProcess } from './postgres-process.js';

/** Where root's console keeps what another user must reach. */
const SHARED_FOLDER = '/var/lib/ioc-console';
const DATABASE = 'ioc';
const USER = 'ioc';

const STOP_TIMEOUT_MS = 20_000;

/**
 * Durability is never traded here: an acknowledged reading is committed. The rest suits a machine that also carries the
 * server, the broker and the simulators.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '192MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  jit: 'off',
  log_min_messages: 'warning',
};

export interface EmbeddedPostgres {
  /** With the password: never to be logged. */
  readonly url: string;
  readonly majorVersion: number;
  /** Ends it in order; connections that are still open are closed. */
  stop(): Promise<void>;
  /** Ends it at once, for a process that is about to exit; the next start recovers. */
  kill(): void;
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  /** Settings of PostgreSQL itself, over ours: what tests need not keep through a crash. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the PostgreSQL of the data folder, making it the first time. It listens on loopback only, with a password of its
 * own that is kept beside it with mode 600. One that outlived a killed console is stopped first; one that dies is started
 * again at the same address.
 *
 * @throws StartError when the folder cannot be used: unwritable, or with the data of another PostgreSQL version.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger } = options;
  const dataDir = path.resolve(options.dataDir);
  const account = await postgresAccount();
  const binaries = await postgresBinaries(account, SHARED_FOLDER);
  const cluster = await clusterFolder(dataDir, account, SHARED_FOLDER, logger);
  await refuseOtherVersion(cluster, dataDir, binaries);
  const password = await keptPassword(dataDir);
  await stopSurvivor(cluster, logger);
  if ((await dataVersion(cluster)) === null) {
    logger.info('Creating the embedded database (a few seconds, the first time only)');
    await initialise(cluster, USER, password, account, binaries, logger);
  }
  const server = new PostgresProcess(cluster, account, binaries, { ...SETTINGS, ...options.settings }, logger);
  await server.start();
  const url = `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${server.port}`;
  try {
    await createDatabase(`${url}/postgres`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    url: `${url}/${DATABASE}`,
    majorVersion: binaries.majorVersion,
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}

/** A console that was killed leaves its PostgreSQL running: it is ended in order, so that nothing has to be recovered. */
async function stopSurvivor(cluster: string, logger: Logger): Promise<void> {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!(pid > 0) || !(await isPostgresOf(pid, cluster))) return;
  logger.info('Stopping the embedded PostgreSQL that an earlier run left behind');
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (!(await isPostgresOf(pid, cluster))) return;
      await delay(50);
    }
  }
  throw new StartError(
    `The PostgreSQL that an earlier run left behind (process ${pid}) does not stop: end it, or set IOC_DATA_DIR to another folder.`,
  );
}

/** The number may be another process's by now: only the one that runs on this folder is stopped. */
async function isPostgresOf(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  // Empty for a process that has ended and that nobody has taken note of.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  // Without /proc the lock of the data folder is all there is to go by.
  return commandLine === null ? process.platform !== 'linux' : commandLine.split('\0').includes(cluster);
}

async function createDatabase(maintenanceUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  // Without a listener a server that goes away ends the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`create database ${DATABASE}`).catch((error: unknown) => {
      const duplicateDatabase = '42P04';
      if (errorCode(error) !== duplicateDatabase) throw error;
    });
  } finally {
    await client.end();
  }
}
