import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectSocket, enter, spread, startFleetStand, startLoad } from './fleet-stand.js';
import { cpuByProgram, residentMib } from './process-usage.js';

// What the number of devices costs: one province, nine, the whole country (34), each at the rate at which it reports.

const READINGS_PER_S_AND_PROVINCE = 400;
const SNAPSHOTS = 9;

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
  try {
    const idleMib = await residentMib(stand.pid);
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
    const took: number[] = [];
    let bytes = 0;
    for (let index = 0; index < SNAPSHOTS; index += 1) {
      const socket = await connectSocket(stand.url);
      const at = performance.now();
      const answer = await enter(socket, 'overview');
      took.push(performance.now() - at);
      bytes = JSON.stringify(answer).length;
      socket.close();
    }
    const { readings, committedMs } = stopLoad();
    const peakMib = await highWaterMib(stand.pid);
    console.log(
      `\n${stand.fleet.devices.length} devices, ${wanted} readings/s wanted, ${readings} published, ${committedMs.length} messages committed`,
    );
    console.log(
      `  server memory, MiB             ${spread(resident)} (after the start ${idleMib}, most ever ${peakMib})`,
    );
    console.log(`  server CPU, % of a core        ${spread(cpu)}`);
    console.log(`  snapshot of the wall, ms       ${spread(took)} (${(bytes / 2 ** 20).toFixed(2)} MiB)`);
  } finally {
    await stand.stop();
  }
}

async function highWaterMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024);
}
