import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { API_PREFIX, deviceTopic, type ENDPOINTS, type Incident, type Page, type ResponseOf } from '@ioc/contract';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startConsoleProcess, type ConsoleProcess } from '../harness/console-process.js';
import { startTestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { startMosquitto, type TestMosquitto } from '../harness/mosquitto.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21172';
const LINK = `LINK-${COMMUNE}`;
/** Before, within and after the transaction of a request. */
const KILL_AFTER_MS = [0, 60] as const;

interface Step {
  readonly path: string;
  readonly body: object;
  /** How the trail calls it. */
  readonly noted: string;
  readonly state: Incident['state'];
}
type Detail = ResponseOf<typeof ENDPOINTS.getIncident>;

describe('A server that is killed while somebody works an incident', () => {
  let fresh: FreshDatabase;
  let broker: TestMosquitto;
  let wire: Publisher;
  let database: pg.Client;
  let server: ConsoleProcess | null = null;
  let address = '';

  beforeAll(async () => {
    fresh = await freshDatabase();
    broker = await startMosquitto();
    database = new pg.Client({ connectionString: fresh.url });
    await database.connect();
    wire = await connectPublisher(broker.deviceUrl, { clientId: 'publisher' });
    const first = await startTestConsole({
      databaseUrl: fresh.url,
      broker: { url: broker.intakeUrl },
      register: smallFleetCsv([COMMUNE]),
    });
    await setAlarmDelays(first, { raise: 0, clear: 0 });
    await first.stop();
  });

  afterAll(async () => {
    server?.signal('SIGKILL');
    await server?.ended;
    await wire.close();
    await database.end();
    await broker.stop();
    await fresh.drop();
  });

  async function start(): Promise<void> {
    server = startConsoleProcess({
      IOC_DATABASE_URL: fresh.url,
      IOC_MQTT_URL: broker.intakeUrl,
      IOC_SIMULATE: '0',
      IOC_START_GRACE: '0s',
    });
    address = await server.address;
  }

  async function kill(): Promise<void> {
    server?.signal('SIGKILL');
    await server?.ended;
  }

  /** A technician who is signed in, and stays so whatever becomes of the server. */
  async function technician(name: string): Promise<{ readonly personId: string; readonly cookie: string }> {
    const token = randomBytes(32).toString('base64url');
    const { rows } = await database.query<{ person_id: string }>(
      `with made as (
         insert into person (id, login, name, role, password_hash, created_at)
         values (gen_random_uuid(), 'p' || left(md5($1), 20), $1, 'technician', 'none', now()) returning id)
       insert into session (token_hash, person_id, created_at, last_seen_at, expires_at)
       select $2, id, now(), now(), now() + interval '1 hour' from made returning person_id`,
      [name, createHash('sha256').update(token, 'utf8').digest()],
    );
    return { personId: rows[0]?.person_id ?? '', cookie: `ioc_session=${token}` };
  }

  const get = async (path: string, cookie: string): Promise<unknown> => {
    const answer = await fetch(`${address}${API_PREFIX}${path}`, { headers: { cookie } });
    expect(answer.status).toBe(200);
    return answer.json();
  };
  const post = (path: string, cookie: string, version: number, body: object) =>
    fetch(`${address}${API_PREFIX}${path}`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', 'if-match': `"${version}"` },
      body: JSON.stringify(body),
    });

  const sayLink = (session: number, state: 'online' | 'offline') =>
    wire.publish(deviceTopic(COMMUNE, 'link', LINK, 'status'), { ts: Date.now(), session, state }, { retain: true });

  test('what they did is done once, at whatever moment it was, from taking it to closing it', async () => {
    await start();
    const an = await technician('An');
    const binh = await technician('Bình');
    await sayLink(1, 'online');
    await sayLink(1, 'offline');
    const { id } = await eventually(
      async () => {
        const { items } = (await get(`/incidents?deviceId=${LINK}&state=open`, an.cookie)) as Page<Incident>;
        const [incident] = items;
        if (incident === undefined) throw new Error('no incident yet');
        return incident;
      },
      { timeoutMs: 30_000 },
    );

    const cause = { code: 'fibreCut', resolution: 'đã hàn' };
    const steps: readonly (Step & { readonly by: typeof an })[] = [
      { by: an, path: 'acknowledge', body: { note: 'tôi' }, noted: 'acknowledged', state: 'acknowledged' },
      { by: an, path: 'assign', body: { personId: binh.personId }, noted: 'assigned', state: 'acknowledged' },
      { by: binh, path: 'start', body: {}, noted: 'started', state: 'inProgress' },
      { by: binh, path: 'comment', body: { note: 'đang hàn' }, noted: 'commented', state: 'inProgress' },
      { by: binh, path: 'cause', body: { code: 'fibreCut' }, noted: 'causeNamed', state: 'inProgress' },
      { by: binh, path: 'resolve', body: cause, noted: 'resolved', state: 'resolved' },
      { by: an, path: 'reopen', body: { note: 'vẫn mất' }, noted: 'reopened', state: 'acknowledged' },
      { by: binh, path: 'resolve', body: cause, noted: 'resolved', state: 'resolved' },
      { by: an, path: 'close', body: {}, noted: 'closed', state: 'closed' },
    ];
    const noted = new Map<string, number>();
    for (const { by, path, body, noted: action, state } of steps) {
      const { version } = (await get(`/incidents/${id}`, by.cookie)) as Detail;
      const request = { ...body, requestId: randomUUID() };
      const sent = post(`/incidents/${id}/${path}`, by.cookie, version, request).then(
        ({ status }) => status,
        () => null,
      );
      await delay(randomInt(...KILL_AFTER_MS));
      await kill();
      // Whoever got an answer was told what is so.
      expect([200, null]).toContain(await sent);
      await start();
      const again = await post(`/incidents/${id}/${path}`, by.cookie, version, request);
      expect([path, again.status]).toEqual([path, 200]);
      noted.set(action, (noted.get(action) ?? 0) + 1);
      const after = (await get(`/incidents/${id}`, by.cookie)) as Detail;
      expect([path, after.state]).toEqual([path, state]);
      expect([path, after.changes.filter((change) => change.action === action).length]).toEqual([
        path,
        noted.get(action),
      ]);
      const { rows } = await database.query<{ count: number }>(
        `select count(*)::int as count from audit_entry where subject = $1 and action like 'incident:%'`,
        [id],
      );
      expect([path, rows[0]?.count]).toEqual([path, [...noted.values()].reduce((sum, count) => sum + count, 0)]);
    }

    // The alarm ends, and comes back as one of its own, in an incident of its own: the other one is closed.
    await sayLink(2, 'online');
    await eventually(
      async () => {
        const { rows } = await database.query(`select from alarm where device_id = $1 and cleared_at is null`, [LINK]);
        expect(rows).toEqual([]);
      },
      { timeoutMs: 30_000 },
    );
    await kill();
    await start();
    const saying = sayLink(3, 'offline');
    await delay(randomInt(...KILL_AFTER_MS));
    await kill();
    await saying;
    await start();
    await eventually(
      async () => {
        const { rows } = await database.query(
          `select a.cleared_at is null as stands, i.state from alarm a join incident i on i.id = a.incident_id
           where a.device_id = $1 and a.alarm_type = 'connectivityLost' order by a.id`,
          [LINK],
        );
        expect(rows).toEqual([
          { stands: false, state: 'closed' },
          { stands: true, state: 'open' },
        ]);
      },
      { timeoutMs: 30_000 },
    );
  }, 240_000);
});
