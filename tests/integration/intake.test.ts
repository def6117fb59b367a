import {
  ENDPOINTS,
  MAX_BATCH_READINGS,
  deviceTopic,
  gatewayTopic,
  type DeadLetter,
  type RejectReason,
} from '@ioc/contract';
import { INTAKE_STATEMENTS } from '@ioc/server/intake/intake.repository';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { MOSQUITTO, WITHOUT_MOSQUITTO } from '../harness/mosquitto.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const LINK = 'LINK-21025';
const COMMUNE = '21025';
const GATEWAY = 'GW-VNPT';
const DEAD_LETTERS = 100;
const telemetry = deviceTopic(COMMUNE, 'link', LINK, 'telemetry');
const reading = (atMs: number, metrics: object = { linkUp: true, rttMs: 8.5, lossPercent: 0 }) => ({
  ts: atMs,
  metrics,
});

const brokers = [
  { broker: 'embedded', name: 'the embedded broker', skipped: false },
  { broker: 'mosquitto', name: `Mosquitto${WITHOUT_MOSQUITTO}`, skipped: MOSQUITTO === null },
] as const;

describe.each(brokers.filter(({ skipped }) => !skipped))('Intake from $name', ({ broker }) => {
  let system: TestConsole;
  let database: pg.Client;
  let device: Publisher;
  let intake: IntakeService;

  beforeAll(async () => {
    system = await startTestConsole({
      broker,
      register: smallFleetCsv([COMMUNE]),
      settings: { IOC_DEAD_LETTER_LIMIT: String(DEAD_LETTERS) },
    });
    intake = system.running.app.get(IntakeService);
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(intake.visibility().seeing).toBe(true));
    device = await connectPublisher(system.mqttUrl, { clientId: LINK });
  });

  afterAll(async () => {
    await device.close();
    await database.end();
    await system.stop();
  });

  /** Publishes, and waits for the commit: an external broker acknowledges for itself, before we have it. */
  async function deliver(topic: string, payload: object | string | Buffer): Promise<void> {
    const before = intake.stats().messages;
    await device.publish(topic, payload);
    await eventually(() => {
      const { messages, unacknowledged } = intake.stats();
      expect(messages).toBeGreaterThan(before);
      expect(unacknowledged).toBe(0);
    });
  }

  async function storedAt(atMs: number): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await database.query<Record<string, unknown>>(
      `select r.*, extract(epoch from r.at) * 1000 as at_ms from link_reading r join device d on d.no = r.device_no
       where d.id = $1 and r.at = to_timestamp($2::float8 / 1000)`,
      [LINK, atMs],
    );
    return rows;
  }

  test('a reading that is acknowledged is in the database', async () => {
    const at = Date.now();
    // The embedded broker's own PUBACK waits for the commit; behind an external one it is the intake's that does.
    if (broker === 'embedded') await device.publish(telemetry, reading(at, { linkUp: true, rttMs: 12.5 }));
    else await deliver(telemetry, reading(at, { linkUp: true, rttMs: 12.5 }));
    const rows = await storedAt(at);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ link_up: true, rtt_ms: 12.5, loss_percent: null, suspect: null });
  });

  test('nothing is acknowledged while the commit is held up, and then it is', async () => {
    const blocker = new pg.Client({ connectionString: system.databaseUrl });
    await blocker.connect();
    await blocker.query('begin; lock table link_reading in access exclusive mode');
    const at = Date.now();
    let acknowledged = false;
    const published = device.publish(telemetry, reading(at)).then(() => (acknowledged = true));
    await eventually(async () => {
      const { rows } = await database.query(
        `select from pg_locks where not granted and relation = 'link_reading'::regclass`,
      );
      expect(rows).not.toHaveLength(0);
    });
    expect(intake.stats().unacknowledged).toBe(1);
    // What the broker would have told the device by now, it would have told before the answer to this ping.
    await answeredPing(device);
    if (broker === 'embedded') expect(acknowledged).toBe(false);
    await blocker.query('commit');
    await blocker.end();
    await published;
    await eventually(() => expect(intake.stats().unacknowledged).toBe(0));
    expect(await storedAt(at)).toHaveLength(1);
  });

  test('every statement can be prepared', async () => {
    for (const [index, statement] of INTAKE_STATEMENTS.entries()) {
      await database.query(`prepare intake_statement_${index} as ${statement}`);
      await database.query(`deallocate intake_statement_${index}`);
    }
    expect(INTAKE_STATEMENTS.length).toBeGreaterThan(10);
  });

  test('the same reading twice is stored once', async () => {
    const at = Date.now();
    const before = intake.stats().duplicates;
    await deliver(telemetry, reading(at, { rttMs: 1 }));
    await deliver(telemetry, reading(at, { rttMs: 2 }));
    expect(await storedAt(at)).toMatchObject([{ rtt_ms: 1 }]);
    await eventually(() => expect(intake.stats().duplicates).toBe(before + 1));
  });

  describe('bad input', () => {
    const now = Date.now();
    const bad: readonly {
      readonly name: string;
      readonly reason: RejectReason;
      readonly topic?: string;
      readonly payload: object | string | Buffer;
    }[] = [
      { name: 'malformed JSON', reason: 'payload-not-json', payload: '{"ts": 17634' },
      { name: 'a wrong topic', reason: 'topic-shape', topic: 'ioc/v1/51/21025/link', payload: reading(now) },
      {
        name: 'a topic of another system',
        reason: 'topic-shape',
        topic: 'ioc/v1/51/21025/link/x/y/telemetry',
        payload: {},
      },
      {
        name: 'an unknown class',
        reason: 'topic-class',
        topic: 'ioc/v1/51/21025/camera/X/telemetry',
        payload: reading(now),
      },
      { name: 'a payload of 1 MiB', reason: 'payload-too-large', payload: Buffer.alloc(1024 * 1024, 0x20) },
      { name: 'a payload just over 64 KiB', reason: 'payload-too-large', payload: Buffer.alloc(64 * 1024 + 1, 0x20) },
      { name: 'binary', reason: 'payload-not-json', payload: Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x80]) },
      { name: 'NaN', reason: 'payload-not-json', payload: `{"ts":${now},"metrics":{"rttMs":NaN}}` },
      { name: 'infinity', reason: 'metric-type', payload: `{"ts":${now},"metrics":{"rttMs":1e999}}` },
      { name: 'text for a number', reason: 'metric-type', payload: reading(now, { rttMs: '12' }) },
      { name: '1970', reason: 'time-too-old', payload: reading(0) },
      { name: '2099', reason: 'time-future', payload: reading(Date.UTC(2099, 0, 1)) },
      { name: 'no time', reason: 'payload-shape', payload: { metrics: { rttMs: 1 } } },
      { name: 'no metrics', reason: 'no-metrics', payload: reading(now, {}) },
      {
        name: 'a wrong commune',
        reason: 'commune-mismatch',
        topic: deviceTopic('21115', 'link', LINK, 'telemetry'),
        payload: reading(now),
      },
      {
        name: 'a wrong class',
        reason: 'class-mismatch',
        topic: deviceTopic(COMMUNE, 'vcs', LINK, 'telemetry'),
        payload: reading(now),
      },
      {
        name: 'a batch of 100,000',
        reason: 'batch-too-long',
        topic: gatewayTopic(GATEWAY, 'batch'),
        payload: `{"ts":${now},"readings":[${'0,'.repeat(99_999)}0]}`,
      },
      {
        name: 'an unknown gateway',
        reason: 'gateway-unknown',
        topic: gatewayTopic('GW-NOBODY', 'batch'),
        payload: { ts: now, readings: [] },
      },
    ];

    test.each(bad)('$name is rejected, its reason can be read, and the next good message is taken', async (input) => {
      const agent = await system.signedIn('operator');
      const before: unknown = (await agent.get('/api/v1/dead-letters?limit=1').expect(200)).body;
      await deliver(input.topic ?? telemetry, input.payload);
      const body: unknown = (await agent.get('/api/v1/dead-letters?limit=1').expect(200)).body;
      const [letter] = (body as { items: DeadLetter[] }).items;
      expect(letter?.id).not.toBe((before as { items: DeadLetter[] }).items[0]?.id);
      expect(letter).toMatchObject({ reason: input.reason, topic: input.topic ?? telemetry });
      const bytes = Buffer.from(
        typeof input.payload === 'object' && !Buffer.isBuffer(input.payload)
          ? JSON.stringify(input.payload)
          : input.payload,
      );
      expect(letter?.payloadBytes).toBe(bytes.length);
      expect(letter?.payload.length).toBeLessThanOrEqual(4 * 1024);

      const at = Date.now();
      await deliver(telemetry, reading(at));
      expect(await storedAt(at)).toHaveLength(1);
    });

    test('of a batch only the bad readings are rejected', async () => {
      const stations = smallFleet([COMMUNE]).devices.filter(({ gateway }) => gateway === GATEWAY);
      const foreign = smallFleet([COMMUNE]).devices.find(({ gateway }) => gateway !== null && gateway !== GATEWAY);
      const [good, other] = stations;
      if (good === undefined || other === undefined || foreign === undefined) throw new Error('the fleet is too small');
      const ts = Date.now();
      await deliver(gatewayTopic(GATEWAY, 'batch'), {
        ts,
        readings: [
          { device: good.id, ts, metrics: { mainsOn: true, batteryPercent: 90 } },
          { device: other.id, ts, metrics: { batteryPercent: 'full', mainsOn: false, colour: 'red' } },
          { device: foreign.id, ts, metrics: { mainsOn: true } },
          { device: good.id, ts: 'yesterday', metrics: { mainsOn: true } },
          'nonsense',
        ],
      });
      const { rows } = await database.query<{ id: string; mains_on: boolean; battery_percent: number | null }>(
        `select d.id, mains_on, battery_percent from bts_reading r join device d on d.no = r.device_no
         where r.at = to_timestamp($1::float8 / 1000)`,
        [ts],
      );
      expect(new Map(rows.map(({ id, ...row }) => [id, row]))).toEqual(
        new Map([
          [good.id, { mains_on: true, battery_percent: 90 }],
          [other.id, { mains_on: false, battery_percent: null }],
        ]),
      );
      const agent = await system.signedIn('operator');
      const body: unknown = (await agent.get('/api/v1/dead-letters?limit=4').expect(200)).body;
      expect((body as { items: DeadLetter[] }).items.map(({ reason, payload }) => [reason, payload])).toEqual([
        ['payload-shape', '"nonsense"'],
        ['payload-shape', expect.stringContaining('yesterday')],
        ['gateway-mismatch', expect.stringContaining(foreign.id)],
        ['metric-type', expect.stringContaining(other.id)],
      ]);
    });

    test('a batch as long as allowed is taken', async () => {
      const station = smallFleet([COMMUNE]).devices.find(({ gateway }) => gateway === GATEWAY);
      const ts = Date.now();
      const readings = Array.from({ length: MAX_BATCH_READINGS }, (_, index) => ({
        device: station?.id,
        ts: ts - index,
        metrics: { mainsOn: true },
      }));
      await deliver(gatewayTopic(GATEWAY, 'batch'), { ts, readings });
      const { rows } = await database.query<{ count: number }>(
        `select count(*)::int4 as count from bts_reading r join device d on d.no = r.device_no
         where d.id = $1 and at between to_timestamp($2::float8 / 1000) and to_timestamp($3::float8 / 1000)`,
        [station?.id, ts - MAX_BATCH_READINGS + 1, ts],
      );
      expect(rows[0]?.count).toBe(MAX_BATCH_READINGS);
    });

    test('a device that is not registered is quarantined, can be ignored, and nothing of it is stored', async () => {
      const id = `LINK-UNKNOWN-${broker}`;
      await deliver(deviceTopic(COMMUNE, 'link', id, 'telemetry'), reading(Date.now()));
      await deliver(deviceTopic(COMMUNE, 'link', id, 'telemetry'), reading(Date.now() + 1));
      const agent = await system.signedIn('administrator');
      const body: unknown = (await agent.get('/api/v1/quarantine?ignored=false').expect(200)).body;
      expect(body).toMatchObject({
        items: [{ id, communeCode: COMMUNE, deviceClass: 'link', gatewayId: null, messages: 2, ignored: false }],
      });
      await agent.post(`/api/v1/quarantine/${id}/ignore`).send({ ignored: true }).expect(204);
      expect((await agent.get('/api/v1/quarantine?ignored=false').expect(200)).body).toEqual({
        items: [],
        nextCursor: null,
      });
      expect((await agent.get('/api/v1/quarantine?ignored=true').expect(200)).body).toMatchObject({ items: [{ id }] });
    });

    test('a quarantined device that is adopted leaves the quarantine, and its readings are taken', async () => {
      const id = `LINK-NEW-${broker}`;
      const topic = deviceTopic(COMMUNE, 'link', id, 'telemetry');
      await deliver(topic, reading(Date.now()));
      const agent = await system.signedIn('administrator');
      const adoption = {
        deviceClass: 'link',
        communeCode: COMMUNE,
        name: 'Đường truyền dự phòng',
        owner: 'PROVINCE',
        hubId: smallFleet([COMMUNE]).hubs[0]?.id,
        lat: 15.12,
        lon: 108.79,
        attributes: { capacityMbps: 100, medium: 'fibre' },
      };
      await agent.post(`/api/v1/quarantine/${id}/adopt`).send(adoption).expect(201, { id });
      await agent.post(`/api/v1/quarantine/${id}/adopt`).send(adoption).expect(409);
      const answer = await agent.get('/api/v1/quarantine').expect(200);
      const listed = ENDPOINTS.listQuarantine.response.parse(answer.body);
      expect(listed.items.map((item) => item.id)).not.toContain(id);
      const at = Date.now();
      await deliver(topic, reading(at));
      const { rows } = await database.query(
        `select from link_reading r join device d on d.no = r.device_no
         where d.id = $1 and r.at = to_timestamp($2::float8 / 1000)`,
        [id, at],
      );
      expect(rows).toHaveLength(1);
    });

    test('the list of dead letters is bounded, and a flood of them does not hold up the good', async () => {
      const before = intake.stats().messages;
      const flood = 3_000;
      await Promise.all(Array.from({ length: flood }, () => device.publish(telemetry, 'nonsense')));
      const at = Date.now();
      await deliver(telemetry, reading(at));
      await eventually(() => expect(intake.stats().messages).toBe(before + flood + 1));
      expect(await storedAt(at)).toHaveLength(1);
      const { rows } = await database.query<{ letters: number; counted: number }>(
        `select (select count(*)::int4 from dead_letter) as letters,
                (select sum(count)::int4 from dead_letter_count where reason = 'payload-not-json') as counted`,
      );
      // The limit, and what may come on top before the list is cut back.
      expect(rows[0]?.letters).toBeLessThanOrEqual(DEAD_LETTERS + 400);
      expect(rows[0]?.counted).toBeGreaterThanOrEqual(flood);
    });

    test('the pages of the dead letters follow one another, and a bad cursor is a problem document', async () => {
      const agent = await system.signedIn('operator');
      const first = (await agent.get('/api/v1/dead-letters?limit=2').expect(200)).body as {
        items: DeadLetter[];
        nextCursor: string;
      };
      const second = (await agent.get(`/api/v1/dead-letters?limit=2&cursor=${first.nextCursor}`).expect(200)).body as {
        items: DeadLetter[];
      };
      const ids = [...first.items, ...second.items].map(({ id }) => Number(id));
      expect(ids).toEqual([...ids].sort((a, b) => b - a));
      expect(new Set(ids).size).toBe(4);
      const refused = await agent.get('/api/v1/dead-letters?cursor=nonsense').expect(400);
      expect(refused.body).toMatchObject({ code: 'bad-cursor' });
    });

    test('rejections are counted by hour and reason', async () => {
      const agent = await system.signedIn('operator');
      const body: unknown = (await agent.get('/api/v1/dead-letters/counts').expect(200)).body;
      const counts = (body as { items: { reason: string; count: number }[] }).items;
      expect(counts.find(({ reason }) => reason === 'payload-too-large')?.count).toBeGreaterThanOrEqual(2);
    });
  });
});

function answeredPing({ client }: Publisher): Promise<void> {
  return new Promise((resolve) => {
    const onPacket = ({ cmd }: { readonly cmd: string }) => {
      if (cmd !== 'pingresp') return;
      client.off('packetreceive', onPacket);
      resolve();
    };
    client.on('packetreceive', onPacket);
    client.sendPing();
  });
}
