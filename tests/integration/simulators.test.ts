import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  PROVINCE_CODE,
  batchPayload,
  batchReading,
  parseTopic,
  scaledClock,
  statusPayload,
  telemetryPayload,
  type BatchReading,
  type StatusPayload,
} from '@ioc/contract';
import { startEmbeddedBroker, type EmbeddedBroker } from '@ioc/server/platform/embedded/broker';
import { createLogger } from '@ioc/server/platform/logging/logger';
import {
  SCENARIOS,
  generateFleet,
  holds,
  openLedger,
  readLedgers,
  startRun,
  verify,
  type Run,
  type RunOptions,
} from '@ioc/simulators';
import mqtt from 'mqtt';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO, WITHOUT_MOSQUITTO, startMosquitto } from '../harness/mosquitto.js';

/** Cẩm Thành, Vệ Giang and Đăk Tô: towns and hills, stations of all four operators, links, endpoints, river and rain gauges. */
const COMMUNES = new Set(['21025', '21238', '23401']);
const devices = generateFleet().devices.filter((device) => COMMUNES.has(device.commune));

const logger = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
const clock = (speed = 1) => scaledClock(Date.now(), speed, Date.now);

interface Received {
  readonly topic: string;
  readonly payload: string;
}

let folder: string;
let cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ioc-test-simulators-'));
  cleanups = [() => rm(folder, { recursive: true, force: true })];
});

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** The embedded broker with a listener that keeps everything and acknowledges it at once. */
async function broker(port = 0): Promise<{ embedded: EmbeddedBroker; received: Received[] }> {
  const embedded = await startEmbeddedBroker({ host: '127.0.0.1', port, window: 4_000, clock: clock(), logger });
  cleanups.push(() => embedded.close());
  const received: Received[] = [];
  embedded.start({
    onMessage: (message) => {
      received.push({ topic: message.topic, payload: message.payload.toString('utf8') });
      embedded.acknowledge([message]);
    },
    onConnectionLost: () => undefined,
  });
  return { embedded, received };
}

function run(mqttUrl: string, options: Partial<RunOptions> & { readonly name?: string } = {}): Run {
  const scenario = SCENARIOS.get(options.name ?? 'calm');
  if (scenario === undefined) throw new Error(options.name);
  const running = startRun({
    scenario,
    mqttUrl,
    clock: clock(),
    seed: 1,
    provinces: 1,
    leadMs: null,
    target: null,
    communes: COMMUNES,
    ledgerFile: null,
    clientPrefix: '',
    ...options,
  });
  cleanups.push(() => running.stop());
  return running;
}

/** Readings of all batches that arrived so far. */
function batchReadings(received: readonly Received[]): BatchReading[] {
  return received
    .filter(({ topic }) => topic.endsWith('/batch'))
    .flatMap(({ payload }) =>
      batchPayload.parse(JSON.parse(payload)).readings.map((reading) => batchReading.parse(reading)),
    );
}

function statuses(received: readonly Received[], id: string): StatusPayload[] {
  return received
    .filter(({ topic }) => topic.endsWith(`/${id}/status`))
    .map(({ payload }) => statusPayload.parse(JSON.parse(payload)));
}

function expectContract(received: readonly Received[]): void {
  for (const { topic, payload } of received) {
    const where = parseTopic(topic);
    expect(where.ok, topic).toBe(true);
    if (!where.ok) continue;
    const json: unknown = JSON.parse(payload);
    if (where.topic.kind === 'status') expect(statusPayload.safeParse(json).success, payload).toBe(true);
    else if (where.topic.kind === 'telemetry') expect(telemetryPayload.safeParse(json).success, payload).toBe(true);
    else expect(batchPayload.safeParse(json).success, payload).toBe(true);
  }
  for (const reading of batchReadings(received)) expect(reading.metrics ?? reading.state).toBeDefined();
}

/** Every device that ought to be heard within seconds of a start. */
function expectEverybody(received: readonly Received[]): void {
  const heard = new Set(
    received.filter(({ topic }) => topic.endsWith('/telemetry')).map(({ topic }) => topic.split('/')[5]),
  );
  for (const reading of batchReadings(received)) heard.add(reading.device);
  const missing = devices.filter(({ id }) => !heard.has(id));
  // A quiet day has its faults too.
  expect(missing.length, missing.map(({ id }) => id).join()).toBeLessThanOrEqual(Math.ceil(devices.length * 0.03));
}

describe('simulators against a broker', () => {
  test('report every class within seconds, in payloads that the contract takes', async () => {
    const { embedded, received } = await broker();
    run(embedded.url);
    await eventually(() => expectEverybody(received), { timeoutMs: 15_000 });
    expectContract(received);
    await eventually(() => {
      for (const id of ['GW-VIETTEL', 'GW-VNPT', 'GW-MOBIFONE', 'GW-VIETNAMOBILE', 'LINK-21025', 'VCS-21025']) {
        expect(statuses(received, id)[0], id).toMatchObject({ state: 'online' });
      }
    });
  });

  test.skipIf(MOSQUITTO === null)(`do so with Mosquitto as we ship it${WITHOUT_MOSQUITTO}`, async () => {
    const mosquitto = await startMosquitto();
    cleanups.push(() => mosquitto.stop());
    const received: Received[] = [];
    const intake = await mqtt.connectAsync(mosquitto.intakeUrl);
    cleanups.push(() => intake.endAsync());
    intake.on('message', (topic, payload) => received.push({ topic, payload: payload.toString('utf8') }));
    await intake.subscribeAsync(`ioc/v1/${PROVINCE_CODE}/#`, { qos: 1 });
    const running = run(mosquitto.deviceUrl);
    await eventually(() => expectEverybody(received), { timeoutMs: 15_000 });
    expectContract(received);
    await running.stop();
    expect(running.tally.readingsAcknowledged).toBe(running.tally.readingsTried);
    expect(received.filter(({ payload }) => payload.includes('"offline"') && !payload.includes('"readings"'))).toEqual(
      [],
    );
  });

  test('speak by their last will when a line breaks, and come back with a newer session', async () => {
    const { embedded, received } = await broker();
    // At 30×, lines of this hub break for half a minute every minute and a half of theirs, in step.
    run(embedded.url, { name: 'flapping', clock: clock(30), target: 'HUB-DAK-TO', communes: new Set(['23401']) });
    const states = await eventually(
      () => {
        const seen = statuses(received, 'LINK-23401');
        expect(seen.filter(({ state }) => state === 'offline').length).toBeGreaterThanOrEqual(2);
        expect(seen.at(-1)?.state).toBe('online');
        return seen;
      },
      { timeoutMs: 40_000 },
    );
    states.forEach((status, i) => {
      const before = states[i - 1];
      if (status.state === 'offline') {
        expect(status.reason).toBe('connection-lost');
        // The will is of the session whose birth came before it, and carries the time of its connect.
        expect(status.session).toBe(before?.session);
        expect(status.ts).toBeLessThanOrEqual(before?.ts ?? 0);
      } else if (before !== undefined) {
        expect(status.session).toBeGreaterThan(before.session);
      }
    });
  });

  test('tell of what was lost before the run began, as its last will would have done', async () => {
    const { embedded, received } = await broker();
    run(embedded.url, { name: 'storm', communes: new Set(['21334', '21340', '21343']) });
    // Sơn Tây is cut off in the storm's 15th hour, before a run starts.
    for (const id of ['LINK-21334', 'LINK-21340', 'LINK-21343', 'FLOOD-TRAKHUC-01']) {
      await eventually(() => {
        expect(statuses(received, id).map(({ state }) => state)).toEqual(['offline']);
      });
    }
    expect(received.filter(({ topic }) => topic.endsWith('/telemetry'))).toEqual([]);
    await eventually(() => {
      const said = batchReadings(received).filter(({ state }) => state === 'offline');
      expect(new Set(said.map(({ device }) => device)).size).toBeGreaterThan(20);
    });
  });

  test('end without a word, so that stopping a demo breaks nothing on the wall', async () => {
    const { embedded, received } = await broker();
    const running = run(embedded.url);
    await eventually(() => expectEverybody(received), { timeoutMs: 15_000 });
    await running.stop();
    // What a client publishes afterwards comes after anything that the stop could have caused.
    const after = await mqtt.connectAsync(embedded.url);
    cleanups.push(() => after.endAsync());
    await after.publishAsync('ioc/v1/51/21025/link/AFTER/event', '{}', { qos: 1 });
    await eventually(() => expect(received.at(-1)?.topic).toContain('AFTER'));
    const offline = received.filter(({ topic, payload }) => topic.endsWith('/status') && payload.includes('offline'));
    expect(offline).toEqual([]);
    expect(running.tally.readingsAcknowledged).toBe(running.tally.readingsTried);
  });

  test('keep what they measure while the broker is away, and send it when it is back', async () => {
    const first = await broker();
    const port = Number(new URL(first.embedded.url).port);
    const running = run(first.embedded.url, { clock: clock(10) });
    await eventually(() => expectEverybody(first.received), { timeoutMs: 15_000 });
    await first.embedded.close();
    // Four gateways keep a round of stations every two of their seconds.
    await eventually(() => {
      expect(running.waiting()).toBeGreaterThan(60);
    });
    const second = await broker(port);
    const timesOf = (id: string): number[] =>
      [...first.received, ...second.received].flatMap(({ topic, payload }) => {
        if (topic.endsWith(`/${id}/telemetry`)) return [telemetryPayload.parse(JSON.parse(payload)).ts];
        if (!topic.endsWith('/batch') || !payload.includes(id)) return [];
        return batchReadings([{ topic, payload }]).flatMap((reading) => (reading.device === id ? [reading.ts] : []));
      });
    const steady = devices.find((device) => device.deviceClass === 'bts' && device.owner === 'VIETTEL')?.id ?? '';
    for (const [id, everyMs] of [[steady, 10_000] as const, ['LINK-21025', 5_000] as const]) {
      await eventually(
        () => {
          const times = [...new Set(timesOf(id))].sort((a, b) => a - b);
          expect((times.at(-1) ?? 0) - (times[0] ?? 0), id).toBeGreaterThan(60_000);
          for (let i = 1; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 1] ?? 0), id).toBe(everyMs);
        },
        { timeoutMs: 30_000 },
      );
    }
  });

  test('send an hour of kept readings as historical when a gateway returns', async () => {
    const { embedded, received } = await broker();
    // Away for 57 minutes when the run starts; three minutes are six seconds at 30×.
    run(embedded.url, { name: 'backfill', clock: clock(30) });
    await eventually(
      () => {
        const kept = batchReadings(received.filter(({ topic }) => topic.includes('GW-MOBIFONE'))).filter(
          (r) => r.historical,
        );
        const times = kept.map(({ ts }) => ts);
        expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(55 * 60_000);
        expect(kept.every(({ metrics }) => metrics !== undefined)).toBe(true);
      },
      { timeoutMs: 40_000, everyMs: 250 },
    );
    expect(statuses(received, 'GW-MOBIFONE')).toHaveLength(1);
  });

  test('send bad input of every kind, and note what must not be stored', async () => {
    const { embedded, received } = await broker();
    const ledgerFile = path.join(folder, 'ledger');
    const running = run(embedded.url, { name: 'bad-input', clock: clock(30), ledgerFile });
    await eventually(() => expect(running.tally.refusedSent).toBeGreaterThan(35), { timeoutMs: 40_000 });
    await running.stop();
    expect(received.some(({ payload }) => payload === '{"ts":')).toBe(true);
    const ledger = await readLedgers([ledgerFile]);
    const refused = [...ledger.devices.values()].flatMap(({ readings }) =>
      [...readings.values()].filter((s) => s === 'refused'),
    );
    expect(refused.length).toBeGreaterThanOrEqual(7);
    expect(ledger.badLines).toBe(0);
  });
});

describe('a ledger', () => {
  const AT = Date.parse('2026-11-22T05:00:00Z');
  const reading = (deviceId: string, atMs: number) => ({ deviceId, deviceClass: 'link', atMs });

  /** A database with two links, and rows as given. */
  async function stored(
    rows: readonly (readonly [id: string, atMs: number, receivedAtMs?: number])[],
  ): Promise<{ url: string; client: Client }> {
    const database = await freshDatabase();
    cleanups.push(() => database.drop());
    const client = new Client({ connectionString: database.url });
    await client.connect();
    cleanups.push(() => client.end());
    await client.query(`insert into organisation (id, name, kind) values ('TSLCD', 'TSLCD', 'network')`);
    for (const id of ['LINK-21025', 'LINK-21028']) {
      await client.query(
        `insert into device (id, device_class, name, commune_code, organisation_id, lat, lon, reporting_interval_ms, registered_at)
         values ($1, 'link', $1, '21025', 'TSLCD', 15, 108, 5000, now())`,
        [id],
      );
    }
    // A primary key forbids doubles; here somebody has lost it.
    await client.query('alter table link_reading drop constraint link_reading_pkey');
    for (const [id, atMs, receivedAtMs = AT + 60_000] of rows) {
      await client.query(
        `insert into link_reading (device_no, at, received_at, rtt_ms)
         select no, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), 5 from device where id = $1`,
        [id, atMs, receivedAtMs],
      );
    }
    return { url: database.url, client };
  }

  function ledgerOf(write: (ledger: ReturnType<typeof openLedger>) => void): string {
    const file = path.join(folder, `ledger-${Math.trunc(performance.now())}`);
    const ledger = openLedger(file, AT);
    write(ledger);
    ledger.close();
    return file;
  }

  test('agrees with a database that stored what was acknowledged and some of what was not', async () => {
    const file = ledgerOf((ledger) => {
      ledger.acknowledged(ledger.tried([reading('LINK-21025', AT), reading('LINK-21028', AT)]));
      ledger.tried([reading('LINK-21025', AT + 5_000)]);
      ledger.tried([reading('LINK-21025', AT + 10_000)]);
    });
    const { url } = await stored([
      ['LINK-21025', AT],
      ['LINK-21028', AT],
      ['LINK-21025', AT + 5_000],
      // Left by an earlier run.
      ['LINK-21025', AT + 7_000, AT - 60_000],
    ]);
    const verdict = await verify(await readLedgers([file]), url);
    expect(verdict).toMatchObject({ tried: 4, acknowledged: 2, stored: 3 });
    expect(holds(verdict)).toBe(true);
  });

  test('names what is missing, double, unexpected, and stored though it had to be refused', async () => {
    const file = ledgerOf((ledger) => {
      for (let i = 0; i < 5; i++) ledger.acknowledged(ledger.tried([reading('LINK-21025', AT + i * 5_000)]));
      ledger.refused(reading('LINK-21025', AT + 777));
    });
    const { url } = await stored([
      ['LINK-21025', AT],
      ['LINK-21025', AT + 5_000],
      ['LINK-21025', AT + 5_000],
      ['LINK-21025', AT + 10_000],
      ['LINK-21025', AT + 12_345],
      ['LINK-21025', AT + 777],
      ['LINK-21025', AT + 20_000],
    ]);
    const verdict = await verify(await readLedgers([file]), url);
    expect(verdict.missing).toEqual({ count: 1, first: [{ deviceId: 'LINK-21025', atMs: AT + 15_000 }] });
    expect(verdict.double).toEqual({ count: 1, first: [{ deviceId: 'LINK-21025', atMs: AT + 5_000 }] });
    expect(verdict.unexpected).toEqual({ count: 1, first: [{ deviceId: 'LINK-21025', atMs: AT + 12_345 }] });
    expect(verdict.refusedButStored).toEqual({ count: 1, first: [{ deviceId: 'LINK-21025', atMs: AT + 777 }] });
    expect(holds(verdict)).toBe(false);
  });

  test('survives a run that was killed in the middle of a line, and a second run in the same file', async () => {
    const file = ledgerOf((ledger) => {
      ledger.acknowledged(ledger.tried([reading('LINK-21025', AT)]));
      ledger.tried([reading('LINK-21025', AT + 5_000)]);
    });
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -3));
    const again = openLedger(file, AT + 60_000);
    again.acknowledged(again.tried([reading('LINK-21028', AT + 60_000)]));
    again.close();
    const ledger = await readLedgers([file]);
    expect([...(ledger.devices.get('LINK-21028')?.readings ?? [])]).toEqual([[AT + 60_000, 'acknowledged']]);
    expect([...(ledger.devices.get('LINK-21025')?.readings ?? [])]).toEqual([[AT, 'acknowledged']]);
    expect(ledger.badLines).toBe(1);
    appendFileSync(file, 'nonsense\n');
    expect((await readLedgers([file])).badLines).toBe(2);
  });
});
