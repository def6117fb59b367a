import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, StartError } from '../start-error.js';

/** Search right for group and others. */
const PASSABLE = 0o011;

/**
 * Makes the data folder, ours alone. As root the account that PostgreSQL runs as must pass through it to its own part; what
 * is secret in it has a mode of its own.
 */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (process.getuid?.() !== 0) return;
    const { mode } = await stat(dataDir);
    if ((mode & PASSABLE) !== PASSABLE) await chmod(dataDir, (mode & 0o777) | PASSABLE);
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

/**
 * One console per data folder. The file holds the owner's process number and its start time, so that a number which the
 * system has given to another process meanwhile is not taken for a living console.
 *
 * @returns the function that gives the folder back.
 * @throws StartError while another console has it, or when the folder cannot be written.
 */
export async function lockDataFolder(dataDir: string): Promise<() => Promise<void>> {
  const file = path.join(dataDir, 'console.pid');
  const mine = `${process.pid} ${await startTimeOf(process.pid)}\n`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFile(file, mine, { flag: 'wx', mode: 0o600 });
      return () => rm(file, { force: true });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw unwritable(dataDir, error);
    }
    const theirs = await readFile(file, 'utf8').catch(() => '');
    const pid = Number(theirs.split(' ')[0]);
    const isRunning = theirs !== mine && pid > 0 && isAlive(pid) && theirs === `${pid} ${await startTimeOf(pid)}\n`;
    if (isRunning || attempt === 3) {
      throw new StartError(
        `Another console (process ${pid}) is using the data folder ${dataDir}: stop it, or set IOC_DATA_DIR to another folder.`,
      );
    }
    await rm(file, { force: true });
  }
}

/** The sentence for a data folder that cannot be written. */
export function unwritable(dataDir: string, cause: unknown): StartError {
  return new StartError(
    `The data folder ${dataDir} cannot be written (${errorCode(cause) ?? String(cause)}): set IOC_DATA_DIR to a folder that can.`,
    { cause },
  );
}

/** Whether there is such a process, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Clock ticks since boot at which the process began; "?" where the system does not say. */
async function startTimeOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold spaces; what follows it begins with field 3, and the start time is field 22.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '?';
}
