import { createHash, randomBytes } from 'node:crypto';
import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type DeviceDetail,
  type Incident,
  type Page,
  type SessionState,
} from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

/** Trương Quang Trọng: the gauge Trà Khúc stands here, whose three alarm levels are confirmed. */
const COMMUNE = '21172';
const LINK = `LINK-${COMMUNE}`;
const fleet = smallFleet([COMMUNE]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const gauge = fleet.devices.find(({ attributes }) => attributes['station'] === 'Trà Khúc')?.id ?? '';
const endpoint = fleet.devices.find(({ deviceClass }) => deviceClass === 'vcs')?.id ?? '';

describe('Incidents', () => {
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  const clock = new TestClock();
  let session = 1;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock });
    await setAlarmDelays(system, { raise: 0, clear: 0 });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const current = () => system.running.app.get(IncidentsService).current();
  const openOf = (deviceId: string) =>
    current().find(({ deviceId: id, state }) => id === deviceId && state !== 'resolved' && state !== 'closed');

  /** The open incident that a device is in, alone or with others. */
  async function holding(deviceId: string): Promise<Incident | undefined> {
    const found = await system.anonymous.get(`${API_PREFIX}/incidents?deviceId=${deviceId}`).expect(200);
    return (found.body as Page<Incident>).items.find(({ endedAt }) => endedAt === null);
  }

  async function sayLink(state: SessionState, reason?: string): Promise<void> {
    session += 1;
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'status');
    await wire.publish(topic, { ts: clock.now(), session, state, reason }, { retain: true });
  }

  /** Takes the link down and gives its new incident: what was before is closed, so that nothing of it comes back. */
  async function failedLink(reason = 'fibre'): Promise<Incident> {
    await sayLink('online');
    await eventually(() => expect(openOf(LINK)).toBeUndefined());
    await closeResolved();
    await sayLink('offline', reason);
    return await eventually(() => {
      const incident = openOf(LINK);
      if (incident === undefined) throw new Error('no incident yet');
      return incident;
    });
  }

  async function closeResolved(): Promise<void> {
    const administrator = await system.signedIn('administrator');
    const resolved = await administrator.get(`${API_PREFIX}/incidents?state=resolved`).expect(200);
    for (const { id, version } of (resolved.body as Page<Incident>).items) {
      const path = `${API_PREFIX}/incidents/${id}/close`;
      await administrator.post(path).set('if-match', `"${version}"`).send({}).expect(200);
    }
  }

  /** The cookie of a new technician who is signed in; what a password costs is not what is tested here. */
  async function signedInAs(name: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await database.query(
      `with made as (
         insert into person (id, login, name, role, password_hash, created_at)
         values (gen_random_uuid(), 'p' || left(md5($1), 20), $1, 'technician', 'none', now()) returning id)
       insert into session (token_hash, person_id, created_at, last_seen_at, expires_at)
       select $2, id, now(), now(), now() + interval '1 hour' from made`,
      [name, createHash('sha256').update(token, 'utf8').digest()],
    );
    return `ioc_session=${token}`;
  }

  async function report(state: (id: string) => SessionState): Promise<void> {
    const ts = clock.now();
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const ids = stations.filter((station) => station.gateway === gateway).map(({ id }) => id);
      const readings = ids.map((device) => ({ device, ts, state: state(device), metrics: { mainsOn: true } }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
    }
  }

  test('one opens with the alarm, resolves with it, and what comes back in time is reopened for its holder', async () => {
    const first = await failedLink('dug up');
    expect(first).toMatchObject({
      state: 'open',
      version: 1,
      kind: 'single',
      title: { en: expect.stringContaining('down') as string },
      place: { kind: 'device', id: LINK },
      counts: { alarms: 1, symptoms: 0, devices: 1, devicesDown: 1 },
      deviceClass: 'link',
      communeCode: COMMUNE,
      communeCodes: [COMMUNE],
      communeName: 'Phường Trương Quang Trọng',
      severity: 'major',
      impact: 'major',
      basis: 'said',
      reason: 'dug up',
      endedAt: null,
      acknowledgedBy: null,
    });
    const technician = await system.signedIn('technician');
    await technician
      .post(`${API_PREFIX}/incidents/${first.id}/acknowledge`)
      .set('if-match', '"1"')
      .send({ note: 'đang đến' })
      .expect(200);
    await sayLink('online');
    await eventually(() => expect(openOf(LINK)).toBeUndefined());
    const told = await technician.get(`${API_PREFIX}/incidents/${first.id}`).expect(200);
    expect(told.body).toMatchObject({ state: 'resolved', note: 'đang đến', version: 3 });
    expect(told.get('etag')).toBe('"3"');

    await sayLink('offline', 'again');
    const again = await eventually(() => {
      const incident = openOf(LINK);
      if (incident === undefined) throw new Error('it has not come back yet');
      return incident;
    });
    expect(again).toMatchObject({ id: first.id, state: 'acknowledged', reopenings: 1, endedAt: null });
    expect(again.acknowledgedBy).toEqual((told.body as Incident).acknowledgedBy);
    expect(Date.parse(again.acknowledgedUntil ?? '')).toBeGreaterThan(clock.now() + 3 * 3_600_000);
    const { changes } = (await technician.get(`${API_PREFIX}/incidents/${first.id}`).expect(200)).body as {
      changes: { action: string }[];
    };
    expect(changes.map(({ action }) => action)).toEqual(['opened', 'acknowledged', 'resolved', 'reopened']);
  });

  test('exactly one of 50 people who acknowledge at once gets it; the 49 others are told who has it', async () => {
    const incident = await failedLink();
    const people: string[] = [];
    for (let index = 0; index < 50; index += 1) people.push(await signedInAs(`Người ${index}`));
    const answers = await Promise.all(
      people.map((cookie, index) =>
        supertest(system.httpUrl)
          .post(`${API_PREFIX}/incidents/${incident.id}/acknowledge`)
          .set('cookie', cookie)
          .set('if-match', `"${incident.version}"`)
          .send({ note: `số ${index}` }),
      ),
    );
    const granted = answers.flatMap(({ status, body }) => (status === 200 ? [body as Incident] : []));
    const refused = answers.filter(({ status }) => status === 409);
    expect([granted.length, refused.length]).toEqual([1, 49]);
    const [winner] = granted;
    expect(winner).toMatchObject({ version: incident.version + 1, state: 'acknowledged' });
    for (const { body } of refused) {
      expect(body).toMatchObject({
        code: 'already-taken',
        holder: { name: winner?.acknowledgedBy?.name, note: winner?.note, at: winner?.acknowledgedAt },
      });
    }
    const { rows } = await database.query(
      `select from audit_entry where action = 'incident:acknowledged' and subject = $1`,
      [incident.id],
    );
    expect(rows).toHaveLength(1);
  });

  test('somebody else who has it comes before a stale version; a missing or stale version is told as such', async () => {
    const incident = await failedLink();
    const operator = await system.signedIn('operator');
    const technician = await system.signedIn('technician');
    const path = `${API_PREFIX}/incidents/${incident.id}`;
    await technician.post(`${path}/acknowledge`).send({}).expect(428);
    const stale = await technician.post(`${path}/acknowledge`).set('if-match', '"77"').send({}).expect(412);
    expect(stale.body).toMatchObject({ code: 'precondition-failed', currentEtag: '"1"' });
    await technician.post(`${path}/acknowledge`).set('if-match', '"1"').send({}).expect(200);
    const taken = await operator.post(`${path}/acknowledge`).set('if-match', '"1"').send({}).expect(409);
    expect(taken.body).toMatchObject({ code: 'already-taken' });
    await operator.post(`${path}/release`).set('if-match', '"2"').send({}).expect(409);

    const free = await technician.post(`${path}/release`).set('if-match', '"2"').send({ note: 'hết ca' }).expect(200);
    expect(free.body).toMatchObject({ state: 'open', version: 3, acknowledgedBy: null });
    await operator.post(`${path}/acknowledge`).set('if-match', '"3"').send({}).expect(200);
    const administrator = await system.signedIn('administrator');
    await administrator.post(`${path}/release`).set('if-match', '"4"').send({}).expect(200);
    const unheld = await administrator.post(`${path}/release`).set('if-match', '"5"').send({}).expect(409);
    expect(unheld.body).toMatchObject({ code: 'conflict' });
  });

  test('who may not work on incidents is refused, and what does not exist is not found', async () => {
    const incident = await failedLink();
    const acknowledge = `${API_PREFIX}/incidents/${incident.id}/acknowledge`;
    const viewer = await system.signedIn('viewer');
    await viewer.post(acknowledge).set('if-match', '"1"').send({}).expect(403);
    await system.anonymous.post(acknowledge).set('if-match', '"1"').send({}).expect(403);
    const technician = await system.signedIn('technician');
    await technician.post(`${API_PREFIX}/incidents/999999/acknowledge`).set('if-match', '"1"').send({}).expect(404);
    await technician.post(acknowledge).set('if-match', '"1"').send({ note: 'a', extra: 1 }).expect(400);
  });

  test('the list is filtered and paged, newest first', async () => {
    const all = await system.anonymous.get(`${API_PREFIX}/incidents?deviceId=${LINK}`).expect(200);
    const { items } = all.body as Page<Incident>;
    expect(items.length).toBeGreaterThanOrEqual(4);
    const began = items.map(({ beganAt }) => Date.parse(beganAt));
    expect(began).toEqual(began.toSorted((a, b) => b - a));
    const seen: Incident[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await system.anonymous
        .get(`${API_PREFIX}/incidents?deviceId=${LINK}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
        .expect(200);
      const answer = page.body as Page<Incident>;
      seen.push(...answer.items);
      cursor = answer.nextCursor;
    }
    expect(seen).toEqual(items);
    const open = await system.anonymous.get(`${API_PREFIX}/incidents?state=open&deviceClass=link`).expect(200);
    expect((open.body as Page<Incident>).items).toHaveLength(1);
    await system.anonymous.get(`${API_PREFIX}/incidents?state=broken`).expect(400);
  });

  test('severity follows what is left to people: one station is minor, most of the commune critical, and back', async () => {
    await sayLink('online');
    await report(() => 'online');
    const [one, ...rest] = stations.map(({ id }) => id);
    if (one === undefined) throw new Error('the fleet has no station here');
    const lost = new Set([one]);
    await report((id) => (lost.has(id) ? 'offline' : 'online'));
    await eventually(async () =>
      expect(await holding(one)).toMatchObject({ kind: 'single', severity: 'minor', impact: 'minor' }),
    );

    for (const id of rest.slice(0, Math.floor(stations.length / 2))) lost.add(id);
    await report((id) => (lost.has(id) ? 'offline' : 'online'));
    await eventually(async () =>
      expect(await holding(one)).toMatchObject({ severity: 'critical', impact: 'critical' }),
    );
    await sayLink('offline');
    await eventually(async () => expect(await holding(one)).toMatchObject({ impact: 'nearlyIsolated' }));
    const communes = await system.anonymous.get(`${API_PREFIX}/communes`).expect(200);
    const here = (communes.body as { items: { code: string }[] }).items.find(({ code }) => code === COMMUNE);
    expect(here).toMatchObject({ impact: 'nearlyIsolated', counts: { bts: { down: lost.size } } });

    await sayLink('online');
    await report((id) => (id === one ? 'offline' : 'online'));
    // A commune that is reached again is so for a minute before it counts.
    clock.advance(61_000);
    await eventually(async () => expect(await holding(one)).toMatchObject({ severity: 'minor', impact: 'minor' }));
    await report(() => 'online');
    await eventually(async () => expect(await holding(one)).toBeUndefined());
  });

  test('an endpoint that is switched off outside a meeting is down without an incident; one that drops out of a meeting has one', async () => {
    const status = deviceTopic(COMMUNE, 'vcs', endpoint, 'status');
    const telemetry = deviceTopic(COMMUNE, 'vcs', endpoint, 'telemetry');
    const connectivity = system.running.app.get(ConnectivityService);
    await wire.publish(status, { ts: clock.now(), session: 1, state: 'online' });
    await wire.publish(telemetry, { ts: clock.now(), metrics: { registered: true, inCall: false } });
    await wire.publish(status, { ts: clock.now(), session: 1, state: 'offline', reason: 'power-off' });
    await eventually(() => expect(connectivity.stateOf(endpoint).connectivity).toBe('down'));
    expect(openOf(endpoint)).toBeUndefined();

    await wire.publish(status, { ts: clock.now(), session: 2, state: 'online' });
    await wire.publish(telemetry, { ts: clock.now(), metrics: { registered: true, inCall: true } });
    await eventually(() => expect(connectivity.stateOf(endpoint).inCall).toBe(true));
    await wire.publish(status, { ts: clock.now(), session: 2, state: 'offline' });
    await eventually(() => expect(openOf(endpoint)).toMatchObject({ severity: 'major', impact: 'none' }));
  });

  test('a river that reaches a legal level for two samples raises its alarm, and a gauge lost there is major', async () => {
    const telemetry = deviceTopic(COMMUNE, 'flood', gauge, 'telemetry');
    const level = (levelM: number) => wire.publish(telemetry, { ts: clock.now(), metrics: { levelM } });
    const live = async () => {
      const answer = await system.anonymous.get(`${API_PREFIX}/devices/${gauge}`).expect(200);
      return (answer.body as DeviceDetail).live;
    };
    await level(5.1);
    expect(await live()).toMatchObject({ alarmLevel: 0, severity: null });
    await level(5.12);
    await eventually(async () => expect(await live()).toMatchObject({ alarmLevel: 2, severity: 'minor' }));
    const { rows } = await database.query(
      `select severity, text_vi, cleared_at from alarm where device_id = $1 and alarm_type = 'riverLevel'`,
      [gauge],
    );
    expect(rows).toEqual([{ severity: 'minor', text_vi: 'Báo động 2 · Trà Khúc', cleared_at: null }]);
    expect(await holding(gauge)).toMatchObject({
      kind: 'flood',
      place: { kind: 'river', id: 'Trà Khúc' },
      severity: 'minor',
    });

    const status = deviceTopic(COMMUNE, 'flood', gauge, 'status');
    await wire.publish(status, { ts: clock.now(), session: 1, state: 'offline' });
    await eventually(async () =>
      expect(await holding(gauge)).toMatchObject({ kind: 'flood', severity: 'major', impact: 'none' }),
    );
    expect(await live()).toMatchObject({ severity: 'major', alarmLevel: 2 });
  });

  test('the archive is filtered by one kind or several, page after page', async () => {
    const kindsOf = async (query: string) => {
      const found = await system.anonymous.get(`${API_PREFIX}/incidents?${query}`).expect(200);
      return (found.body as Page<Incident>).items.map(({ kind }) => kind);
    };
    const all = await kindsOf('limit=500');
    const floods = all.filter((kind) => kind === 'flood');
    const either = all.filter((kind) => kind === 'flood' || kind === 'single');
    expect(floods.length).toBeGreaterThan(0);
    expect(either.length).toBeGreaterThan(floods.length);
    expect(await kindsOf('kind=flood')).toEqual(floods);
    expect(await kindsOf('kind=flood&kind=single')).toEqual(either);
    expect(await kindsOf('kind=communeIsolated')).toEqual([]);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = `kind=flood&kind=single&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = (await system.anonymous.get(`${API_PREFIX}/incidents?${query}`).expect(200)).body as Page<Incident>;
      seen.push(...page.items.map(({ kind }) => kind));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(either);
    await system.anonymous.get(`${API_PREFIX}/incidents?kind=flood&kind=broken`).expect(400);
  });
});
