import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@ioc/server/platform/database/migrate';
import { startEmbeddedPostgres } from '@ioc/server/platform/embedded/postgres';
import { createLogger } from '@ioc/server/platform/logging/logger';
import type { TestProject } from 'vitest/node';
import { administer, databaseAt, dropDatabases } from './database-admin.js';

/**
 * One PostgreSQL for a run of tests, started before the first file and gone after the last: the embedded one, or the server
 * at IOC_TEST_DATABASE_URL (a user that may create databases; without TimescaleDB). A migrated template is made once;
 * `freshDatabase()` copies it. Where IOC_TEST_TIMESCALE_URL names a server with TimescaleDB preloaded, it gets one too.
 */
declare module 'vitest' {
  interface ProvidedContext {
    /** The server, as a URL of its maintenance database. */
    readonly testDatabaseServerUrl: string;
    /** Null: the tests that need TimescaleDB are skipped. */
    readonly testTimescaleServerUrl: string | null;
    /** Prefix of every database of this run; what is left at its end is dropped. */
    readonly testDatabasePrefix: string;
  }
}

const FOLDER_PREFIX = 'ioc-test-postgres-';

/** What a crash would lose does not matter here, and a commit costs a tenth. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '200' };

interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['IOC_TEST_DATABASE_URL'] ?? '';
  const timescale = process.env['IOC_TEST_TIMESCALE_URL'] ?? '';
  const main = given === '' ? await startEmbedded() : { url: given, stop: () => Promise.resolve() };
  const serverUrls = timescale === '' ? [main.url] : [main.url, timescale];
  const prefix = `ioc_test_${randomBytes(4).toString('hex')}`;
  const tearDown = async () => {
    for (const url of serverUrls) await dropDatabases(url, prefix);
    await main.stop();
  };
  try {
    for (const url of serverUrls) {
      await administer(url, `create database ${prefix}_template template template0 encoding 'UTF8'`);
      await migrate(databaseAt(url, `${prefix}_template`));
      // Nobody looks in while it is copied, TimescaleDB's launcher neither: a template in use costs its copy five seconds.
      await administer(url, `alter database ${prefix}_template with allow_connections false`);
    }
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('testDatabaseServerUrl', main.url);
  project.provide('testTimescaleServerUrl', timescale === '' ? null : timescale);
  project.provide('testDatabasePrefix', prefix);
  return tearDown;
}

async function startEmbedded(): Promise<RunningServer> {
  await removeAbandoned();
  const folder = await mkdtemp(path.join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  // Another user than root's own runs the server and must pass through.
  await chmod(folder, 0o755);
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({
      dataDir: folder,
      logger: createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined }),
      settings: SETTINGS,
    });
    return {
      url: server.url,
      stop: async () => {
        await server.stop();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
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
      (await readFile(path.join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0],
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
