import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { errorCode, StartError } from '../start-error.js';
import { unwritable } from './data-folder.js';
import { canReach, type PostgresAccount } from './postgres-account.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { childEnvironment } from './postgres-environment.js';

/**
 * `postgres` in the data folder; below a private folder of root, where the account cannot get to it, a folder under
 * /var/lib that `postgres` links to.
 */
export async function clusterFolder(
  dataDir: string,
  account: PostgresAccount | null,
  sharedFolder: string,
  logger: Logger,
): Promise<string> {
  const inside = path.join(dataDir, 'postgres');
  if (account === null || (await canReach(dataDir, account))) return inside;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const outside = path.join(sharedFolder, `data-${name}`, 'postgres');
  try {
    await mkdir(path.dirname(outside), { recursive: true, mode: 0o755 });
    if ((await readlink(inside).catch(() => null)) !== outside) await symlink(outside, inside);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unwritable(path.dirname(outside), error);
    throw new StartError(
      `PostgreSQL cannot run as root and its account cannot reach ${inside}, below a private folder: start the console as the folder's owner, or set IOC_DATA_DIR to another folder.`,
      { cause: error },
    );
  }
  logger.info(
    `PostgreSQL cannot run as root nor reach ${dataDir}: its data are kept in ${outside} (set IOC_DATA_DIR to choose another folder)`,
  );
  return outside;
}

export async function dataVersion(cluster: string): Promise<number | null> {
  const text = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw unwritable(cluster, error);
  });
  return text === null ? null : Number(text);
}

export async function refuseOtherVersion(cluster: string, dataDir: string, binaries: PostgresBinaries): Promise<void> {
  const version = await dataVersion(cluster);
  if (version === null || version === binaries.majorVersion) return;
  throw new StartError(
    `The data folder ${dataDir} holds data of PostgreSQL ${version} and this console brings PostgreSQL ${binaries.majorVersion}: set IOC_DATA_DIR to another folder, or IOC_DATABASE_URL to a server that can open it.`,
  );
}

export async function keptPassword(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'postgres-password');
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw unwritable(file, error);
  });
  if (kept.trim() !== '') return kept.trim();
  const made = randomBytes(24).toString('base64url');
  await writeFile(file, `${made}\n`, { mode: 0o600 }).catch((error: unknown) => {
    throw unwritable(dataDir, error);
  });
  return made;
}

/** Makes the cluster, whole or not at all. */
export async function initialise(
  cluster: string,
  user: string,
  password: string,
  account: PostgresAccount | null,
  binaries: PostgresBinaries,
  logger: Logger,
): Promise<void> {
  // Under another name until it is whole: an interrupted start leaves nothing that looks like a database.
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = `${cluster}.pwfile`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account !== null) {
      await chown(unfinished, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    // Sorting by code point, lower and upper case by Unicode: the same on every machine.
    await runToEnd(
      binaries.initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${user}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      account,
      logger,
    );
    await rm(cluster, { recursive: true, force: true });
    await rename(unfinished, cluster);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof StartError || errorCode(error) === null) throw error;
    throw unwritable(path.dirname(cluster), error);
  } finally {
    await rm(passwordFile, { force: true }).catch(() => undefined);
  }
}

async function runToEnd(
  file: string,
  args: readonly string[],
  account: PostgresAccount | null,
  logger: Logger,
): Promise<void> {
  const output: string[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(file, args, {
      ...account,
      detached: true,
      env: childEnvironment(),
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => void output.push(chunk.toString('utf8'));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', resolve);
  });
  logger.debug({ output: output.join('').slice(-2_000) }, 'initdb has run');
  if (code === 0) return;
  const reason = output.join('').trim().split('\n').at(-1) ?? 'no reason was given';
  throw new StartError(
    `The embedded database could not be made (${reason}): set IOC_DATA_DIR to another folder, or IOC_DATABASE_URL to a PostgreSQL of your own.`,
  );
}
