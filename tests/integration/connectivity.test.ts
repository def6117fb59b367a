import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  scaledClock,
  type DeviceDetail,
  type Outage,
  type Page,
  type SessionState,
} from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21025';
const GATEWAY = 'GW-VNPT';
/** The longest that the wire allows: a busy machine may stall for a second and a half before this gateway looks silent. */
const BATCH_INTERVAL_MS = 60_000;
/** Three minutes of silence pass in one and a half seconds. */
const SPEED = 120;
const clock = scaledClock(Date.now(), SPEED, Date.now);

const stations = smallFleet([COMMUNE])
  .devices.filter((device) => device.deviceClass === 'bts' && device.gateway === GATEWAY)
  .map(({ id }) => id);
const [silent = '', ...others] = stations;

describe('Connectivity', () => {
  let system: TestConsole;
  let database: pg.Client;
  let gateway: Publisher;
  let reporting: readonly string[] = [];
  let session = 0;
  let beat: ReturnType<typeof setInterval>;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    gateway = await connectPublisher(system.mqttUrl, { clientId: GATEWAY });
    beat = setInterval(() => void publishBatch(reporting).catch(() => undefined), BATCH_INTERVAL_MS / SPEED);
  });

  afterEach(async () => {
    await sayGateway('online');
    reporting = stations;
    await eventually(() => expect(statesOf(stations)).toEqual(new Set(['up'])));
  });

  afterAll(async () => {
    clearInterval(beat);
    await gateway.close();
    await database.end();
    await system.stop();
  });

  function publishBatch(ids: readonly string[], said: Partial<Record<string, SessionState>> = {}): Promise<void> {
    const ts = clock.now();
    if (ids.length === 0) return Promise.resolve();
    const readings = ids.map((device) => ({
      device,
      ts,
      ...(said[device] === undefined ? { metrics: { mainsOn: true, connectedUsers: 40 } } : { state: said[device] }),
    }));
    return gateway.publish(gatewayTopic(GATEWAY, 'batch'), { ts, readings });
  }

  async function sayGateway(state: SessionState): Promise<void> {
    session += 1;
    await gateway.publish(gatewayTopic(GATEWAY, 'status'), { ts: clock.now(), session, state }, { retain: true });
  }

  const stateOf = (id: string) => system.running.app.get(ConnectivityService).stateOf(id);
  const statesOf = (ids: readonly string[]) => new Set(ids.map((id) => stateOf(id).connectivity));

  async function outagesOf(id: string): Promise<readonly Outage[]> {
    const answer = await system.anonymous.get(`${API_PREFIX}/devices/${id}/outages`).expect(200);
    return (answer.body as Page<Outage>).items;
  }

  async function allUp(): Promise<void> {
    reporting = stations;
    await eventually(() => expect(statesOf(stations)).toEqual(new Set(['up'])));
  }

  test('a silent station behind a gateway whose others report is down, inferred, since its last reading', async () => {
    await allUp();
    reporting = others;
    await eventually(() => expect(stateOf(silent).connectivity).toBe('down'));
    await eventually(() => expect(statesOf(others)).toEqual(new Set(['up'])));
    const [outage] = await outagesOf(silent);
    expect(outage).toMatchObject({ basis: 'inferred', endedAt: null, reason: 'silent' });
    const { servedAtMs } = stateOf(silent);
    expect(Date.parse(outage?.beganAt ?? '')).toBe(servedAtMs);

    reporting = stations;
    await eventually(() => expect(stateOf(silent).connectivity).toBe('up'));
    expect((await outagesOf(silent))[0]?.endedAt).not.toBeNull();
  });

  test('a silent gateway makes its stations blind and not down, and the span is kept', async () => {
    await allUp();
    const { rows: before } = await database.query('select id from outage');
    reporting = [];
    await eventually(() => expect(statesOf(stations)).toEqual(new Set(['blind'])));
    expect(stateOf(silent)).toMatchObject({ lastKnown: 'up', reason: 'gateway-silent' });
    const detail = await system.anonymous.get(`${API_PREFIX}/devices/${silent}`).expect(200);
    expect((detail.body as DeviceDetail).live).toMatchObject({ connectivity: 'blind', lastKnown: 'up' });
    const open = await database.query('select reason from blind_span where gateway_id = $1 and ended_at is null', [
      GATEWAY,
    ]);
    expect(open.rows).toEqual([{ reason: 'gateway-silent' }]);

    await allUp();
    const { rows: after } = await database.query('select id from outage');
    expect(after).toHaveLength(before.length);
    const still = await database.query('select from blind_span where gateway_id = $1 and ended_at is null', [GATEWAY]);
    expect(still.rows).toHaveLength(0);
  });

  test('a station that its gateway says is offline is down at once, and stays so while the gateway is away', async () => {
    await allUp();
    reporting = others;
    await publishBatch([silent], { [silent]: 'offline' });
    await eventually(() => expect(stateOf(silent).connectivity).toBe('down'));
    expect((await outagesOf(silent))[0]).toMatchObject({ basis: 'said', endedAt: null });
    await sayGateway('offline');
    reporting = [];
    await eventually(() => expect(stateOf(silent)).toMatchObject({ connectivity: 'blind', lastKnown: 'down' }));
    expect((await outagesOf(silent))[0]).toMatchObject({ basis: 'said', endedAt: null });
  });

  test('late data repairs an outage only where it proves service, and says so', async () => {
    await allUp();
    reporting = others;
    await eventually(() => expect(stateOf(silent).connectivity).toBe('down'));
    await allUp();
    const [outage] = await outagesOf(silent);
    const beganMs = Date.parse(outage?.beganAt ?? '');
    const endedMs = Date.parse(outage?.endedAt ?? '');
    const late = (ts: number, metrics: object) => ({ device: silent, ts, historical: true, metrics });
    const middle = Math.round((beganMs + endedMs) / 2);
    await gateway.publish(gatewayTopic(GATEWAY, 'batch'), {
      ts: clock.now(),
      readings: [late(middle, { mainsOn: true, connectedUsers: 0 })],
    });
    expect((await outagesOf(silent))[0]).toMatchObject({ id: outage?.id, repairs: [] });

    await gateway.publish(gatewayTopic(GATEWAY, 'batch'), {
      ts: clock.now(),
      readings: [late(middle + 1, { mainsOn: true, connectedUsers: 25 })],
    });
    const [second, first] = await outagesOf(silent);
    expect(first).toMatchObject({ id: outage?.id, beganAt: outage?.beganAt });
    expect(first?.endedAt).toBe(new Date(middle + 1).toISOString());
    expect(first?.repairs).toMatchObject([
      {
        readingAt: new Date(middle + 1).toISOString(),
        note: {
          vi: 'Tách đoạn: dữ liệu đến muộn cho thấy có lúc vẫn phục vụ',
          en: 'Split: late data shows service in between',
        },
      },
    ]);
    expect(second).toMatchObject({ beganAt: new Date(middle + 1).toISOString(), endedAt: outage?.endedAt });
    expect(stateOf(silent).connectivity).toBe('up');
  });

  test('the history of outages is paged, newest first, and a cursor of somebody else is refused', async () => {
    const all = await outagesOf(silent);
    expect(all.length).toBeGreaterThanOrEqual(3);
    const first = await system.anonymous.get(`${API_PREFIX}/devices/${silent}/outages?limit=2`).expect(200);
    const { items, nextCursor } = first.body as Page<Outage>;
    const next = await system.anonymous
      .get(`${API_PREFIX}/devices/${silent}/outages?limit=500&cursor=${nextCursor ?? ''}`)
      .expect(200);
    expect([...items, ...(next.body as Page<Outage>).items]).toEqual(all);
    const bad = await system.anonymous.get(`${API_PREFIX}/devices/${silent}/outages?cursor=WyJhIl0`).expect(400);
    expect(bad.body).toMatchObject({ code: 'bad-cursor' });
    await system.anonymous.get(`${API_PREFIX}/devices/NOBODY/outages`).expect(404);
  });
});

describe('A restart', () => {
  let kept: FreshDatabase;
  let database: pg.Client;
  const start = (grace: `${number}s`) =>
    startTestConsole({
      register: smallFleetCsv([COMMUNE]),
      databaseUrl: kept.url,
      settings: { IOC_START_GRACE: grace },
    });

  beforeAll(async () => {
    kept = await freshDatabase();
    database = new pg.Client({ connectionString: kept.url });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await kept.drop();
  });

  test('keeps what was known, raises nothing of its own, and counts the time away as blind', async () => {
    const before = await start('0s');
    const gateway = await connectPublisher(before.mqttUrl, { clientId: GATEWAY });
    const link = deviceTopic(COMMUNE, 'link', `LINK-${COMMUNE}`, 'status');
    const ts = Date.now();
    await eventually(() => expect(before.running.app.get(IntakeService).visibility().seeing).toBe(true));
    await gateway.publish(gatewayTopic(GATEWAY, 'batch'), {
      ts,
      readings: stations.map((device) => ({ device, ts, metrics: { connectedUsers: 3 } })),
    });
    await gateway.publish(link, { ts, session: 7, state: 'offline', reason: 'fibre' }, { retain: true });
    const stateIn = (system: TestConsole, id: string) => system.running.app.get(ConnectivityService).stateOf(id);
    await eventually(() => expect(stateIn(before, `LINK-${COMMUNE}`).connectivity).toBe('down'));
    await eventually(async () => {
      const { rows } = await database.query('select beat_at from intake_heartbeat');
      expect(rows).toHaveLength(1);
    });
    const { rows: opened } = await database.query('select id, device_id, began_at, ended_at from outage order by id');
    await gateway.close();
    await before.stop();
    // The console was away for an hour: longer than any limit of silence.
    await database.query(`update intake_heartbeat set beat_at = beat_at - interval '1 hour'`);

    const after = await start('180s');
    try {
      await eventually(() => expect(after.running.app.get(IntakeService).visibility().seeing).toBe(true));
      await eventually(async () => {
        const { rows } = await database.query<{ span_s: string; reason: string }>(
          `select extract(epoch from ended_at - began_at) as span_s, reason from blind_span
           where gateway_id is null and ended_at - began_at > interval '59 minutes'`,
        );
        expect(rows).toMatchObject([{ reason: 'starting' }]);
      });
      expect(stateIn(after, silent)).toMatchObject({ connectivity: 'up', heardAtMs: null });
      expect(stateIn(after, `LINK-${COMMUNE}`)).toMatchObject({ connectivity: 'down', reason: 'fibre', session: 7 });
      const { rows: still } = await database.query('select id, device_id, began_at, ended_at from outage order by id');
      expect(still).toEqual(opened);
    } finally {
      await after.stop();
    }
  });
});
