import { cpus, tmpdir, totalmem } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeVerdict, generateFleet, holds, readLedgers, verify } from '@ioc/simulators';
import pg from 'pg';
import { residentMib } from '../bench/process-usage.js';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO } from '../harness/mosquitto.js';
import { SteadyPublisher } from './steady-publisher.js';
import { Stand, type BrokerKind, type Part } from './stand.js';

// Whether an acknowledged reading is a stored reading, while server, database and broker are killed in turn under load: real
// processes, the shipped configuration, and a publisher that never pauses. Every part comes back before the next one goes.

interface Kill {
  readonly part: Part;
  readonly atMs: number;
  /** Until the console said that it was ready and saw again, and no device waited. */
  readonly recoveredMs: number;
  /** Messages that were tried and not acknowledged, at the most. */
  readonly mostWaiting: number;
}

const RECOVERY_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 100;
/**
 * Mosquitto acknowledges before the intake has the message, and writes down what it holds once a second. When the intake keeps
 * up, the only messages that it holds alone are those of the moment in which it is killed. A loss outside that is ours.
 */
const BROKER_MOMENT_MS = 250;

/** Answers the exit code: 0 when every acknowledged reading is stored once and nothing else is. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      broker: { type: 'string', default: MOSQUITTO === null ? 'embedded' : 'mosquitto' },
      kills: { type: 'string', default: '20' },
      rate: { type: 'string', default: '2000' },
    },
  });
  const broker = values.broker;
  if (broker !== 'mosquitto' && broker !== 'embedded') throw new Error('--broker is mosquitto or embedded');
  if (broker === 'mosquitto' && MOSQUITTO === null)
    throw new Error('Mosquitto is not installed: apt-get install mosquitto, or --broker embedded');
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-faults-ledger-'));
  try {
    return await killInTurn(broker, Number(values.kills), Number(values.rate), path.join(folder, 'ledger'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function killInTurn(broker: BrokerKind, kills: number, perS: number, ledgerFile: string): Promise<number> {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  console.log(
    broker === 'mosquitto'
      ? `Broker: ${MOSQUITTO ?? ''} with deploy/mosquitto/mosquitto.conf`
      : `Broker: the embedded one, a part of the server${MOSQUITTO === null ? ' (Mosquitto is not installed)' : ''}`,
  );
  const parts: readonly Part[] = broker === 'mosquitto' ? ['server', 'database', 'broker'] : ['server', 'database'];
  console.log(`${kills} × kill -9 of ${parts.join(', ')} in turn, ${perS} messages/s all the time`);

  const stand = await Stand.start(broker);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stand.abandon();
      process.exit(130);
    });
  }
  const devices = generateFleet()
    .devices.filter(({ deviceClass }) => deviceClass === 'bts')
    .map(({ commune, deviceClass, id }) => `${commune}/${deviceClass}/${id}`);
  const publisher = new SteadyPublisher({ url: stand.deviceUrl, devices, perS, connections: 4, ledgerFile });
  const began = performance.now();
  let mostResidentMib = 0;
  const watch = setInterval(() => {
    void residentMib(stand.serverPid).then((mib) => {
      if (mib > mostResidentMib) mostResidentMib = mib;
    });
  }, 1_000);
  const done: Kill[] = [];
  try {
    publisher.start();
    await recovered(stand, publisher, perS);
    for (let index = 0; index < kills; index += 1) {
      const part = parts[index % parts.length] ?? 'server';
      publisher.mostWaiting = 0;
      const atMs = Date.now();
      const killedAt = performance.now();
      await stand.killAndRestart(part);
      await recovered(stand, publisher, perS);
      const recoveredMs = performance.now() - killedAt;
      const kill = { part, atMs, recoveredMs, mostWaiting: publisher.mostWaiting };
      done.push(kill);
      console.log(
        `${String(index + 1).padStart(3)}  ${part.padEnd(9)} back after ${(recoveredMs / 1_000).toFixed(1)} s, ` +
          `${kill.mostWaiting} messages waited at the most`,
      );
    }
    publisher.pause();
    const publishedS = (performance.now() - began) / 1_000;
    await drained(stand, publisher);
    clearInterval(watch);
    await stand.stop();
    return await report({ stand, publisher, kills: done, publishedS, mostResidentMib, ledgerFile, broker });
  } catch (error) {
    console.log(`What the server said last:\n${stand.said()}`);
    throw error;
  } finally {
    clearInterval(watch);
    publisher.close();
    await stand.stop();
    await stand.remove();
  }
}

/** The console is ready and sees, and what was measured a second ago is stored: neither devices nor broker hold a backlog. */
async function recovered(stand: Stand, publisher: SteadyPublisher, perS: number): Promise<void> {
  const tried = publisher.messages.length;
  await eventually(
    async () => {
      const { intake } = await stand.ready();
      if (!intake.seeing) throw new Error(`the intake is blind: ${intake.reason ?? ''}`);
      const looked = publisher.messages.length - perS;
      const message = publisher.messages[looked];
      if (looked < tried || message === undefined) throw new Error('nothing was measured since');
      if (!(await isStored(stand.databaseUrl, message.device, message.atMs)))
        throw new Error(
          `a backlog drains: ${publisher.waiting} of ${publisher.messages.length} messages are not acknowledged`,
        );
    },
    { timeoutMs: RECOVERY_WITHIN_MS, everyMs: LOOK_EVERY_MS },
  );
}

async function isStored(databaseUrl: string, device: string, atMs: number): Promise<boolean> {
  return await withDatabase(databaseUrl, async (database) => {
    const { rowCount } = await database.query(
      `select from bts_reading where device_no = (select no from device where id = $1) and at = to_timestamp($2::float8 / 1000)`,
      [device, atMs],
    );
    return rowCount === 1;
  });
}

/** Everything that was tried is acknowledged, and the broker holds nothing for the intake any more. */
async function drained(stand: Stand, publisher: SteadyPublisher): Promise<void> {
  await eventually(
    () => {
      if (publisher.waiting > 0) throw new Error(`${publisher.waiting} messages are not acknowledged`);
    },
    { timeoutMs: RECOVERY_WITHIN_MS },
  );
  const database = new pg.Client({ connectionString: stand.databaseUrl });
  await database.connect();
  try {
    // Nobody tells how much the broker still holds: nothing has come for three seconds, and nothing is being written.
    let rows = -1;
    let sinceMs = performance.now();
    await eventually(
      async () => {
        const { intake } = await stand.ready();
        const result = await database.query<{ count: number }>('select count(*)::int4 as count from bts_reading');
        const count = result.rows[0]?.count ?? 0;
        if (count !== rows || intake.unacknowledged > 0) sinceMs = performance.now();
        rows = count;
        if (performance.now() - sinceMs < 3_000) throw new Error('the backlog drains');
      },
      { timeoutMs: RECOVERY_WITHIN_MS, everyMs: 250 },
    );
  } finally {
    await database.end();
  }
}

interface Outcome {
  readonly stand: Stand;
  readonly publisher: SteadyPublisher;
  readonly kills: readonly Kill[];
  readonly publishedS: number;
  readonly mostResidentMib: number;
  readonly ledgerFile: string;
  readonly broker: BrokerKind;
}

async function report(outcome: Outcome): Promise<number> {
  const { stand, publisher, kills, publishedS, mostResidentMib, broker } = outcome;
  const verdict = await verify(await readLedgers([outcome.ledgerFile]), stand.databaseUrl);
  const falseOutages = await outages(stand.databaseUrl);
  console.log(
    `\n${publisher.messages.length} messages in ${publishedS.toFixed(0)} s, server memory at most ${mostResidentMib} MiB`,
  );
  console.log('killed      times   back after, s (min / median / max)   most that waited');
  for (const part of ['server', 'database', 'broker'] as const) {
    const own = kills.filter((kill) => kill.part === part);
    if (own.length === 0) continue;
    const seconds = own.map(({ recoveredMs }) => recoveredMs / 1_000).toSorted((a, b) => a - b);
    const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
    const spread = [seconds[0] ?? 0, median, seconds.at(-1) ?? 0].map((value) => value.toFixed(1)).join(' / ');
    const waited = Math.max(...own.map(({ mostWaiting }) => mostWaiting));
    console.log(`${part.padEnd(12)}${String(own.length).padEnd(8)}${spread.padEnd(37)}${waited}`);
  }
  console.log(describeVerdict(verdict));
  console.log(`outages recorded of stations that reported all the time: ${falseOutages}`);
  const byBroker = verdict.missing.count > 0 ? await lostByBroker(outcome) : 0;
  if (broker === 'mosquitto')
    console.log(`of the missing, held only in the broker's memory when it was killed: ${byBroker}`);
  const ours = verdict.missing.count - byBroker;
  const kept = ours === 0 && holds({ ...verdict, missing: { count: 0, first: [] } }) && falseOutages === 0;
  console.log(kept ? `Lost: 0 (and ${byBroker} by the broker). Double: 0.` : 'A promise was broken.');
  return kept ? 0 : 1;
}

async function outages(databaseUrl: string): Promise<number> {
  return await withDatabase(databaseUrl, async (database) => {
    const { rows } = await database.query<{ count: number }>('select count(*)::int4 as count from outage');
    return rows[0]?.count ?? 0;
  });
}

/** How many of the missing were acknowledged in the moment of a broker's kill; tells of each kill what was lost around it. */
async function lostByBroker({ stand, publisher, kills, broker }: Outcome): Promise<number> {
  const stored = await withDatabase(stand.databaseUrl, async (database) => {
    const { rows } = await database.query<{ key: string }>(
      `select device.id || ' ' || floor(extract(epoch from reading.at) * 1000)::int8 as key
       from bts_reading reading join device on device.no = reading.device_no`,
    );
    return new Set(rows.map(({ key }) => key));
  });
  const lost = new Map<Kill, number[]>();
  let byBroker = 0;
  for (const { device, atMs, acknowledgedAtMs } of publisher.messages) {
    if (acknowledgedAtMs === null || stored.has(`${device} ${atMs}`)) continue;
    const [nearest] = kills.toSorted(
      (a, b) => Math.abs(a.atMs - acknowledgedAtMs) - Math.abs(b.atMs - acknowledgedAtMs),
    );
    if (nearest === undefined) continue;
    const offsetMs = acknowledgedAtMs - nearest.atMs;
    lost.set(nearest, [...(lost.get(nearest) ?? []), offsetMs]);
    if (broker === 'mosquitto' && nearest.part === 'broker' && Math.abs(offsetMs) <= BROKER_MOMENT_MS) byBroker += 1;
  }
  for (const [kill, offsets] of lost) {
    console.log(
      `  kill ${kills.indexOf(kill) + 1} (${kill.part}): ${offsets.length} lost, acknowledged ${Math.min(...offsets)} to ${Math.max(...offsets)} ms after it`,
    );
  }
  return byBroker;
}

async function withDatabase<T>(url: string, work: (database: pg.Client) => Promise<T>): Promise<T> {
  const database = new pg.Client({ connectionString: url });
  // Without a listener a server that goes away ends the process.
  database.on('error', () => undefined);
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
