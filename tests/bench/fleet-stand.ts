import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  LIVE_NAMESPACE,
  gatewayTopic,
  overviewSnapshot,
  type ClientToServerEvents,
  type LiveRoom,
  type ServerToClientEvents,
  type SubscribeAnswer,
} from '@ioc/contract';
import { readConfig } from '@ioc/server/config/config';
import { startConsole } from '@ioc/server/console';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { fleetCsv, generateFleet, type Fleet } from '@ioc/simulators';
import { io, type Socket } from 'socket.io-client';
import { startConsoleProcess, type ConsoleProcess } from '../harness/console-process.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';

// A console as a demo starts it (embedded PostgreSQL with its durable settings, embedded broker, no simulators), a process of
// its own, with a fleet of so many provinces, and the load that these make: everything shares this machine.

export type LiveSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });

export interface FleetStand {
  readonly fleet: Fleet;
  readonly url: string;
  readonly pid: number;
  readonly publisher: Publisher;
  /** Stops the server and starts it on what it has stored; its process, once it is ready. `pid` and `url` are of before. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

export async function startFleetStand(provinces: number, mqttPort: number): Promise<FleetStand> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-bench-'));
  // Another user than root's own runs PostgreSQL and must pass through.
  await chmod(folder, 0o755);
  const settings = { IOC_DATA_DIR: path.join(folder, 'data'), IOC_SIMULATE: '0', IOC_MQTT_PORT: String(mqttPort) };
  const fleet = generateFleet(provinces);
  await fillRegister(fleet, settings);
  const started = await startServer(settings);
  let { server } = started;
  const { url } = started;
  const publisher = await connectPublisher(`mqtt://127.0.0.1:${mqttPort}`);
  return {
    fleet,
    url,
    pid: server.pid,
    publisher,
    restart: async () => {
      server.signal('SIGTERM');
      await server.ended;
      ({ server } = await startServer(settings));
      return server.pid;
    },
    stop: async () => {
      await publisher.close();
      server.signal('SIGTERM');
      await server.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly server: ConsoleProcess; readonly url: string }> {
  const server = startConsoleProcess({ ...settings, IOC_LOG_LEVEL: 'warn' });
  const url = await server.address;
  await eventually(
    async () => {
      const answer = await fetch(`${url}/health/ready`);
      if (!answer.ok) throw new Error(await answer.text());
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  return { server, url };
}

async function fillRegister(fleet: Fleet, settings: Readonly<Record<string, string>>): Promise<void> {
  const read = readConfig({ ...settings, IOC_HTTP_PORT: '0' });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const console = await startConsole(read.config, { logger: silent });
  try {
    const outcome = await console.app.get(DevicesService).importCsv(fleetCsv(fleet), { dryRun: false, actor: 'bench' });
    if (!outcome.ok) throw new Error(`the fleet was refused: ${JSON.stringify(outcome.issues.slice(0, 3))}`);
  } finally {
    await console.stop();
  }
}

export async function connectSocket(url: string): Promise<LiveSocket> {
  const socket: LiveSocket = io(`${url}${LIVE_NAMESPACE}`, { transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

/** Asks for a room; throws when it is refused. */
export async function enter(socket: LiveSocket, room: LiveRoom): Promise<SubscribeAnswer<unknown>> {
  const answer = await new Promise<SubscribeAnswer<unknown>>((resolve) => socket.emit('subscribe', { room }, resolve));
  if (!answer.ok) throw new Error(`${room}: ${answer.code}`);
  return answer;
}

/** What a wall gets when it opens. */
export interface WholeOverview {
  readonly devices: number;
  readonly parts: number;
  readonly bytes: number;
}

/** Enters the overview and asks for all parts of its snapshot; throws when one is refused. */
export async function enterOverview(socket: LiveSocket): Promise<WholeOverview> {
  const devices = new Set<string>();
  let parts = 0;
  let bytes = 0;
  let from: string | null = null;
  do {
    const asked: string | null = from;
    const answer: SubscribeAnswer<unknown> = await new Promise((resolve) => {
      if (asked === null) socket.emit('subscribe', { room: 'overview' }, resolve);
      else socket.emit('more', { room: 'overview', from: asked }, resolve);
    });
    if (!answer.ok) throw new Error(`overview: ${answer.code}`);
    for (const { ids } of overviewSnapshot.parse(answer.snapshot).devices) for (const id of ids) devices.add(id);
    parts += 1;
    bytes += JSON.stringify(answer).length;
    from = answer.next;
  } while (from !== null);
  return { devices: devices.size, parts, bytes };
}

const MESSAGES_PER_S = 25;

/**
 * Stations report through their gateways, so many readings a second in 25 messages a second, one station after the other.
 * Answers what ends it: how many readings were published, and how long each message took to its PUBACK (ms), which the broker
 * gives after the commit.
 */
export function startLoad(
  { fleet, publisher }: FleetStand,
  readingsPerS: number,
): () => { readonly readings: number; readonly committedMs: readonly number[] } {
  const byGateway = new Map<string, string[]>();
  for (const { gateway, id } of fleet.devices) {
    if (gateway !== null) byGateway.set(gateway, [...(byGateway.get(gateway) ?? []), id]);
  }
  // In shares as large as the gateways, so that every station reports equally often.
  const turns = [...byGateway].flatMap(([gateway, ids]) => {
    const size = Math.max(1, Math.min(1_000, Math.round(readingsPerS / MESSAGES_PER_S)));
    return Array.from({ length: Math.ceil(ids.length / size) }, (_, part) => ({
      gateway,
      ids: ids.slice(part * size, (part + 1) * size),
    }));
  });
  // Mixed, or the largest gateway's stations would all come one after the other.
  turns.sort((a, b) => (a.ids[0] ?? '').slice(-6).localeCompare((b.ids[0] ?? '').slice(-6)));
  const committedMs: number[] = [];
  let readings = 0;
  let turn = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1_000) * readingsPerS;
    while (readings < due) {
      const next = turns[turn % turns.length];
      turn += 1;
      if (next === undefined) return;
      readings += next.ids.length;
      const ts = Date.now();
      const metrics = {
        mainsOn: true,
        dcVoltageV: 53 + (turn % 100) / 100,
        loadCurrentA: 20 + (turn % 30) / 10,
        batteryPercent: 100,
        cabinetTemperatureC: 30 + (turn % 50) / 10,
        doorOpen: false,
        prbUsagePercent: turn % 70,
        connectedUsers: 1 + (turn % 300),
        dlThroughputMbps: 10 + (turn % 200) / 10,
        vswr: 1.2,
      };
      const sentAt = performance.now();
      void publisher
        .publish(gatewayTopic(next.gateway, 'batch'), {
          ts,
          readings: next.ids.map((device) => ({ device, ts, metrics })),
        })
        .then(
          () => committedMs.push(performance.now() - sentAt),
          () => undefined,
        );
    }
  }, 1_000 / MESSAGES_PER_S);
  return () => {
    clearInterval(timer);
    return { readings, committedMs };
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** min / median / max. */
export function spread(values: readonly number[], digits = 0): string {
  const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits });
  return `${show(Math.min(...values))} / ${show(quantile(values, 0.5))} / ${show(Math.max(...values))}`;
}
