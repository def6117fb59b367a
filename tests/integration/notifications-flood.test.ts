import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type IncidentKind,
  type NotificationReason,
  type SessionInfo,
  type SessionState,
} from '@ioc/contract';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startMailStandIn, textOf, type MailStandIn } from '../harness/mail-stand-in.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.parse('2026-11-20T08:00:00+07:00');
const ROLES = ['operator', 'technician', 'administrator'] as const;
/** Where the worst happens. */
const HERE = '21172';
const LINK = `LINK-${HERE}`;
/** Where doors are opened, one cabinet after the other: each an alarm and an incident of its own. */
const ELSEWHERE = '23401';
const fleet = smallFleet([HERE, ELSEWHERE]);
const hubOfSite = new Map(fleet.sites.map(({ id, hub }) => [id, hub]));
const stationsOf = (commune: string) =>
  fleet.devices.filter((device) => device.deviceClass === 'bts' && device.commune === commune);
const gauge = fleet.devices.find(({ attributes }) => attributes['station'] === 'Trà Khúc');

describe('A flood of alarms', () => {
  let nowMs = START;
  let mail: MailStandIn;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let session = 1;
  let opened = 0;

  beforeAll(async () => {
    mail = await startMailStandIn();
    system = await startTestConsole({
      clock: { now: () => nowMs, speed: 1 },
      register: smallFleetCsv([HERE, ELSEWHERE]),
      settings: { IOC_SMTP_URL: mail.url, IOC_MAIL_FROM: 'ioc@quangngai.example' },
    });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    for (const role of ROLES) {
      const agent = await system.signedIn(role);
      const email = `${role}@example.vn`;
      await agent.put(`${API_PREFIX}/me/channels/email`).send({ email }).expect(204);
    }
    await database.query(
      `update notification_rule set minimum_severity = 'warning', roles = $1, after_minutes = 0 where after_minutes = 0`,
      [ROLES],
    );
    await database.query('update notification_rule set enabled = false where after_minutes > 0');
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await report();
    await sayLink('online');
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
    await mail.close();
  });

  const flood = () => system.running.app.get(AlarmsService).flood();
  const incidents = () => system.running.app.get(IncidentsService).current();

  async function sayLink(state: SessionState): Promise<void> {
    session += 1;
    await wire.publish(deviceTopic(HERE, 'link', LINK, 'status'), { ts: nowMs, session, state }, { retain: true });
  }

  async function report(stateHere: SessionState = 'online'): Promise<void> {
    const stations = [...stationsOf(HERE), ...stationsOf(ELSEWHERE)];
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = stations
        .filter((station) => station.gateway === gateway)
        .map(({ id, commune }) => ({
          device: id,
          ts: nowMs,
          state: commune === HERE ? stateHere : 'online',
          metrics: { mainsOn: true },
        }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts: nowMs, readings });
    }
  }

  /** Time passes in steps in which every device reports. */
  async function pass(minutes: number, stateHere: SessionState = 'online'): Promise<void> {
    for (let step = 0; step < minutes * 2; step += 1) {
      nowMs += MINUTE_MS / 2;
      await report(stateHere);
    }
  }

  /** So many doors that were shut are opened: each is a new incident, known once this resolves. */
  async function openDoors(count: number): Promise<void> {
    for (const { id, commune } of stationsOf(ELSEWHERE).slice(opened, opened + count)) {
      const event = { ts: nowMs, type: 'door-open', text: 'Cửa tủ mở', severity: 'major', state: 'raised' };
      await wire.publish(deviceTopic(commune, 'bts', id, 'event'), event);
    }
    opened += count;
    await eventually(() => expect(doors()).toHaveLength(opened));
  }
  /** The incidents of open doors, in the order in which they were opened. */
  const doors = () =>
    stationsOf(ELSEWHERE)
      .slice(0, opened)
      .flatMap((station) => incidents().find(({ deviceId }) => deviceId === station.id) ?? []);

  const mailsTo = (role: string) => mail.received.filter(({ to }) => to.includes(`${role}@example.vn`));
  const digestsTo = (role: string) =>
    mailsTo(role).flatMap((each) => (each.source.includes('digest.') ? [textOf(each).split('\r\n')[0] ?? ''] : []));

  /** What each of them got about incidents of these kinds, as the states of the messages. */
  async function statesOf(kind: IncidentKind): Promise<readonly string[]> {
    const { rows } = await database.query<{ states: string }>(
      `select string_agg(n.kind || ' ' || n.state, ', ' order by n.id) as states
       from notification n join incident i on i.id = n.incident_id where i.kind = $1 group by n.recipient_key`,
      [kind],
    );
    return rows.map(({ states }) => states);
  }

  /** The most that anybody got within any hour, of what counts. */
  async function mostInAnHour(): Promise<number> {
    const { rows } = await database.query<{ most: number }>(
      `with sent as (
         select distinct recipient_key, message, created_at from notification
         where counts_in_limit and state not in ('held', 'dropped'))
       select coalesce(max(n), 0)::int as most from (
         select count(*) as n from sent a join sent b on b.recipient_key = a.recipient_key
           and b.created_at > a.created_at - interval '1 hour' and b.created_at <= a.created_at
         group by a.recipient_key, a.message) counted`,
    );
    return rows[0]?.most ?? 0;
  }

  async function whyOf(incidentId: string, role: (typeof ROLES)[number]): Promise<NotificationReason | undefined> {
    const agent = await system.signedIn(role);
    const { name } = (await agent.get(`${API_PREFIX}/session`).expect(200)).body as SessionInfo;
    const answer = await agent.get(`${API_PREFIX}/incidents/${incidentId}/notifications`).expect(200);
    return (answer.body as { reasons: NotificationReason[] }).reasons.find(({ personName }) => personName === name);
  }

  test('tells everybody the first, and the rest in digests with the right count', async () => {
    expect(stationsOf(ELSEWHERE).length).toBeGreaterThan(40);
    await openDoors(1);
    for (const role of ROLES) await eventually(() => expect(mailsTo(role)).toHaveLength(1));
    nowMs += MINUTE_MS;
    await openDoors(12);
    expect(flood().on).toBe(true);
    const waiting = doors().at(-1)?.id ?? '';
    for (const role of ROLES) await eventually(() => expect(mailsTo(role)).toHaveLength(2));
    expect(await whyOf(waiting, 'technician')).toMatchObject({ told: false });

    await pass(3);
    // Two of their own, and what came after them.
    for (const role of ROLES) {
      await eventually(() => expect(digestsTo(role)).toEqual(['Cảnh báo dồn dập: 11 sự cố']));
      expect(await whyOf(waiting, role)).toMatchObject({ told: true });
    }
  });

  test('one digest each quarter of an hour while it lasts, and no more than six messages in any hour', async () => {
    for (const digests of [2, 3, 4]) {
      await pass(5);
      await openDoors(5);
      await pass(5);
      await openDoors(5);
      const last = doors().at(-1)?.id ?? '';
      for (const role of ROLES) {
        expect(await whyOf(last, role)).toMatchObject({ told: false, reason: 'in-digest' });
        expect(digestsTo(role)).toHaveLength(digests - 1);
      }
      expect(flood().on).toBe(true);
      await pass(5);
      for (const role of ROLES) {
        await eventually(() => expect(digestsTo(role)).toHaveLength(digests));
        expect(digestsTo(role).at(-1)).toBe('Cảnh báo dồn dập: 10 sự cố');
        expect(await whyOf(last, role)).toMatchObject({ told: true, reason: 'in-digest' });
      }
    }
    expect(await mostInAnHour()).toBe(6);
    for (const role of ROLES) expect(mailsTo(role)).toHaveLength(6);
  });

  test('a gauge at alarm level 3, a hub and an isolated commune are told at once all the same', async () => {
    const telemetry = deviceTopic(gauge?.commune ?? '', 'flood', gauge?.id ?? '', 'telemetry');
    await openDoors(5);
    for (const levelM of [6.9, 6.95, 7.0]) {
      await wire.publish(telemetry, { ts: nowMs, metrics: { levelM } });
      await pass(1);
    }
    await eventually(() =>
      expect(incidents()).toContainEqual(expect.objectContaining({ kind: 'flood', severity: 'critical' })),
    );
    await eventually(async () => {
      const states = await statesOf('flood');
      expect(states).toHaveLength(ROLES.length);
      for (const state of states) expect(state).toMatch(/sent$/);
    });

    const [speaker] = stationsOf(ELSEWHERE);
    expect(hubOfSite.get(speaker?.site ?? '')).toBeTruthy();
    const said = { ts: nowMs, type: 'hub-down', text: 'Nút mất nguồn', state: 'raised' };
    await wire.publish(deviceTopic(ELSEWHERE, 'bts', speaker?.id ?? '', 'event'), said);
    await eventually(async () => expect(await statesOf('hubDown')).toEqual(ROLES.map(() => 'opened sent')));

    await sayLink('offline');
    await pass(11, 'offline');
    await eventually(() => expect(incidents()).toContainEqual(expect.objectContaining({ kind: 'communeIsolated' })));
    expect(flood().on).toBe(true);
    await eventually(async () => {
      const states = await statesOf('communeIsolated');
      expect(states).toHaveLength(ROLES.length);
      for (const state of states) expect(state).toMatch(/sent$/);
    });
    // They use nothing of the six up.
    expect(await mostInAnHour()).toBe(6);
  });

  test('when it ends what waited is told in a digest, nothing is lost, and what comes then is told at once', async () => {
    await sayLink('online');
    await pass(50);
    await eventually(() => expect(flood().on).toBe(false));
    await eventually(async () => {
      const { rows } = await database.query(`select from notification where state in ('held', 'waiting', 'sending')`);
      expect(rows).toEqual([]);
    });
    // Whatever was held stands in a digest that was sent; and everybody heard of every incident.
    const { rows: lost } = await database.query(
      `select n.id from notification n where n.state = 'dropped' and not exists (
         select from notification d where d.message = n.digest_message and d.state = 'sent')`,
    );
    expect(lost).toEqual([]);
    const { rows: told } = await database.query(
      `select incident_id from notification where incident_id is not null and kind = 'opened'
       group by incident_id having count(distinct recipient_key) <> $1`,
      [ROLES.length],
    );
    expect(told).toEqual([]);
    expect(await mostInAnHour()).toBeLessThanOrEqual(6);

    nowMs += 2 * HOUR_MS;
    await report();
    const before = ROLES.map((role) => mailsTo(role).length);
    await openDoors(1);
    for (const [index, role] of ROLES.entries()) {
      await eventually(() => expect(mailsTo(role)).toHaveLength((before[index] ?? 0) + 1));
    }
  });
});
