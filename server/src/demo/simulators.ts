import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { StartError } from '../platform/start-error.js';

/** The same distance from src/demo and from dist/demo. */
const PROGRAM = fileURLToPath(new URL('../../../simulators/dist/main.js', import.meta.url));
const END_WITH_PARENT = new URL('../../dist/demo/end-with-parent.js', import.meta.url).href;

const RESTART_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/** A run that lasted so long was a good one: the next death is the first again. */
const GOOD_RUN_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

export interface SimulatorOptions {
  readonly scenario: string;
  /** With credentials, if it needs any; handed over in the environment, where other users do not see it. */
  readonly mqttUrl: string;
  readonly clockSpeed: number;
  readonly clockEpochMs: number;
  readonly logger: Logger;
}

/**
 * Writes the demo fleet as CSV files.
 *
 * @throws StartError when the simulators are not built or fail.
 */
export async function writeDemoFleet(folder: string, logger: Logger): Promise<void> {
  const child = launch(['fleet', '--out', folder], {}, logger);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0)
    throw new StartError(`The demo fleet could not be written to ${folder}: set IOC_SIMULATE=0 to start without it.`);
}

/** The simulators as a process of their own: started again when they die, stopped before everything else. */
export class Simulators {
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;
  #deaths = 0;

  constructor(private readonly options: SimulatorOptions) {}

  start(): void {
    const { scenario, mqttUrl, clockSpeed, clockEpochMs, logger } = this.options;
    const startedAt = performance.now();
    const child = launch(
      ['run', '--scenario', scenario],
      { IOC_MQTT_URL: mqttUrl, IOC_CLOCK_SPEED: String(clockSpeed), IOC_CLOCK_EPOCH: String(clockEpochMs) },
      logger,
    );
    this.#child = child;
    child.once('error', (error) => logger.error({ err: error }, 'The simulators cannot be started'));
    child.once('exit', (code, signal) => {
      this.#child = null;
      if (this.#stopping) return;
      if (performance.now() - startedAt > GOOD_RUN_MS) this.#deaths = 0;
      const delayMs = RESTART_DELAYS_MS[Math.min(this.#deaths, RESTART_DELAYS_MS.length - 1)];
      this.#deaths += 1;
      logger.error({ code, signal, delayMs }, 'The simulators ended; they are started again');
      this.#timer = setTimeout(() => this.start(), delayMs);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}

function launch(args: readonly string[], environment: Readonly<Record<string, string>>, logger: Logger): ChildProcess {
  if (!existsSync(PROGRAM)) {
    throw new StartError(
      'The simulators are not built: run "npm run build", or set IOC_SIMULATE=0 to start without them.',
    );
  }
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('IOC_'));
  // Detached: a Ctrl-C in the terminal reaches the console only, which stops its parts in order.
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, PROGRAM, ...args], {
    detached: true,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = (level: 'debug' | 'warn') => (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split('\n')) {
      if (line.trim() !== '') logger[level]({ simulators: line.trim().slice(0, 500) }, 'The simulators say');
    }
  };
  child.stdout?.on('data', log('debug'));
  child.stderr?.on('data', log('warn'));
  return child;
}
