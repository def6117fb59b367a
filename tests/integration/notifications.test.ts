import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type Incident,
  type Notification,
  type NotificationReason,
  type Page,
  type SessionState,
} from '@ioc/contract';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { NotificationsService } from '@ioc/server/notifications/notifications.service';
import { Database } from '@ioc/server/platform/database/database';
import { generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startMailStandIn, type MailStandIn } from '../harness/mail-stand-in.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const COMMUNE = '21172';
const LINK = `LINK-${COMMUNE}`;
const SENDER_LOCK = 5_118_017_005;

describe('Who is told of incidents', () => {
  const clock = new TestClock();
  let mail: MailStandIn;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let names: ReadonlyMap<string, string>;
  let session = 1;

  beforeAll(async () => {
    mail = await startMailStandIn();
    system = await startTestConsole({
      clock,
      register: smallFleetCsv([COMMUNE]),
      settings: { IOC_SMTP_URL: mail.url, IOC_MAIL_FROM: 'ioc@quangngai.example' },
    });
    await setAlarmDelays(system, { raise: 0, clear: 0 });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    const { rows } = await database.query<{ login: string; name: string }>('select login, name from person');
    names = new Map(rows.map(({ login, name }) => [login, name]));
    for (const role of ['operator', 'administrator'] as const) {
      const agent = await system.signedIn(role);
      await agent
        .put(`${API_PREFIX}/me/channels/email`)
        .send({ email: `${role}@example.vn` })
        .expect(204);
    }
    // The rules of a new console, for whatever its severity; what else falls silent when time jumps is not looked at.
    await database.query(
      `update notification_rule set minimum_severity = 'warning', kinds = '{single}', device_classes = '{link}',
         changed_at = $1`,
      [new Date(clock.now())],
    );
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
    await mail.close();
  });

  const incidents = () => system.running.app.get(IncidentsService).current();
  const openOf = (deviceId: string) =>
    incidents().find(({ deviceId: id, state }) => id === deviceId && state !== 'resolved' && state !== 'closed');

  async function sayLink(state: SessionState): Promise<void> {
    session += 1;
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'status');
    await wire.publish(topic, { ts: clock.now(), session, state }, { retain: true });
  }

  async function failedLink(): Promise<Incident> {
    await sayLink('online');
    await eventually(() => expect(openOf(LINK)).toBeUndefined());
    // What comes back later than a reopening is something new; and the hour of before counts no more.
    clock.advance(3 * HOUR_MS);
    await sayLink('offline');
    return await eventually(() => {
      const incident = openOf(LINK);
      if (incident === undefined) throw new Error('no incident yet');
      return incident;
    });
  }

  async function logOf(incidentId: string): Promise<readonly Notification[]> {
    const administrator = await system.signedIn('administrator');
    const answer = await administrator.get(`${API_PREFIX}/notifications?incidentId=${incidentId}`).expect(200);
    return (answer.body as Page<Notification>).items;
  }

  async function whyOf(incidentId: string, login: string): Promise<NotificationReason | undefined> {
    const operator = await system.signedIn('operator');
    const answer = await operator.get(`${API_PREFIX}/incidents/${incidentId}/notifications`).expect(200);
    const { reasons } = answer.body as { reasons: NotificationReason[] };
    return reasons.find(({ personName }) => personName === names.get(login));
  }

  const mailsTo = (role: string) => mail.received.filter(({ to }) => to.includes(`${role}@example.vn`));

  /** An incident that stands in the database; what is told of it is what is given. */
  async function makeIncident(overrides: Partial<Incident> = {}): Promise<Incident> {
    const { rows } = await database.query<{ id: string }>(
      `insert into incident (state, kind, severity, impact, commune_code, began_at, detected_at, anchor, title,
         place_kind, place_id, place_name)
       values ('closed', 'single', 'minor', 'minor', $1, now(), now(), gen_random_uuid()::text, '{}', 'site', 'S', 'S')
       returning id::text`,
      [COMMUNE],
    );
    const id = rows[0]?.id ?? '';
    const template = await failedTemplate();
    const title = { vi: `Sự cố thử ${id}`, en: `Incident ${id}` };
    return { ...template, id, version: 1, title, severity: 'minor', ...overrides };
  }
  let template: Incident | null = null;
  async function failedTemplate(): Promise<Incident> {
    template ??= await failedLink();
    return template;
  }

  const tell = (told: readonly { incident: Incident; kind: 'opened' | 'worsened' | 'resolved' | 'reopened' }[]) =>
    system.running.app
      .get(Database)
      .transaction((tx) =>
        system.running.app.get(NotificationsService).follow(tx, { ids: [], notable: told }, clock.now()),
      );

  test('whoever a rule names is told of an incident and of its end, once each; why not is said of the others', async () => {
    const incident = await failedLink();
    await eventually(async () => expect(await logOf(incident.id)).toMatchObject([{ kind: 'opened', state: 'sent' }]));
    expect(mailsTo('operator').filter(({ source }) => source.includes(`incident.${incident.id}.opened`))).toHaveLength(
      1,
    );
    expect(await whyOf(incident.id, 'truc')).toMatchObject({ told: true, reason: 'sent' });
    expect(await whyOf(incident.id, 'kythuat')).toMatchObject({ told: false, reason: 'no-address' });
    expect(await whyOf(incident.id, 'quantri')).toMatchObject({ told: false, reason: 'escalation' });
    expect(await whyOf(incident.id, 'xem')).toMatchObject({ told: false, reason: 'no-rule' });

    await sayLink('online');
    await eventually(async () =>
      expect((await logOf(incident.id)).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
        'resolved sent',
        'opened sent',
      ]),
    );
  });

  test('when nobody acknowledges in time others are told, once; when somebody does they are not, and it says so', async () => {
    const first = await failedLink();
    clock.advance(14 * MINUTE_MS);
    await eventually(async () => expect((await logOf(first.id)).map(({ state }) => state)).toEqual(['sent']));
    expect(await whyOf(first.id, 'quantri')).toMatchObject({ told: false, reason: 'escalation' });
    clock.advance(MINUTE_MS);
    await eventually(async () =>
      expect(await logOf(first.id)).toContainEqual(
        expect.objectContaining({ kind: 'escalated', recipient: 'administrator@example.vn', state: 'sent' }),
      ),
    );
    clock.advance(20 * MINUTE_MS);
    expect(await whyOf(first.id, 'quantri')).toMatchObject({ told: true, reason: 'sent' });
    expect((await logOf(first.id)).filter(({ kind }) => kind === 'escalated')).toHaveLength(1);

    const taken = await failedLink();
    const operator = await system.signedIn('operator');
    const { version } = openOf(LINK) ?? taken;
    const path = `${API_PREFIX}/incidents/${taken.id}/acknowledge`;
    await operator.post(path).set('if-match', `"${version}"`).send({}).expect(200);
    await eventually(async () =>
      expect(await whyOf(taken.id, 'quantri')).toMatchObject({ told: false, reason: 'acknowledged-in-time' }),
    );
    clock.advance(16 * MINUTE_MS);
    await eventually(async () => {
      const { rows } = await database.query('select from notification_watch where incident_id = $1', [taken.id]);
      expect(rows).toEqual([]);
    });
    expect((await logOf(taken.id)).map(({ kind }) => kind)).not.toContain('escalated');
  });

  test('what comes close together goes into digests: one each quarter of an hour, and six messages an hour', async () => {
    await failedTemplate();
    clock.advance(3 * HOUR_MS);
    const many: Incident[] = [];
    for (let index = 0; index < 12; index += 1) many.push(await makeIncident());
    for (const incident of many) await tell([{ incident, kind: 'opened' }]);
    const states = async () => (await Promise.all(many.map(async ({ id }) => (await logOf(id))[0]?.state))).join(' ');
    await eventually(async () => expect(await states()).toBe(`sent sent${' held'.repeat(10)}`));
    const held = many[8]?.id ?? '';
    expect(await whyOf(held, 'truc')).toMatchObject({ told: false, reason: 'close-together' });

    const digests = async () => {
      const { rows } = await database.query<{ title: string }>(
        `select title from notification where kind = 'digest' and state = 'sent' order by id`,
      );
      return rows.map(({ title }) => title);
    };
    clock.advance(3 * MINUTE_MS);
    await eventually(async () => expect(await digests()).toEqual(['Tin đã gom: 10 sự cố']));
    expect(await whyOf(held, 'truc')).toMatchObject({ told: true, reason: 'close-together' });

    const more = async (count: number) => {
      for (let index = 0; index < count; index += 1) await tell([{ incident: await makeIncident(), kind: 'opened' }]);
    };
    clock.advance(4 * MINUTE_MS);
    await more(3);
    clock.advance(11 * MINUTE_MS);
    await eventually(async () => expect((await digests()).at(-1)).toBe('Tin đã gom: 3 sự cố'));

    // Two more of their own are six; what comes then waits until the hour has room again.
    clock.advance(4 * MINUTE_MS);
    await more(2);
    const last = await makeIncident();
    await tell([{ incident: last, kind: 'opened' }]);
    expect(await whyOf(last.id, 'truc')).toMatchObject({ told: false, reason: 'over-limit' });
    clock.advance(30 * MINUTE_MS);
    // A look that finds nothing due leaves no trace; two whole seconds hold at least one.
    const beforeMs = performance.now();
    await eventually(() => expect(performance.now() - beforeMs).toBeGreaterThan(2_000));
    expect(await digests(), 'six in the hour already').toHaveLength(2);
    clock.advance(8 * MINUTE_MS);
    await eventually(async () => expect((await digests()).at(-1)).toBe('Tin đã gom: 1 sự cố'));
    expect(await whyOf(last.id, 'truc')).toMatchObject({ told: true, reason: 'over-limit' });
  });

  test('an isolated commune, a hub and a gauge at alarm level 3 are told of whatever was told before', async () => {
    await failedTemplate();
    await database.query(`update notification_rule set kinds = '{}', device_classes = '{link,flood}'`);
    clock.advance(3 * HOUR_MS);
    for (let index = 0; index < 7; index += 1) await tell([{ incident: await makeIncident(), kind: 'opened' }]);
    const urgent = await Promise.all([
      makeIncident({ kind: 'communeIsolated', severity: 'critical', deviceClass: null }),
      makeIncident({ kind: 'hubDown', severity: 'critical', deviceClass: null }),
      makeIncident({ kind: 'flood', severity: 'critical', deviceClass: 'flood' }),
    ]);
    const waits = await makeIncident({ kind: 'communeNearlyIsolated', severity: 'critical', deviceClass: null });
    await tell([...urgent, waits].map((incident) => ({ incident, kind: 'opened' as const })));
    for (const { id } of urgent) {
      await eventually(async () => expect(await logOf(id)).toMatchObject([{ state: 'sent' }]));
    }
    expect(await logOf(waits.id)).toMatchObject([{ state: 'held' }]);
  });

  test('what is told of goes with its transaction: nothing when that fails, and once when it is tried again', async () => {
    const incident = await makeIncident();
    clock.advance(3 * HOUR_MS);
    const outcome = { ids: [], notable: [{ incident, kind: 'opened' as const }] };
    const notifications = system.running.app.get(NotificationsService);
    const broken = system.running.app.get(Database).transaction(async (tx) => {
      await notifications.follow(tx, outcome, clock.now());
      throw new Error('the batch failed');
    });
    await expect(broken).rejects.toThrow('the batch failed');
    expect(await logOf(incident.id)).toEqual([]);
    await tell(outcome.notable);
    await tell(outcome.notable);
    await eventually(async () => expect(await logOf(incident.id)).toMatchObject([{ state: 'sent' }]));
  });

  test('one sender at a time: while this one sends no other gets the lock', async () => {
    const other = new Database({
      url: system.databaseUrl,
      maxConnections: 2,
      statementTimeoutMs: 5_000,
      onError: () => undefined,
    });
    await eventually(async () => {
      const { rows } = await database.query(
        `select from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and l.objid = $1::bigint & 4294967295 and d.datname = current_database()`,
        [SENDER_LOCK],
      );
      expect(rows).toHaveLength(1);
    });
    expect(await other.takeLock(SENDER_LOCK)).toBeNull();
    const free = await other.takeLock(SENDER_LOCK + 1);
    expect(free?.isHeld()).toBe(true);
    free?.release();
    expect(free?.isHeld()).toBe(false);
    await other.close();
  });
});

describe('A hub with 200 stations', () => {
  const HUB = 'HUB-BINH-SON';
  const everywhere = generateFleet();
  let mail: MailStandIn;
  let system: TestConsole;
  let wire: Publisher;

  afterAll(async () => {
    await wire.close();
    await system.stop();
    await mail.close();
  });

  test('goes down: every person gets one message within 5 s, and no more', async () => {
    mail = await startMailStandIn();
    const hubOfSite = new Map(everywhere.sites.map(({ id, hub }) => [id, hub]));
    const communes = new Set(everywhere.sites.filter(({ hub }) => hub === HUB).map(({ commune }) => commune));
    const fleet = smallFleet([...communes]);
    const behind = fleet.devices.filter(
      ({ deviceClass, site }) => deviceClass === 'bts' && site !== null && hubOfSite.get(site) === HUB,
    );
    const elsewhere = fleet.devices.filter((device) => device.deviceClass === 'bts' && !behind.includes(device));
    expect(behind.length).toBeGreaterThanOrEqual(200);
    system = await startTestConsole({
      register: smallFleetCsv([...communes]),
      settings: { IOC_SMTP_URL: mail.url, IOC_MAIL_FROM: 'ioc@quangngai.example' },
    });
    for (const role of ['operator', 'technician'] as const) {
      const agent = await system.signedIn(role);
      await agent
        .put(`${API_PREFIX}/me/channels/email`)
        .send({ email: `${role}@example.vn` })
        .expect(204);
    }
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    const report = async (down: ReadonlySet<string>) => {
      const ts = Date.now();
      const devices = [...behind, ...elsewhere];
      for (const gateway of new Set(devices.map((device) => device.gateway))) {
        const readings = devices
          .filter((device) => device.gateway === gateway)
          .map(({ id }) => ({
            device: id,
            ts,
            state: down.has(id) ? 'offline' : 'online',
            metrics: { mainsOn: true },
          }));
        await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
      }
    };
    await report(new Set());
    const downMs = performance.now();
    await report(new Set(behind.map(({ id }) => id)));
    await eventually(() => {
      const found = system.running.app.get(IncidentsService).current();
      expect(found.filter(({ kind }) => kind === 'hubDown')).toHaveLength(1);
    });
    await eventually(() => expect(mail.received.length).toBeGreaterThanOrEqual(2));
    expect(performance.now() - downMs).toBeLessThan(5_000);
    // Long enough for whatever else might be told of it at once.
    const toldMs = performance.now();
    await eventually(() => expect(performance.now() - toldMs).toBeGreaterThan(4_000));
    const receivers = mail.received.map(({ to }) => to[0]).toSorted();
    expect(receivers).toEqual(['operator@example.vn', 'technician@example.vn']);
    for (const { source } of mail.received) expect(source).toMatch(/incident\.\d+\.opened/);
    expect(system.running.app.get(AlarmsService).flood().newAlarms10Min).toBeLessThan(10);
  });
});
