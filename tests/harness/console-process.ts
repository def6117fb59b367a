import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const PROGRAM = path.resolve(import.meta.dirname, '../../server/dist/main.js');
const START_TIMEOUT_MS = 60_000;

export interface ConsoleProcess {
  readonly pid: number;
  /** Everything that it wrote, both streams. */
  output(): string;
  /** Resolves with the address once it says where it is; rejects when it ends before. */
  readonly address: Promise<string>;
  /** Resolves when it has ended: the exit code, or null after a signal that it did not handle. */
  readonly ended: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
}

/**
 * The console as an operator starts it: the built server, a process of its own. Settings of this test's environment do not
 * reach it; ports are free ones unless told.
 */
export function startConsoleProcess(
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): ConsoleProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(IOC_|VITEST|NODE_)/.test(name));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...Object.fromEntries(inherited), IOC_HTTP_PORT: '0', IOC_MQTT_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const address = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no address within ${START_TIMEOUT_MS} ms:\n${text}`)),
      START_TIMEOUT_MS,
    );
    const take = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const found = /The console is at (http:\S+)/.exec(text)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void ended.then((code) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${String(code)}:\n${text}`));
    });
  });
  // Tests of starts that fail do not ask for it.
  address.catch(() => undefined);
  return { pid: pidOf(child), output: () => text, address, ended, signal: (signal) => void child.kill(signal) };
}

/** Processes that have this text in their command line or are a child of that process; what has ended is not counted. */
export async function processesOf(
  text: string,
): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    if (command.includes(text)) found.push({ pid: Number(entry), command });
  }
  return found;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the console could not be started');
  return child.pid;
}
