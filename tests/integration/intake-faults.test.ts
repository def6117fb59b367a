import { deviceTopic, type DeadLetter } from '@ioc/contract';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole, type TestConsoleOptions } from '../harness/console.js';
import { freshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO, WITHOUT_MOSQUITTO, startMosquitto, type TestMosquitto } from '../harness/mosquitto.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

const COMMUNE = '21025';
const LINK = `LINK-${COMMUNE}`;
const telemetry = deviceTopic(COMMUNE, 'link', LINK, 'telemetry');
const WINDOW = 50;
const PUBLISHED = 1_000;
/** The embedded broker reads a socket's chunk whole: as many messages as fit into 64 KiB may be beyond the window. */
const CHUNK_BYTES = 64 * 1024;

let undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo = [];
});

interface Stand {
  readonly system: TestConsole;
  readonly intake: IntakeService;
  /** Between the console and its database. */
  readonly proxy: TcpProxy;
  /** Straight to the database. */
  readonly database: pg.Client;
  readonly device: Publisher;
}

async function stand(options: TestConsoleOptions): Promise<Stand> {
  const fresh = await freshDatabase();
  undo.push(() => fresh.drop());
  const proxy = await startTcpProxy(fresh.url);
  undo.push(() => proxy.close());
  const database = new pg.Client({ connectionString: fresh.url });
  await database.connect();
  undo.push(() => database.end());
  const system = await startTestConsole({
    databaseUrl: proxy.url,
    register: smallFleetCsv([COMMUNE]),
    ...options,
    settings: { IOC_INTAKE_WINDOW: String(WINDOW), ...options.settings },
  });
  undo.push(() => system.stop());
  const intake = system.running.app.get(IntakeService);
  await eventually(() => expect(intake.visibility().seeing).toBe(true));
  const device = await connectPublisher(system.mqttUrl, { clientId: LINK });
  undo.push(() => device.close());
  return { system, intake, proxy, database, device };
}

/** Publishes readings of successive milliseconds; counts the PUBACKs. */
function publishMany(
  device: Publisher,
  count: number,
  fromMs: number,
): { acknowledged: number; all: Promise<unknown> } {
  const progress = { acknowledged: 0, all: Promise.resolve<unknown>(null) };
  progress.all = Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await device.publish(telemetry, { ts: fromMs + index, metrics: { linkUp: true, rttMs: 8 } });
      progress.acknowledged += 1;
    }),
  );
  return progress;
}

async function storedBetween(database: pg.Client, fromMs: number, toMs: number): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int4 as count from link_reading
     where at >= to_timestamp($1::float8 / 1000) and at < to_timestamp($2::float8 / 1000)`,
    [fromMs, toMs],
  );
  return rows[0]?.count ?? 0;
}

const brokers = [
  { broker: 'embedded', name: 'the embedded broker', skipped: false },
  { broker: 'mosquitto', name: `Mosquitto${WITHOUT_MOSQUITTO}`, skipped: MOSQUITTO === null },
] as const;

describe.each(brokers.filter(({ skipped }) => !skipped))('With $name, while the database', ({ broker }) => {
  test.each(['cut', 'hang'] as const)(
    'is away (%s), the intake says so, takes no more than its window, and drains afterwards',
    async (fault) => {
      const { intake, proxy, database, device } = await stand({ broker });
      proxy[fault]();
      const from = Date.now() - PUBLISHED;
      const before = intake.stats().messages;
      const progress = publishMany(device, PUBLISHED, from);
      await eventually(() => expect(intake.visibility()).toMatchObject({ seeing: false, reason: 'database' }));
      await eventually(() => expect(intake.stats().messages - before).toBeGreaterThanOrEqual(WINDOW));
      const allowed = broker === 'embedded' ? WINDOW + CHUNK_BYTES / 100 : WINDOW;
      const taken = intake.stats().messages - before;
      expect(taken).toBeLessThanOrEqual(allowed);
      expect(intake.stats().unacknowledged).toBe(taken);
      if (broker === 'embedded') expect(progress.acknowledged).toBe(0);
      expect(await storedBetween(database, from, from + PUBLISHED)).toBe(0);

      proxy.restore();
      await progress.all;
      await eventually(async () => expect(await storedBetween(database, from, from + PUBLISHED)).toBe(PUBLISHED), {
        timeoutMs: 30_000,
      });
      await eventually(() => expect(intake.visibility()).toMatchObject({ seeing: true, reason: null }), {
        timeoutMs: 30_000,
      });
      expect(intake.stats().unacknowledged).toBe(0);
    },
  );

  test('refuses one reading, that one is rejected with its reason and the others are stored', async () => {
    const { system, intake, database, device } = await stand({ broker });
    await database.query(`
      create function refuse_666() returns trigger language plpgsql as $$
      begin
        if new.rtt_ms = 666 then raise exception 'nobody waits so long' using errcode = 'data_exception'; end if;
        return new;
      end $$;
      create trigger refuse_666 before insert on link_reading for each row execute function refuse_666()`);
    const from = Date.now() - PUBLISHED;
    const good = publishMany(device, 40, from);
    const bad = device.publish(telemetry, { ts: from + 500, metrics: { linkUp: true, rttMs: 666 } });
    const more = publishMany(device, 40, from + 100);
    await Promise.all([good.all, bad, more.all]);
    await eventually(async () => {
      expect(await storedBetween(database, from, from + PUBLISHED)).toBe(80);
      expect(intake.stats().unacknowledged).toBe(0);
    });
    const agent = await system.signedIn('operator');
    const body: unknown = (await agent.get('/api/v1/dead-letters?reason=refused-by-database').expect(200)).body;
    const letters = (body as { items: DeadLetter[] }).items;
    expect(letters).toMatchObject([{ topic: telemetry, detail: 'nobody waits so long' }]);
    expect(letters[0]?.payload).toContain('666');
  });
});

describe.skipIf(MOSQUITTO === null)(`With Mosquitto${WITHOUT_MOSQUITTO}`, () => {
  async function ownMosquitto(): Promise<TestMosquitto> {
    const mosquitto = await startMosquitto();
    undo.push(() => mosquitto.stop());
    return mosquitto;
  }

  test('what was published while the console was away is taken at its next start', async () => {
    const mosquitto = await ownMosquitto();
    const fresh = await freshDatabase();
    undo.push(() => fresh.drop());
    const options = { broker: { url: mosquitto.intakeUrl }, databaseUrl: fresh.url };
    const first = await startTestConsole({ ...options, register: smallFleetCsv([COMMUNE]) });
    await eventually(() => expect(first.running.app.get(IntakeService).visibility().seeing).toBe(true));
    await first.stop();

    const device = await connectPublisher(mosquitto.deviceUrl, { clientId: LINK });
    undo.push(() => device.close());
    const from = Date.now() - PUBLISHED;
    await publishMany(device, PUBLISHED, from).all;

    const database = new pg.Client({ connectionString: fresh.url });
    await database.connect();
    undo.push(() => database.end());
    expect(await storedBetween(database, from, from + PUBLISHED)).toBe(0);
    const second = await startTestConsole(options);
    undo.push(() => second.stop());
    await eventually(async () => expect(await storedBetween(database, from, from + PUBLISHED)).toBe(PUBLISHED));
  });

  test('a broker that is killed makes the intake blind, which takes up again by itself', async () => {
    const mosquitto = await ownMosquitto();
    const { intake, database, device } = await stand({ broker: { url: mosquitto.intakeUrl } });
    await device.close();
    const reasons: (string | null)[] = [];
    const watch = setInterval(() => reasons.push(intake.visibility().reason), 10);
    undo.push(() => {
      clearInterval(watch);
      return Promise.resolve();
    });
    await mosquitto.killAndRestart();
    await eventually(() => expect(reasons).toContain('broker'));
    await eventually(() => expect(intake.visibility().seeing).toBe(true), { timeoutMs: 30_000 });
    const again = await connectPublisher(mosquitto.deviceUrl, { clientId: LINK });
    undo.push(() => again.close());
    const from = Date.now() - PUBLISHED;
    await publishMany(again, 20, from).all;
    await eventually(async () => expect(await storedBetween(database, from, from + PUBLISHED)).toBe(20));
  });
});
