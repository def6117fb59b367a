import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { StartError } from '../start-error.js';
import { freePort } from '../web/port.js';
import type { PostgresAccount } from './postgres-account.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { childEnvironment } from './postgres-environment.js';

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const RESTART_DELAYS_MS = [250, 500, 1_000, 2_000, 5_000, 10_000];

/** The running server: started, watched, started again when it dies, stopped. */
export class PostgresProcess {
  port = 0;
  #child: ChildProcess | null = null;
  #stopping = false;
  /** The last lines that it wrote, for the sentence when it does not start. */
  #lastLines: string[] = [];

  constructor(
    private readonly cluster: string,
    private readonly account: PostgresAccount | null,
    private readonly binaries: PostgresBinaries,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    // Between finding a free port and taking it somebody else may take it.
    for (let attempt = 1; ; attempt += 1) {
      this.port = await freePort();
      try {
        await this.#launch();
        return;
      } catch (error) {
        if (attempt === 3 || !this.#lastLines.some((line) => /address already in use|could not create any/i.test(line)))
          throw error;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Fast shutdown: transactions that are open are rolled back, what was committed is written down.
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGQUIT');
  }

  /** Resolves when it takes connections; rejects when it ends before. */
  async #launch(): Promise<void> {
    this.#lastLines = [];
    const flags = Object.entries({ ...this.settings, port: String(this.port) }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    // Detached: a Ctrl-C in the terminal must reach the console only, which stops the database last.
    const child = spawn(this.binaries.postgres, ['-D', this.cluster, ...flags], {
      ...this.account,
      detached: true,
      env: childEnvironment(),
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGQUIT');
        reject(
          new StartError(
            'The embedded PostgreSQL did not become ready within 2 minutes; IOC_LOG_LEVEL=debug shows what it says.',
          ),
        );
      }, READY_TIMEOUT_MS);
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        finish();
      };
      child.once('error', (error) => settle(() => reject(error)));
      child.once('exit', () =>
        settle(() =>
          reject(
            new StartError(
              `The embedded PostgreSQL ended at start: ${this.#lastLines.join(' ') || 'it gave no reason'}`,
            ),
          ),
        ),
      );
      child.stderr.on('data', (chunk: Buffer) => {
        for (const line of chunk.toString('utf8').split('\n')) {
          if (line.trim() === '') continue;
          this.#lastLines = [...this.#lastLines, line.trim()].slice(-5);
          this.logger.debug({ postgres: line.trim() }, 'PostgreSQL says');
          if (line.includes('database system is ready to accept connections')) settle(resolve);
        }
      });
    });
    child.once('exit', (code, signal) => {
      if (this.#stopping) return;
      this.logger.error({ code, signal }, 'The embedded PostgreSQL died; it is started again');
      void this.#restart();
    });
  }

  async #restart(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      await delay(RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]);
      if (this.#isStopping()) return;
      try {
        await this.#launch();
      } catch (error) {
        this.logger.error({ err: error }, 'The embedded PostgreSQL does not start again yet');
        continue;
      }
      // A stop that came while it was starting found nothing to stop.
      if (this.#isStopping()) await this.stop();
      else this.logger.info('The embedded PostgreSQL runs again');
      return;
    }
  }

  #isStopping(): boolean {
    return this.#stopping;
  }
}
