import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { deviceTopic, scaledClock, type DeadLetter, type Page } from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { systemClock } from '@ioc/server/platform/clock/system-clock';
import { CONSOLE_LOCK } from '@ioc/server/platform/database/console-lock';
import { startEmbeddedBroker } from '@ioc/server/platform/embedded/broker';
import { startEmbeddedPostgres } from '@ioc/server/platform/embedded/postgres';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { ReadingsService } from '@ioc/server/readings/readings.service';
import mqtt from 'mqtt';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO, WITHOUT_MOSQUITTO, startMosquitto } from '../harness/mosquitto.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';
import { startTcpProxy } from '../harness/tcp-proxy.js';

// What takes the ground from under a console: a second one, a full disk, a connection that hangs, a clock that goes back.
// (A storage policy that fails half-way: storage.test.ts. A database that is cut off or hangs: intake-faults.test.ts.)

const run = promisify(execFile);
const COMMUNE = '21025';
const LINK = `LINK-${COMMUNE}`;
const telemetry = deviceTopic(COMMUNE, 'link', LINK, 'telemetry');
const status = deviceTopic(COMMUNE, 'link', LINK, 'status');
const HOUR = 3_600_000;
const register = smallFleetCsv([COMMUNE]);
const silent = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });

let undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo = [];
});

async function ownDatabase(): Promise<string> {
  const fresh = await freshDatabase();
  undo.push(() => fresh.drop());
  return fresh.url;
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  undo.push(() => client.end());
  return client;
}

async function running(options: Parameters<typeof startTestConsole>[0]): Promise<TestConsole> {
  const system = await startTestConsole(options);
  undo.push(() => system.stop());
  await seeing(system);
  return system;
}

async function deviceOf(url: string): Promise<Publisher> {
  const device = await connectPublisher(url, { clientId: LINK });
  undo.push(() => device.close());
  return device;
}

const intakeOf = (system: TestConsole) => system.running.app.get(IntakeService);
const seeing = (system: TestConsole) =>
  eventually(() => expect(intakeOf(system).visibility().seeing).toBe(true), { timeoutMs: 30_000 });
const reading = (ts: number) => ({ ts, metrics: { linkUp: true, rttMs: 8 } });

async function countStored(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ count: number }>('select count(*)::int4 as count from link_reading');
  return rows[0]?.count ?? 0;
}

const LOCK_HOLDERS = `
  select pid from pg_locks where locktype = 'advisory' and granted and (classid::bigint << 32 | objid::bigint) = ${CONSOLE_LOCK}
    and database = (select oid from pg_database where datname = current_database())`;

async function lockHolder(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ pid: number }>(LOCK_HOLDERS);
  expect(rows).toHaveLength(1);
  return rows[0]?.pid ?? 0;
}

describe('Two consoles on one database', () => {
  test('the second is refused with one sentence and the first goes on', async () => {
    const databaseUrl = await ownDatabase();
    const first = await running({ databaseUrl, register });
    await expect(startTestConsole({ databaseUrl })).rejects.toThrow(
      /^Another console works on this database \(from \S.*, since \d.*\): stop it, or set IOC_DATABASE_URL to another database\.$/,
    );
    const device = await deviceOf(first.mqttUrl);
    await device.publish(telemetry, reading(Date.now()));
    expect(await countStored(await connected(databaseUrl))).toBe(1);
  });

  test('a console that stops gives the database to the next at once', async () => {
    const databaseUrl = await ownDatabase();
    const first = await startTestConsole({ databaseUrl, register });
    await first.stop();
    await running({ databaseUrl });
  });

  test('while the session that holds it is broken nothing is written; when it is back, what waited is', async () => {
    const databaseUrl = await ownDatabase();
    const proxy = await startTcpProxy(databaseUrl);
    undo.push(() => proxy.close());
    const lines: string[] = [];
    const system = await running({ databaseUrl: proxy.url, register, onLog: (line) => void lines.push(line) });
    const device = await deviceOf(system.mqttUrl);
    const database = await connected(databaseUrl);
    const before = await lockHolder(database);
    // No connection can be made, the one that is needed is broken, and those of the pool still stand.
    proxy.refuse();
    await database.query('select pg_terminate_backend($1)', [before]);
    await eventually(() => expect(lines.join('')).toContain('nothing is written until it is back'));
    const published = device.publish(telemetry, reading(Date.now()));
    await eventually(() => expect(intakeOf(system).visibility()).toMatchObject({ seeing: false, reason: 'database' }));
    expect(await countStored(database)).toBe(0);

    proxy.restore();
    await published;
    expect(await countStored(database)).toBe(1);
    expect(await lockHolder(database)).not.toBe(before);
    await seeing(system);
  });

  test('a console whose database was taken by another one writes nothing more and says so', async () => {
    const databaseUrl = await ownDatabase();
    const system = await running({ databaseUrl, register });
    const device = await deviceOf(system.mqttUrl);
    const database = await connected(databaseUrl);
    const other = await connected(databaseUrl);
    const taken = other.query('select pg_advisory_lock($1)', [CONSOLE_LOCK]);
    await database.query('select pg_terminate_backend($1)', [await lockHolder(database)]);
    await taken;
    expect(await system.running.takenOver).toMatch(/^Another console works on this database/);
    device.publish(telemetry, reading(Date.now())).catch(() => undefined);
    await eventually(() => expect(intakeOf(system).stats().unacknowledged).toBe(1));
    await eventually(() => expect(intakeOf(system).visibility().reason).toBe('database'));
    expect(await countStored(database)).toBe(0);
  });
});

test('A device that connects while the console still starts is turned away at once, and comes again', async () => {
  const clock = scaledClock(0, 1, Date.now);
  const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0, window: 10, clock, logger: silent });
  undo.push(() => broker.close());
  // As patient as devices are: without an answer it would wait for 30 s.
  const client = mqtt.connect(broker.url, { reconnectPeriod: 50, connectTimeout: 30_000 });
  undo.push(() => client.endAsync(true));
  await new Promise<void>((resolve) => client.once('close', () => resolve()));
  broker.start({ onMessage: () => undefined, onConnectionLost: () => undefined });
  await eventually(() => expect(client.connected).toBe(true));
});

/** A folder on a disk of its own of so many MiB; null where mounting is not allowed. */
async function smallDisk(mib: number): Promise<string | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ioc-test-disk-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=755`, 'ioc-test', folder]);
  } catch {
    return null;
  }
  undo.push(() => run('umount', [folder]));
  return folder;
}

describe('A disk that is full', () => {
  test('stops the acknowledgements and says so; when there is room again everything is stored', async (context) => {
    const disk = await smallDisk(320);
    if (disk === null) context.skip('mounting a small disk is not allowed here');
    const settings = { max_wal_size: '64MB', min_wal_size: '32MB', fsync: 'off' };
    const postgres = await startEmbeddedPostgres({ dataDir: String(disk), logger: silent, settings });
    undo.push(() => postgres.stop());
    const lines: string[] = [];
    const system = await running({ databaseUrl: postgres.url, register, onLog: (line) => void lines.push(line) });
    const device = await deviceOf(system.mqttUrl);
    const from = Date.now() - HOUR / 10;
    await device.publish(telemetry, reading(from));

    const filler = path.join(String(disk), 'filler');
    const { bavail, bsize } = await statfs(String(disk));
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
    let acknowledged = 1;
    const published = Array.from({ length: 20_000 }, async (_, index) => {
      await device.publish(telemetry, reading(from + 1 + index));
      acknowledged += 1;
    });
    await eventually(() => expect(intakeOf(system).visibility()).toMatchObject({ seeing: false, reason: 'database' }), {
      timeoutMs: 30_000,
    });
    expect(lines.join('')).toMatch(/a commit failed; it is tried again/);
    expect(lines.join('')).toMatch(/No space left on device/);
    expect(acknowledged).toBeLessThan(20_001);

    await truncate(filler);
    await Promise.all(published);
    const database = await connected(postgres.url);
    expect(await countStored(database)).toBe(20_001);
    await seeing(system);
    await database.end();
  });
});

describe.skipIf(MOSQUITTO === null)(`A connection to the broker that hangs${WITHOUT_MOSQUITTO}`, () => {
  test('is noticed, makes the intake blind and nobody down, and what was published meanwhile is taken', async () => {
    const mosquitto = await startMosquitto();
    undo.push(() => mosquitto.stop());
    const proxy = await startTcpProxy(mosquitto.intakeUrl);
    undo.push(() => proxy.close());
    const system = await running({ broker: { url: proxy.url }, register });
    const device = await deviceOf(mosquitto.deviceUrl);
    const database = await connected(system.databaseUrl);
    await device.publish(telemetry, reading(Date.now()));
    await eventually(async () => expect(await countStored(database)).toBe(1));

    proxy.hang();
    await device.publish(telemetry, reading(Date.now()));
    await eventually(() => expect(intakeOf(system).visibility()).toMatchObject({ seeing: false, reason: 'broker' }), {
      timeoutMs: 60_000,
    });
    expect(system.running.app.get(ConnectivityService).stateOf(LINK).connectivity).toBe('up');
    proxy.restore();
    await eventually(async () => expect(await countStored(database)).toBe(2), { timeoutMs: 30_000 });
    await seeing(system);
  }, 120_000);
});

describe('A clock that jumps back an hour', () => {
  test('is not followed: readings are taken as before, and the log says what to do', async () => {
    let setBackMs = 0;
    const lines: string[] = [];
    const logger = createLogger({ level: 'info', human: true, secrets: [], write: (line) => void lines.push(line) });
    const clock = systemClock(Date.now(), 1, logger, () => Date.now() - setBackMs);
    const system = await running({ register, clock });
    const device = await deviceOf(system.mqttUrl);
    await device.publish(telemetry, reading(Date.now()));
    setBackMs = HOUR;
    await eventually(() => expect(lines.join('')).toContain('went back by 3600 s and is not followed'));

    const atMs = Date.now();
    await device.publish(telemetry, reading(atMs));
    expect(system.running.app.get(ReadingsService).latestOf(LINK)?.atMs).toBe(atMs);
    expect(system.running.app.get(ConnectivityService).stateOf(LINK).connectivity).toBe('up');
    const agent = await system.signedIn('operator');
    const answer = await agent.get('/api/v1/dead-letters').expect(200);
    expect((answer.body as Page<DeadLetter>).items).toEqual([]);
    expect(intakeOf(system).visibility().seeing).toBe(true);
  });

  test('before a start: what was recorded in the hour to come does not make the present look late', async () => {
    const databaseUrl = await ownDatabase();
    const ahead = { now: () => Date.now() + HOUR, speed: 1 };
    const first = await startTestConsole({ databaseUrl, register, clock: ahead });
    await seeing(first);
    const early = await connectPublisher(first.mqttUrl, { clientId: LINK });
    await early.publish(telemetry, reading(ahead.now()));
    await early.publish(status, { ts: ahead.now(), session: 1, state: 'offline' }, { retain: true });
    await eventually(() => expect(first.running.app.get(ConnectivityService).stateOf(LINK).connectivity).toBe('down'));
    await early.close();
    await first.stop();

    const system = await running({ databaseUrl });
    const connectivity = system.running.app.get(ConnectivityService);
    expect(connectivity.stateOf(LINK).connectivity).toBe('down');
    const device = await deviceOf(system.mqttUrl);
    const atMs = Date.now();
    await device.publish(telemetry, reading(atMs));
    await device.publish(telemetry, reading(atMs + 1));
    await eventually(() => expect(connectivity.stateOf(LINK).connectivity).toBe('up'));
    expect(system.running.app.get(ReadingsService).latestOf(LINK)?.atMs).toBe(atMs + 1);
    const database = await connected(databaseUrl);
    const { rows } = await database.query('select from outage where ended_at is null or ended_at < began_at');
    expect(rows).toEqual([]);
  });
});
