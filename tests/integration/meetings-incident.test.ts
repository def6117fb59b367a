import {
  API_PREFIX,
  deviceTopic,
  meeting as meetingSchema,
  type Incident,
  type Meeting,
  type Page,
} from '@ioc/contract';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { startMailStandIn, type MailStandIn } from '../harness/mail-stand-in.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const MINUTE = 60_000;
/** A Friday. */
const START = Date.parse('2026-11-20T18:40:00+07:00');
const GRACE_MS = 3 * MINUTE;
/** Twice as many as make a flood. */
const ENDPOINTS = generateFleet()
  .devices.filter(({ deviceClass }) => deviceClass === 'vcs')
  .slice(0, 20);

describe('The endpoints that are not ready for one meeting', () => {
  let nowMs = START;
  let mail: MailStandIn;
  let store: FreshDatabase;
  let database: pg.Client;
  let system: TestConsole;
  let wire: Publisher;
  let operator: Awaited<ReturnType<TestConsole['signedIn']>>;

  async function start(graceMs: number): Promise<void> {
    system = await startTestConsole({
      databaseUrl: store.url,
      register: smallFleetCsv(ENDPOINTS.map(({ commune }) => commune)),
      clock: { now: () => nowMs, speed: 1 },
      settings: {
        IOC_START_GRACE: `${graceMs / 1_000}s`,
        IOC_SMTP_URL: mail.url,
        IOC_MAIL_FROM: 'ioc@quangngai.example',
      },
    });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    operator = await system.signedIn('operator');
  }
  async function stop(): Promise<void> {
    await wire.close();
    await system.stop();
  }

  beforeAll(async () => {
    mail = await startMailStandIn();
    store = await freshDatabase();
    database = new pg.Client({ connectionString: store.url });
    await database.connect();
    await start(0);
    for (const role of ['operator', 'technician'] as const) {
      const agent = await system.signedIn(role);
      await agent
        .put(`${API_PREFIX}/me/channels/email`)
        .send({ email: `${role}@example.vn` })
        .expect(204);
    }
    await database.query(
      `update notification_rule set minimum_severity = 'minor', kinds = '{meeting}', device_classes = '{vcs}'
       where after_minutes = 0`,
    );
    await database.query('update notification_rule set enabled = false where after_minutes > 0');
  });
  afterAll(async () => {
    await stop();
    await database.end();
    await store.drop();
    await mail.close();
  });

  const alarms = () => [...system.running.app.get(AlarmsService).current()];
  const notReady = () => alarms().filter(({ type }) => type === 'meetingNotReady');
  const flood = () => system.running.app.get(AlarmsService).flood();
  const open = () =>
    system.running.app
      .get(IncidentsService)
      .current()
      .filter(({ kind, state }) => kind === 'meeting' && state !== 'resolved' && state !== 'closed');

  /** Resolves once what they said is current. */
  async function say(registered: boolean, endpoints = ENDPOINTS): Promise<void> {
    for (const { id, commune } of endpoints) {
      const metrics = { registered, inCall: false };
      await wire.publish(deviceTopic(commune, 'vcs', id, 'telemetry'), { ts: nowMs, metrics });
    }
    const connectivity = system.running.app.get(ConnectivityService);
    await eventually(() => {
      for (const { id } of endpoints) expect(connectivity.stateOf(id).heardAtMs).toBe(nowMs);
    });
  }
  /** Time passes in steps in which all of them speak, so that nothing takes it for silence. */
  async function pass(minutes: number, registered: boolean): Promise<void> {
    for (let step = 0; step < minutes; step += 1) {
      nowMs += MINUTE;
      await say(registered);
    }
  }
  async function enter(startsMs: number): Promise<Meeting> {
    const body = {
      title: 'Họp giao ban',
      startsAt: new Date(startsMs).toISOString(),
      endsAt: new Date(startsMs + 60 * MINUTE).toISOString(),
      participants: { kind: 'all' },
    };
    const answer = (await operator.post(`${API_PREFIX}/meetings`).send(body).expect(201)) as { body: unknown };
    return meetingSchema.parse(answer.body);
  }
  async function cancel({ id, version }: Meeting): Promise<void> {
    await operator.post(`${API_PREFIX}/meetings/${id}/cancel`).set('if-match', `"${version}"`).expect(200);
    await eventually(() => expect(notReady()).toEqual([]));
  }
  const timeOf = (ms: number) => new Date(ms + 7 * 60 * MINUTE).toISOString().slice(11, 16);

  /** What each person got about an incident, in the order in which it was made. */
  async function toldOf(incidentId: string | undefined): Promise<readonly string[]> {
    const { rows } = await database.query<{ told: string }>(
      `select string_agg(kind || ' ' || state, ', ' order by id) as told
       from notification where incident_id = $1 group by recipient_key`,
      [incidentId],
    );
    return rows.map(({ told }) => told);
  }
  const toBoth = (told: string) => [told, told];

  test('are one incident and one message a person, worse as the meeting comes near, and no flood', async () => {
    const [late, early] = [ENDPOINTS.slice(0, 8), ENDPOINTS.slice(8)];
    await say(true, late);
    await say(false, early);
    nowMs += MINUTE / 2;
    await say(false);
    // Those are so for a minute now, and the others are not.
    nowMs += MINUTE / 2;
    await say(false);
    const startsMs = nowMs + 20 * MINUTE;
    const meeting = await enter(startsMs);
    await eventually(() => expect(notReady()).toHaveLength(early.length));
    await pass(1, false);
    await eventually(() => expect(notReady()).toHaveLength(ENDPOINTS.length));
    await eventually(() => expect(open()[0]?.counts.alarms).toBe(ENDPOINTS.length));
    const [incident, ...others] = open();
    expect(others).toEqual([]);
    const name = `Họp giao ban ${timeOf(startsMs)}`;
    expect(incident).toMatchObject({
      title: { vi: `${name}: 20 thiết bị chưa đăng ký`, en: `${name}: 20 endpoints not registered` },
      place: { kind: 'meeting', id: meeting.id, name },
      severity: 'minor',
      communeCode: null,
      deviceClass: 'vcs',
    });
    expect(new Set(incident?.communeCodes)).toEqual(new Set(ENDPOINTS.map(({ commune }) => commune)));
    expect(new Set(notReady().map(({ incidentId }) => String(incidentId)))).toEqual(new Set([incident?.id]));
    expect(flood()).toMatchObject({ on: false, newAlarms10Min: 1 });
    await eventually(async () => expect(await toldOf(incident?.id)).toEqual(toBoth('opened sent')));

    await pass(10, false);
    await eventually(() => expect(open()).toMatchObject([{ id: incident?.id, severity: 'major' }]));
    await eventually(async () => expect(await toldOf(incident?.id)).toEqual(toBoth('opened sent, worsened sent')));
    const listed = (await operator.get(`${API_PREFIX}/incidents?kind=meeting`).expect(200)) as { body: Page<Incident> };
    expect(listed.body.items).toMatchObject([{ id: incident?.id, kind: 'meeting' }]);

    await pass(2, true);
    await eventually(() => expect(notReady()).toEqual([]));
    await eventually(() => expect(open()).toEqual([]));
    // Its end follows close behind: it waits for the next digest, as of any incident.
    await eventually(async () =>
      expect(await toldOf(incident?.id)).toEqual(toBoth('opened sent, worsened sent, resolved held')),
    );
    const { rows } = await database.query(`select id from notification where incident_id <> $1`, [incident?.id]);
    expect(rows).toEqual([]);
    await cancel(meeting);
  });

  test('count as one towards a flood after the console was started anew, too', async () => {
    nowMs += 30 * MINUTE;
    await say(false);
    await pass(4, false);
    const meeting = await enter(nowMs + 20 * MINUTE);
    await eventually(() => expect(open()[0]?.counts.alarms).toBe(ENDPOINTS.length));
    expect(flood().newAlarms10Min).toBe(1);
    await stop();
    await start(0);
    expect(flood()).toMatchObject({ on: false, newAlarms10Min: 1 });
    expect(open()).toMatchObject([{ kind: 'meeting', counts: { alarms: ENDPOINTS.length } }]);
    await cancel(meeting);
  });

  test('are not told just after a start before they could have spoken; who spoke is', async () => {
    await say(false);
    await pass(4, false);
    await stop();
    nowMs += 10_000;
    await start(GRACE_MS);
    const graceEndsMs = nowMs + GRACE_MS;
    const [first, ...silent] = ENDPOINTS;
    if (first === undefined) throw new Error('no endpoint');
    await say(false, [first]);
    const meeting = await enter(nowMs + 8 * MINUTE);
    await eventually(() => expect(notReady()).toMatchObject([{ deviceId: first.id }]));
    nowMs = graceEndsMs - 1_000;
    // Heard at last, and ready: nothing was ever told of it.
    const [ready] = silent;
    if (ready === undefined) throw new Error('no endpoint');
    await say(true, [ready]);
    await say(false, [first]);
    expect(notReady()).toMatchObject([{ deviceId: first.id }]);
    // What stays silent counts as not registered from then on.
    for (let minute = 0; minute < 4; minute += 1) {
      nowMs += MINUTE;
      await say(false, [first]);
      await say(true, [ready]);
    }
    await eventually(() => expect(notReady()).toHaveLength(ENDPOINTS.length - 1));
    expect(notReady().some(({ deviceId }) => deviceId === ready.id)).toBe(false);
    await eventually(() => expect(open()).toHaveLength(1));
    await cancel(meeting);
  });
});
