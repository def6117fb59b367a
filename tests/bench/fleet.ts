import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { API_PREFIX, ENDPOINTS } from '@ioc/contract';
import {
  connectSocket,
  enterOverview,
  quantile,
  spread,
  startFleetStand,
  startLoad,
  type WholeOverview,
} from './fleet-stand.js';
import { cpuByProgram, residentMib } from './process-usage.js';

// What the number of devices costs: one province, nine, the whole country (34), each at the rate at which it reports.

const READINGS_PER_S_AND_PROVINCE = 400;
const SNAPSHOTS = 9;
/** Screens that come back at the same moment, as after a restart. */
const WALLS = 20;

/** A connection that is kept may be closed by the server in the moment in which it is used again. */
const EACH_ANEW = { headers: { connection: 'close' } };

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      provinces: { type: 'string', default: '1,9,34' },
      seconds: { type: 'string', default: '20' },
      port: { type: 'string', default: '18832' },
    },
  });
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; ` +
      'embedded PostgreSQL and broker; min / median / max',
  );
  for (const provinces of values.provinces.split(',').map(Number))
    await measure(provinces, Number(values.seconds), Number(values.port));
}

async function measure(provinces: number, seconds: number, port: number): Promise<void> {
  const stand = await startFleetStand(provinces, port);
  const peaks: string[] = [];
  /** The most that the server held since the last call. */
  const notePeak = async (stage: string, pid = stand.pid) => {
    peaks.push(`${stage} ${await highWaterMib(pid)}`);
    await forgetHighWater(pid);
  };
  try {
    const idleMib = await residentMib(stand.pid);
    await notePeak('starting');
    const wanted = READINGS_PER_S_AND_PROVINCE * provinces;
    const stopLoad = startLoad(stand, wanted);
    // Every station has been heard once.
    await delay(12_000);
    const names = new Map([[stand.pid, 'server']]);
    const resident: number[] = [];
    const cpu: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const before = (await cpuByProgram(names)).get('server') ?? 0;
      const at = performance.now();
      await delay(1_000);
      const used = ((await cpuByProgram(names)).get('server') ?? 0) - before;
      cpu.push((used / ((performance.now() - at) / 1_000)) * 100);
      resident.push(await residentMib(stand.pid));
    }
    await notePeak('working');
    const stopAsking = askAllTheTime(stand.url);
    const took: number[] = [];
    let shown: WholeOverview = { devices: 0, parts: 0, bytes: 0 };
    for (let index = 0; index < SNAPSHOTS; index += 1) {
      const socket = await connectSocket(stand.url);
      const at = performance.now();
      shown = await enterOverview(socket);
      took.push(performance.now() - at);
      socket.close();
    }
    await notePeak(`${SNAPSHOTS} snapshots in turn`);
    const sockets = await Promise.all(Array.from({ length: WALLS }, () => connectSocket(stand.url)));
    const beganAt = performance.now();
    await Promise.all(sockets.map((socket) => enterOverview(socket)));
    const allMs = performance.now() - beganAt;
    for (const socket of sockets) socket.close();
    await notePeak(`${WALLS} at once`);
    const waited = await stopAsking();
    const lists: number[] = [];
    let listBytes = 0;
    for (let index = 0; index < SNAPSHOTS; index += 1) {
      const at = performance.now();
      const answer = await fetch(`${stand.url}${API_PREFIX}${ENDPOINTS.mapDevices.path}`, EACH_ANEW);
      listBytes = (await answer.arrayBuffer()).byteLength;
      lists.push(performance.now() - at);
    }
    await notePeak(`${SNAPSHOTS} lists of devices`);
    const { readings, committedMs } = stopLoad();
    await notePeak('starting with their readings', await stand.restart());
    const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(2);
    console.log(
      `\n${stand.fleet.devices.length} devices, ${wanted} readings/s wanted, ${readings} published, ${committedMs.length} messages committed`,
    );
    console.log(`  server memory, MiB             ${spread(resident)} (after the start ${idleMib})`);
    console.log(`  most that it held, MiB         ${peaks.join(', ')}`);
    console.log(`  server CPU, % of a core        ${spread(cpu)}`);
    console.log(
      `  snapshot of the wall, ms       ${spread(took)} (${mib(shown.bytes)} MiB in ${shown.parts} parts, ${shown.devices} devices); ` +
        `${WALLS} at once ${Math.round(allMs)}`,
    );
    console.log(`  another question meanwhile, ms ${spread(waited)} (p99 ${Math.round(quantile(waited, 0.99))})`);
    console.log(`  list of devices, ms            ${spread(lists)} (${mib(listBytes)} MiB)`);
  } finally {
    await stand.stop();
  }
}

/** Asks whether the server lives, one question after the other; ends with how long each took, ms. */
function askAllTheTime(url: string): () => Promise<readonly number[]> {
  const waited: number[] = [];
  const stopped = new AbortController();
  const ended = (async () => {
    while (!stopped.signal.aborted) {
      const at = performance.now();
      await (await fetch(`${url}/health/live`, EACH_ANEW)).arrayBuffer();
      waited.push(performance.now() - at);
      await delay(5);
    }
  })();
  // A failure is told where the answers are awaited; before that it would end this process and leave the server behind.
  ended.catch(() => undefined);
  return async () => {
    stopped.abort();
    await ended;
    return waited;
  };
}

async function highWaterMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024);
}

/** Linux counts the most anew from what is held now. */
async function forgetHighWater(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}
