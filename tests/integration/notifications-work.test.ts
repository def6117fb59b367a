import {
  API_PREFIX,
  deviceTopic,
  type Incident,
  type Notification,
  type NotificationReason,
  type Page,
  type Role,
  type SessionInfo,
  type SessionState,
} from '@ioc/contract';
import { IncidentWorkService } from '@ioc/server/incidents/incident-work.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startMailStandIn, textOf, type MailStandIn } from '../harness/mail-stand-in.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const COMMUNE = '21172';
const LINK = `LINK-${COMMUNE}`;

describe('What people do to incidents', () => {
  const clock = new TestClock();
  const names = new Map<Role, SessionInfo>();
  let mail: MailStandIn;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
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
    for (const role of ['operator', 'technician', 'administrator'] as const) {
      const agent = await system.signedIn(role);
      const email = `${role}@example.vn`;
      await agent.put(`${API_PREFIX}/me/channels/email`).send({ email }).expect(204);
      names.set(role, (await agent.get(`${API_PREFIX}/session`).expect(200)).body as SessionInfo);
    }
    // Operators are told by a rule; technicians and administrators by none.
    await database.query(
      `update notification_rule set minimum_severity = 'warning', roles = '{operator}', after_minutes = 0`,
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

  const openNow = () =>
    system.running.app
      .get(IncidentsService)
      .current()
      .find(({ deviceId, state }) => deviceId === LINK && state !== 'resolved' && state !== 'closed');

  async function sayLink(state: SessionState): Promise<void> {
    session += 1;
    await wire.publish(
      deviceTopic(COMMUNE, 'link', LINK, 'status'),
      { ts: clock.now(), session, state },
      { retain: true },
    );
  }

  /** A new incident that the operator has been told of; the hour before counts no more. */
  async function failedLink(): Promise<Incident> {
    await sayLink('online');
    await eventually(() => expect(openNow()).toBeUndefined());
    clock.advance(3 * HOUR_MS);
    await sayLink('offline');
    const incident = await eventually(() => {
      const found = openNow();
      if (found === undefined) throw new Error('no incident yet');
      return found;
    });
    await toldOf(incident.id, ['opened operator@example.vn sent']);
    return incident;
  }

  async function act(role: Role, id: string, action: string, body: object): Promise<void> {
    const agent = await system.signedIn(role);
    const { version } = (await agent.get(`${API_PREFIX}/incidents/${id}`).expect(200)).body as Incident;
    await agent.post(`${API_PREFIX}/incidents/${id}/${action}`).set('if-match', `"${version}"`).send(body).expect(200);
  }
  const assign = (by: Role, id: string, to: Role, note = '') =>
    act(by, id, 'assign', { personId: names.get(to)?.personId ?? '', note });
  const resolve = (by: Role, id: string) =>
    act(by, id, 'resolve', { code: 'equipmentFailure', resolution: 'thay bộ chuyển quang' });

  /** What the log says of an incident, oldest first; every one of it has been sent. */
  async function toldOf(incidentId: string, told: readonly string[]): Promise<void> {
    const administrator = await system.signedIn('administrator');
    await eventually(async () => {
      const answer = await administrator.get(`${API_PREFIX}/notifications?incidentId=${incidentId}`).expect(200);
      const { items } = answer.body as Page<Notification>;
      const lines = items.map(({ kind, recipient, state }) => `${kind} ${recipient} ${state}`);
      expect(lines.toReversed().toSorted()).toEqual(told.toSorted());
    });
  }

  async function whyOf(incidentId: string, role: Role): Promise<NotificationReason | undefined> {
    const operator = await system.signedIn('operator');
    const answer = await operator.get(`${API_PREFIX}/incidents/${incidentId}/notifications`).expect(200);
    const { reasons } = answer.body as { reasons: NotificationReason[] };
    return reasons.find(({ personName }) => personName === names.get(role)?.name);
  }

  const mailOf = (to: Role, event: string) => {
    const found = mail.received.find(
      (each) => each.to.includes(`${to}@example.vn`) && each.source.includes(`${event}.`),
    );
    return found === undefined ? '' : textOf(found).replaceAll('\r\n', '\n');
  };

  test('whoever is given an incident by another is told; whoever takes it themselves is not', async () => {
    const { id } = await failedLink();
    await assign('administrator', id, 'administrator');
    expect(await whyOf(id, 'administrator')).toMatchObject({ told: false, reason: 'no-rule' });
    await assign('administrator', id, 'technician', 'gấp, trường học mất mạng');
    await toldOf(id, ['opened operator@example.vn sent', 'assigned technician@example.vn sent']);
    const text = mailOf('technician', `incident.${id}.assigned`);
    expect(text).toContain(`Người giao: ${names.get('administrator')?.name ?? '?'}`);
    expect(text).toContain('Ghi chú: gấp, trường học mất mạng');
    expect(await whyOf(id, 'technician')).toMatchObject({ told: true, reason: 'sent' });
  });

  test('resolved by a person: the holder and who had been told hear it, once; not the one who did it', async () => {
    const { id } = await failedLink();
    await assign('administrator', id, 'technician');
    await resolve('technician', id);
    const toldByNow = [
      'opened operator@example.vn sent',
      'assigned technician@example.vn sent',
      'resolved operator@example.vn sent',
    ];
    await toldOf(id, toldByNow);
    expect(mailOf('operator', `incident.${id}.resolved`)).toContain('Cách xử lý: thay bộ chuyển quang');
    expect(await whyOf(id, 'technician')).toMatchObject({ told: true, reason: 'sent' });
    // The link itself comes back later: nothing that was not said already.
    await sayLink('online');
    const next = await failedLink();
    expect(next.id).not.toBe(id);
    await toldOf(id, toldByNow);
  });

  test('opened again by a person: the holder and who had been told hear it, and nobody holds it up', async () => {
    const { id } = await failedLink();
    await assign('administrator', id, 'technician');
    await resolve('technician', id);
    // Of what comes closer together the third would wait for a digest.
    clock.advance(16 * MINUTE_MS);
    await act('administrator', id, 'reopen', { note: 'vẫn mất' });
    await toldOf(id, [
      'opened operator@example.vn sent',
      'assigned technician@example.vn sent',
      'resolved operator@example.vn sent',
      'opened operator@example.vn sent',
      'opened technician@example.vn sent',
    ]);
    expect(await whyOf(id, 'administrator')).toMatchObject({ told: false, reason: 'no-rule' });
    // The system’s own end tells its holder too.
    clock.advance(16 * MINUTE_MS);
    await sayLink('online');
    await toldOf(id, [
      'opened operator@example.vn sent',
      'assigned technician@example.vn sent',
      'resolved operator@example.vn sent',
      'opened operator@example.vn sent',
      'opened technician@example.vn sent',
      'resolved operator@example.vn sent',
      'resolved technician@example.vn sent',
    ]);
  });

  test('what changes nothing for others tells nobody, and a request that comes twice tells once', async () => {
    const { id } = await failedLink();
    await act('technician', id, 'acknowledge', {});
    await act('technician', id, 'comment', { note: 'đang đi' });
    await act('technician', id, 'start', {});
    await act('technician', id, 'release', {});
    const agent = await system.signedIn('administrator');
    const { version } = (await agent.get(`${API_PREFIX}/incidents/${id}`).expect(200)).body as Incident;
    const body = { personId: names.get('technician')?.personId ?? '', requestId: crypto.randomUUID() };
    for (let time = 0; time < 2; time += 1) {
      await agent.post(`${API_PREFIX}/incidents/${id}/assign`).set('if-match', `"${version}"`).send(body).expect(200);
    }
    await toldOf(id, ['opened operator@example.vn sent', 'assigned technician@example.vn sent']);
  });

  test('goes with what the person did: when that fails nobody is told of it', async () => {
    const { id, version } = await failedLink();
    const work = system.running.app.get(IncidentWorkService);
    const remove = work.onWorked(() => Promise.reject(new Error('the last statement failed')));
    const by = { personId: names.get('administrator')?.personId ?? '', name: 'Quản trị' };
    const to = { personId: names.get('technician')?.personId ?? '', name: 'Kỹ thuật' };
    const asked = { incidentId: id, version, person: by, administrator: true, requestId: null };
    await expect(work.perform(asked, { kind: 'assign', to, note: null })).rejects.toThrow('the last statement failed');
    remove();
    expect(openNow()).toMatchObject({ id, state: 'open' });
    await toldOf(id, ['opened operator@example.vn sent']);
  });
});
