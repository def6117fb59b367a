import { cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deviceTopic, gatewayTopic } from '@ioc/contract';
import { z } from 'zod';
import { connectSocket, enter, quantile, spread, startFleetStand, startLoad, type FleetStand } from './fleet-stand.js';
import { cpuByProgram } from './process-usage.js';

// How long it takes from a gateway's publish to the commit, and to a browser: 50 clients that each watch the wall, the
// incidents and five devices. Publisher, clients, server and database share the machine, and one clock.

const CLIENTS = 50;
const DEVICES_EACH = 5;
/** Pairs: one station goes, another comes back; one link raises an alarm, that of another is over. */
const CHANGES_PER_S = 4;
/** Readings a second of the province; the figures to reach hold here. */
const REAL_SCALE = 400;

const deviceDelta = z.object({ latest: z.object({ at: z.string() }).optional() });
const overviewDelta = z.object({
  devices: z.record(z.string(), z.object({ connectivity: z.string(), severity: z.string().nullable() })).optional(),
});

interface Round {
  readonly committed: readonly number[];
  readonly readings: readonly number[];
  readonly connectivity: readonly number[];
  readonly alarms: readonly number[];
  readonly readingsPerS: number;
  /** Of one core. */
  readonly serverCpu: number;
}

/** Filled by the sockets while a round runs; ms. */
interface Samples {
  readings: number[];
  connectivity: number[];
  alarms: number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '20' },
      port: { type: 'string', default: '18831' },
    },
  });
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; ` +
      `embedded PostgreSQL and broker, ${CLIENTS} clients`,
  );
  const stand = await startFleetStand(1, Number(values.port));
  try {
    const watched = stand.fleet.devices.filter(({ gateway }) => gateway !== null);
    const samples: Samples = { readings: [], connectivity: [], alarms: [] };
    /** When a change was published, by device and what it became: a connectivity, or a severity of its alarms. */
    const changes = new Map<string, number>();
    const sockets = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        const socket = await connectSocket(stand.url);
        socket.on('delta', ({ room, delta }) => take(room, delta, samples, changes));
        await enter(socket, 'overview');
        await enter(socket, 'incidents');
        for (let room = 0; room < DEVICES_EACH; room += 1) {
          const device =
            watched[Math.floor(((index * DEVICES_EACH + room) * watched.length) / (CLIENTS * DEVICES_EACH))];
          await enter(socket, `device:${device?.id ?? ''}`);
        }
        return socket;
      }),
    );
    for (const readingsPerS of [REAL_SCALE, 10 * REAL_SCALE]) {
      // Every station is heard once before anything is measured: coming up is a change too.
      const stopWarmUp = startLoad(stand, 2_000);
      await delay(4_000);
      stopWarmUp();
      const rounds: Round[] = [];
      for (let round = 0; round < Number(values.rounds); round += 1)
        rounds.push(await measure(stand, samples, changes, readingsPerS, Number(values.seconds)));
      report(readingsPerS, rounds);
    }
    for (const socket of sockets) socket.close();
  } finally {
    await stand.stop();
  }
}

function take(room: string, delta: unknown, samples: Samples, changes: ReadonlyMap<string, number>): void {
  const nowMs = Date.now();
  if (room.startsWith('device:')) {
    const at = deviceDelta.safeParse(delta).data?.latest?.at;
    if (at !== undefined) samples.readings.push(nowMs - Date.parse(at));
    return;
  }
  if (room !== 'overview') return;
  for (const [id, { connectivity, severity }] of Object.entries(overviewDelta.safeParse(delta).data?.devices ?? {})) {
    const publishedAtMs = changes.get(`${id} ${connectivity}`);
    if (publishedAtMs !== undefined) samples.connectivity.push(nowMs - publishedAtMs);
    const alarmedAtMs = changes.get(`${id} ${String(severity)}`);
    if (alarmedAtMs !== undefined) samples.alarms.push(nowMs - alarmedAtMs);
  }
}

async function measure(
  stand: FleetStand,
  samples: Samples,
  changes: Map<string, number>,
  readingsPerS: number,
  seconds: number,
): Promise<Round> {
  const stations = stand.fleet.devices.filter(({ gateway }) => gateway !== null);
  const links = stand.fleet.devices.filter(({ deviceClass }) => deviceClass === 'link');
  const names = new Map([[stand.pid, 'server']]);
  const stopLoad = startLoad(stand, readingsPerS);
  await delay(2_000);
  samples.readings = [];
  samples.connectivity = [];
  samples.alarms = [];
  const before = (await cpuByProgram(names)).get('server') ?? 0;
  const startedAt = performance.now();
  let change = 0;
  const timer = setInterval(() => {
    // A station goes, and the one that went two seconds ago comes back.
    for (const [offset, state, becomes] of [
      [0, 'offline', 'down'],
      [-2 * CHANGES_PER_S, 'online', 'up'],
    ] as const) {
      const index = change + offset;
      const station = index < 0 ? undefined : stations[(index * 37) % stations.length];
      if (station === undefined || station.gateway === null) continue;
      const ts = Date.now();
      changes.delete(`${station.id} ${becomes === 'up' ? 'down' : 'up'}`);
      changes.set(`${station.id} ${becomes}`, ts);
      const metrics = state === 'online' ? { metrics: { mainsOn: true, connectedUsers: 10 } } : {};
      void stand.publisher
        .publish(gatewayTopic(station.gateway, 'batch'), {
          ts,
          readings: [{ device: station.id, ts, state, ...metrics }],
        })
        .catch(() => undefined);
    }
    for (const [offset, state, severity, was] of [
      [0, 'raised', 'major', null],
      [-2 * CHANGES_PER_S, 'cleared', null, 'major'],
    ] as const) {
      const link = links[(change + offset) % links.length];
      if (link === undefined) continue;
      const ts = Date.now();
      changes.delete(`${link.id} ${String(was)}`);
      changes.set(`${link.id} ${String(severity)}`, ts);
      void stand.publisher
        .publish(deviceTopic(link.commune, 'link', link.id, 'event'), {
          ts,
          type: 'fan-failed',
          state,
          severity: 'major',
        })
        .catch(() => undefined);
    }
    change += 1;
  }, 1_000 / CHANGES_PER_S);
  await delay(seconds * 1_000);
  clearInterval(timer);
  const elapsedS = (performance.now() - startedAt) / 1_000;
  const serverCpu = (((await cpuByProgram(names)).get('server') ?? 0) - before) / elapsedS;
  const { readings, committedMs } = stopLoad();
  const round = {
    committed: committedMs,
    readings: samples.readings,
    connectivity: samples.connectivity,
    alarms: samples.alarms,
    readingsPerS: readings / (elapsedS + 2),
    serverCpu,
  };
  changes.clear();
  return round;
}

function report(readingsPerS: number, rounds: readonly Round[]): void {
  const line = (name: string, pick: (round: Round) => readonly number[], figure: string) => {
    const of = (share: number) => spread(rounds.map((round) => quantile(pick(round), share)));
    const count = rounds.reduce((sum, round) => sum + pick(round).length, 0);
    console.log(`  ${name.padEnd(32)} p50 ${of(0.5).padEnd(18)} p99 ${of(0.99).padEnd(20)} ${count} samples${figure}`);
  };
  const achieved = spread(rounds.map((round) => round.readingsPerS));
  const cpu = spread(rounds.map(({ serverCpu }) => serverCpu * 100));
  console.log(
    `\n${readingsPerS} readings/s (${achieved} published), ms, min / median / max of ${rounds.length} rounds; server CPU ${cpu} % of a core`,
  );
  const atScale = readingsPerS === REAL_SCALE;
  line('publish → committed', ({ committed }) => committed, '');
  line('publish → client, readings', ({ readings }) => readings, atScale ? '   (figure: p99 ≤ 500)' : '');
  line('publish → client, connectivity', ({ connectivity }) => connectivity, atScale ? '   (figure: p99 ≤ 150)' : '');
  line('publish → client, alarms', ({ alarms }) => alarms, atScale ? '   (figure: p99 ≤ 150)' : '');
}
