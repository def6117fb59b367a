import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  API_PREFIX,
  LIVE_NAMESPACE,
  type ClientToServerEvents,
  type Clock,
  type LiveRoom,
  type Role,
  type ServerToClientEvents,
  type SubscribeAnswer,
} from '@ioc/contract';
import { readConfig } from '@ioc/server/config/config';
import { startConsole, type RunningConsole } from '@ioc/server/console';
import { DevicesService, type RegisterFiles } from '@ioc/server/devices/devices.service';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { io, type Socket } from 'socket.io-client';
import supertest from 'supertest';
import { freshDatabase, type FreshDatabase } from './database.js';
import { startMosquitto, type TestMosquitto } from './mosquitto.js';

const DEMO_PASSWORD = 'password of the tests';
/** One account of the demo per role. */
const LOGINS: Readonly<Record<Role, string>> = {
  viewer: 'xem',
  operator: 'truc',
  technician: 'kythuat',
  reviewer: 'rasoat',
  administrator: 'quantri',
};

export interface TestConsoleOptions {
  /** `embedded` (MQTT 3.1.1, the default), `mosquitto` with the configuration that we ship, or the URL of another one. */
  readonly broker?: 'embedded' | 'mosquitto' | { readonly url: string };
  /** By default a fresh, migrated one, dropped at the end. */
  readonly databaseUrl?: string;
  /** Imported before the console is handed over; null: an empty register. */
  readonly register?: RegisterFiles | null;
  readonly clock?: Clock;
  /** False: no demo accounts, and nothing opens without sign-in. */
  readonly demo?: boolean;
  /** Further settings, by variable. */
  readonly settings?: Readonly<Record<`IOC_${string}`, string>>;
  readonly clientFolder?: string;
  /** Gets every line of the log. */
  readonly onLog?: (line: string) => void;
}

export type LiveSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface TestConsole {
  readonly httpUrl: string;
  /** Where devices publish. */
  readonly mqttUrl: string;
  readonly databaseUrl: string;
  readonly running: RunningConsole;
  readonly mosquitto: TestMosquitto | null;
  /** Without a session: what the demo's wall is on this machine, and nothing elsewhere. */
  readonly anonymous: ReturnType<typeof supertest>;
  /** An HTTP agent that is signed in with this role and keeps its cookie. Paths are whole: `/api/v1/…`. */
  signedIn(role: Role): Promise<ReturnType<typeof supertest.agent>>;
  /** The `Cookie` header of a new session with this role, for a socket or a browser. */
  cookieOf(role: Role): Promise<string>;
  /** A connected socket, by another way than straight where `url` is given; closed with the console. */
  socket(options?: { readonly cookie?: string; readonly url?: string }): Promise<LiveSocket>;
  stop(): Promise<void>;
}

/** The whole console in this process, with real parts of its own: database, broker, HTTP, sockets. Stop it at the end. */
export async function startTestConsole(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const cleanUp = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  };
  try {
    return await start(options, cleanups, cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function start(
  options: TestConsoleOptions,
  cleanups: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<TestConsole> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'ioc-test-console-'));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const databaseUrl = options.databaseUrl ?? (await ownDatabase(cleanups)).url;
  const mosquitto = options.broker === 'mosquitto' ? await startMosquitto() : null;
  if (mosquitto !== null) cleanups.push(() => mosquitto.stop());
  const brokerUrl = mosquitto?.intakeUrl ?? (typeof options.broker === 'object' ? options.broker.url : '');

  const read = readConfig({
    IOC_HTTP_PORT: '0',
    IOC_MQTT_PORT: '0',
    IOC_MQTT_URL: brokerUrl,
    IOC_DATABASE_URL: databaseUrl,
    IOC_DATA_DIR: dataDir,
    IOC_SIMULATE: '0',
    IOC_DEMO_PASSWORD: DEMO_PASSWORD,
    // A fresh console has no outages of before to spare.
    IOC_START_GRACE: '0s',
    ...options.settings,
  });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const logger = createLogger({
    // IOC_TEST_LOG=debug shows what the consoles of a test say.
    level: process.env['IOC_TEST_LOG'] ?? (options.onLog === undefined ? 'silent' : 'info'),
    human: true,
    secrets: [],
    write: (line) => (options.onLog === undefined ? process.stderr.write(line) : options.onLog(line)),
  });
  const running = await startConsole(read.config, {
    logger,
    demo: options.demo ?? true,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.clientFolder === undefined ? {} : { clientFolder: options.clientFolder }),
  });
  cleanups.push(() => running.stop());
  if (options.register !== undefined && options.register !== null) await importRegister(running, options.register);

  const { httpUrl } = running;
  const signedIn = async (role: Role) => {
    const agent = supertest.agent(httpUrl);
    await agent.post(`${API_PREFIX}/session`).send({ login: LOGINS[role], password: DEMO_PASSWORD }).expect(200);
    return agent;
  };
  return {
    httpUrl,
    mqttUrl: mosquitto?.deviceUrl ?? running.mqttUrl,
    databaseUrl,
    running,
    mosquitto,
    anonymous: supertest(httpUrl),
    signedIn,
    cookieOf: async (role) => {
      const credentials = { login: LOGINS[role], password: DEMO_PASSWORD };
      const answer = await supertest(httpUrl).post(`${API_PREFIX}/session`).send(credentials).expect(200);
      const [cookie = ''] = answer.get('Set-Cookie') ?? [];
      return cookie.split(';')[0] ?? '';
    },
    socket: async ({ cookie, url = httpUrl } = {}) => {
      const socket: LiveSocket = io(new URL(LIVE_NAMESPACE, url).href, {
        transports: ['websocket'],
        forceNew: true,
        ...(cookie === undefined ? {} : { extraHeaders: { cookie } }),
      });
      cleanups.push(() => Promise.resolve(socket.close()));
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
      return socket;
    },
    stop,
  };
}

/** Asks for a room and gives its snapshot; throws when it is refused. */
export async function subscribe(
  socket: LiveSocket,
  room: LiveRoom,
): Promise<Extract<SubscribeAnswer<unknown>, { ok: true }>> {
  const answer = await new Promise<SubscribeAnswer<unknown>>((resolve, reject) => {
    socket.timeout(5_000).emit('subscribe', { room }, (error: Error | null, given: SubscribeAnswer<unknown>) => {
      if (error === null) resolve(given);
      else reject(error);
    });
  });
  if (!answer.ok) throw new Error(`${room}: ${answer.code}`);
  return answer;
}

async function ownDatabase(cleanups: (() => Promise<unknown>)[]): Promise<FreshDatabase> {
  const database = await freshDatabase();
  cleanups.push(() => database.drop());
  return database;
}

async function importRegister(running: RunningConsole, files: RegisterFiles): Promise<void> {
  const outcome = await running.app.get(DevicesService).importCsv(files, { dryRun: false, actor: 'test' });
  if (!outcome.ok) {
    const issues = outcome.issues
      .slice(0, 5)
      .map((issue) => `${issue.file}:${issue.line} ${issue.column} ${issue.reason.en}`);
    throw new Error(`the register of this test was refused:\n${issues.join('\n')}`);
  }
}
