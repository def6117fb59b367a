import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@ioc/server/platform/embedded/postgres';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { startConsoleProcess, type ConsoleProcess } from '../harness/console-process.js';
import { startMosquitto, type TestMosquitto } from '../harness/mosquitto.js';

export type BrokerKind = 'mosquitto' | 'embedded';
export type Part = 'server' | 'database' | 'broker';

/** What `/health/ready` tells this machine, as far as it is looked at. */
export interface Ready {
  readonly intake: { readonly seeing: boolean; readonly reason: string | null; readonly unacknowledged: number };
}

const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
const START_ATTEMPTS = 5;

/** The console with real parts of its own, each a process that can be killed: server, PostgreSQL, broker. */
export class Stand {
  #server: ConsoleProcess | null = null;
  #address = '';

  private constructor(
    private readonly folder: string,
    private readonly postgres: EmbeddedPostgres,
    private readonly mosquitto: TestMosquitto | null,
    private readonly brokerPort: number,
  ) {}

  static async start(broker: BrokerKind): Promise<Stand> {
    const folder = await mkdtemp(path.join(tmpdir(), 'ioc-faults-'));
    // Another user than root's own runs PostgreSQL and must pass through.
    await chmod(folder, 0o755);
    // Its durable settings: nothing is traded for speed.
    const postgres = await startEmbeddedPostgres({ dataDir: folder, logger: silent });
    const mosquitto = broker === 'mosquitto' ? await startMosquitto() : null;
    const stand = new Stand(folder, postgres, mosquitto, await freePort());
    for (const command of ['migrate', 'register-demo']) {
      const step = startConsoleProcess(stand.#settings(), [command]);
      if ((await step.ended) !== 0) throw new Error(step.output());
    }
    await stand.#startServer();
    return stand;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  /** Where devices publish. */
  get deviceUrl(): string {
    return this.mosquitto?.deviceUrl ?? `mqtt://127.0.0.1:${this.brokerPort}`;
  }

  get serverPid(): number {
    return this.#server?.pid ?? 0;
  }

  /** Rejects while the console is not ready. */
  async ready(): Promise<Ready> {
    const answer = await fetch(`${this.#address}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    const body = (await answer.json()) as Ready;
    if (!answer.ok) throw new Error(`not ready: ${JSON.stringify(body)}`);
    return body;
  }

  /** `kill -9`, and what whoever watches over that part does next: starts it again. */
  async killAndRestart(part: Part): Promise<void> {
    switch (part) {
      case 'server':
        this.#server?.signal('SIGKILL');
        await this.#server?.ended;
        await this.#startServer();
        return;
      case 'database':
        // What started it starts it again, at the same address.
        process.kill(await this.#postmaster(), 'SIGKILL');
        return;
      case 'broker':
        await this.mosquitto?.killAndRestart();
    }
  }

  async stop(): Promise<void> {
    this.#server?.signal('SIGTERM');
    await this.#server?.ended;
    await this.mosquitto?.stop();
  }

  /** For a run that is broken off: leaves neither processes nor gigabytes behind. */
  abandon(): void {
    this.#server?.signal('SIGKILL');
    this.postgres.kill();
    void this.mosquitto?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The last lines that the server wrote. */
  said(): string {
    return this.#server?.output().split('\n').slice(-15).join('\n') ?? '';
  }

  #settings(): Record<string, string> {
    return {
      IOC_DATABASE_URL: this.postgres.url,
      IOC_DATA_DIR: path.join(this.folder, 'server'),
      IOC_SIMULATE: '0',
      IOC_LOG_LEVEL: 'info',
      ...(this.mosquitto === null
        ? { IOC_MQTT_PORT: String(this.brokerPort) }
        : { IOC_MQTT_URL: this.mosquitto.intakeUrl }),
    };
  }

  async #startServer(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const server = startConsoleProcess(this.#settings());
      this.#server = server;
      try {
        this.#address = await server.address;
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  async #postmaster(): Promise<number> {
    const [pid = ''] = (await readFile(path.join(this.folder, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    return Number(pid);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address !== 'object') throw new Error('no free port');
  return address.port;
}
