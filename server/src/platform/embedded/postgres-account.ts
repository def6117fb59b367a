import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../start-error.js';

const run = promisify(execFile);

const ACCOUNT = 'postgres';

/** Whom PostgreSQL runs as when it cannot run as us; null: as ourselves. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root: root's console runs it as `postgres`, which is made when the machine has none.
 *
 * @throws StartError when the account neither exists nor can be made.
 */
export async function postgresAccount(): Promise<PostgresAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await lookUp();
  if (existing !== null) return existing;
  await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', ACCOUNT]).catch(
    () => run('adduser', ['-S', '-D', '-H', ACCOUNT]).catch(() => null),
  );
  const made = await lookUp();
  if (made === null) {
    throw new StartError(
      `PostgreSQL cannot run as root and the user "${ACCOUNT}" cannot be made: start the console as another user, or set IOC_DATABASE_URL.`,
    );
  }
  return made;
}

async function lookUp(): Promise<PostgresAccount | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', ACCOUNT]), run('id', ['-g', ACCOUNT])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/** Whether the account may pass through every folder down to this one (which need not exist yet). */
export async function canReach(folder: string, account: PostgresAccount): Promise<boolean> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const found = await stat(current).catch(() => null);
    if (found !== null) {
      const searchBit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001;
      if ((found.mode & searchBit) === 0) return false;
    }
    if (current === path.dirname(current)) return true;
  }
}
