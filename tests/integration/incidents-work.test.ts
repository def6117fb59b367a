import { randomUUID } from 'node:crypto';
import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  incidentsDelta,
  incidentsSnapshot,
  type Incident,
  type Page,
  type ResponseOf,
  type ENDPOINTS,
} from '@ioc/contract';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, subscribe, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

type Agent = Awaited<ReturnType<TestConsole['signedIn']>>;
type Detail = ResponseOf<typeof ENDPOINTS.getIncident>;

/** Far from one another, so that nothing of one is grouped with the other. */
const HERE = '21172';
const THERE = '23401';
const MINUTE = 60_000;
const fleet = smallFleet([HERE, THERE]);
const stationsAt = (code: string) =>
  fleet.devices.filter(({ deviceClass, commune }) => deviceClass === 'bts' && commune === code);

describe('Working incidents', () => {
  const clock = new TestClock();
  let fresh: FreshDatabase;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let operator: Agent;
  let technician: Agent;
  const down = new Set<string>();

  beforeAll(async () => {
    fresh = await freshDatabase();
    system = await startTestConsole({ register: smallFleetCsv([HERE, THERE]), clock, databaseUrl: fresh.url });
    await setAlarmDelays(system, { raise: 0, clear: 0 });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    operator = await system.signedIn('operator');
    technician = await system.signedIn('technician');
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
    await fresh.drop();
  });

  /** Everything is up, and what was before is closed: nothing of it comes back. */
  beforeEach(async () => {
    down.clear();
    await report();
    await eventually(() => expect(open()).toEqual([]));
    const administrator = await system.signedIn('administrator');
    const resolved = await administrator.get(`${API_PREFIX}/incidents?state=resolved`).expect(200);
    for (const { id, version } of (resolved.body as Page<Incident>).items) {
      await administrator.post(pathOf(id, 'close')).set('if-match', `"${version}"`).send({}).expect(200);
    }
  });

  const open = () =>
    system.running.app
      .get(IncidentsService)
      .current()
      .filter(({ state }) => state !== 'resolved' && state !== 'closed');
  const pathOf = (id: string, action: string) => `${API_PREFIX}/incidents/${id}/${action}`;

  async function report(): Promise<void> {
    const ts = clock.now();
    const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = stations
        .filter((station) => station.gateway === gateway)
        .map(({ id }) => ({ device: id, ts, state: down.has(id) ? 'offline' : 'online', metrics: { mainsOn: true } }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
    }
    for (const { id, commune } of fleet.devices.filter(({ deviceClass }) => deviceClass === 'link')) {
      await wire.publish(deviceTopic(commune, 'link', id, 'telemetry'), { ts, metrics: { linkUp: true, rttMs: 10 } });
    }
  }

  /** Stations on different sites, in this order. */
  function sitesOf(code: string, count: number): readonly string[] {
    const bySite = new Map(stationsAt(code).map(({ site, id }) => [site, id]));
    return [...bySite.values()].slice(0, count);
  }

  async function fail(...ids: readonly string[]): Promise<Incident> {
    for (const id of ids) down.add(id);
    await report();
    const [first = ''] = ids;
    return await eventually(async () => {
      const holding = await incidentOf(first);
      if (holding === undefined || holding.counts.devicesDown < ids.length) throw new Error('no incident of it yet');
      return holding;
    });
  }

  async function incidentOf(deviceId: string): Promise<Incident | undefined> {
    const found = await system.anonymous.get(`${API_PREFIX}/incidents?deviceId=${deviceId}`).expect(200);
    return (found.body as Page<Incident>).items.find(({ state }) => state !== 'resolved' && state !== 'closed');
  }

  async function detailOf(id: string): Promise<Detail> {
    return (await system.anonymous.get(`${API_PREFIX}/incidents/${id}`).expect(200)).body as Detail;
  }

  async function act(who: Agent, incident: { id: string; version: number }, action: string, body: object = {}) {
    return await who.post(pathOf(incident.id, action)).set('if-match', `"${incident.version}"`).send(body);
  }

  async function done(who: Agent, incident: { id: string; version: number }, action: string, body: object = {}) {
    const answer = await act(who, incident, action, body);
    expect([action, answer.status, answer.body]).toEqual([action, 200, answer.body]);
    expect(answer.get('etag')).toBe(`"${(answer.body as Incident).version}"`);
    return answer.body as Incident;
  }

  async function alarmIdsOf(id: string): Promise<readonly string[]> {
    const { rows } = await database.query<{ id: string }>(
      'select id::text from alarm where incident_id = $1 and cleared_at is null order by id',
      [id],
    );
    return rows.map((row) => row.id);
  }

  test('an incident goes its whole way, each step with its trace that nobody can edit', async () => {
    let incident = await fail(...sitesOf(HERE, 1));
    incident = await done(technician, incident, 'acknowledge', { note: 'đang đến' });
    expect(incident).toMatchObject({ state: 'acknowledged', note: 'đang đến' });
    incident = await done(technician, incident, 'start');
    expect(incident).toMatchObject({ state: 'inProgress', acknowledgedUntil: null });
    incident = await done(technician, incident, 'estimate', {
      expectedAt: new Date(clock.now() + 60 * MINUTE).toISOString(),
    });
    incident = await done(technician, incident, 'request', {
      organisationId: 'VNPT',
      ticket: 'VNPT-77',
      askedAt: new Date(clock.now()).toISOString(),
      answeredAt: null,
      promisedFor: null,
    });
    expect(incident.request).toMatchObject({ organisationId: 'VNPT', ticket: 'VNPT-77' });
    expect(incident.request?.organisationName).not.toBe('VNPT-77');
    incident = await done(technician, incident, 'cause', { code: 'fibreCut', note: 'máy xúc' });
    expect(incident.cause).toMatchObject({ code: 'fibreCut', namedBy: { name: incident.acknowledgedBy?.name } });
    incident = await done(operator, incident, 'comment', { note: 'đã báo lãnh đạo' });
    incident = await done(technician, incident, 'resolve', { code: 'fibreCut', resolution: 'đã hàn lại' });
    expect(incident).toMatchObject({ state: 'resolved', resolution: 'đã hàn lại' });
    incident = await done(operator, incident, 'reopen', { note: 'vẫn mất' });
    expect(incident).toMatchObject({ state: 'acknowledged', reopenings: 1, resolution: null });
    incident = await done(technician, incident, 'resolve', { code: 'fibreCut', resolution: 'hàn lại lần hai' });
    incident = await done(operator, incident, 'close');
    expect(incident.state).toBe('closed');

    const { changes } = await detailOf(incident.id);
    expect(changes.map(({ action }) => action)).toEqual([
      'opened',
      'acknowledged',
      'started',
      'estimated',
      'requested',
      'causeNamed',
      'commented',
      'resolved',
      'reopened',
      'resolved',
      'closed',
    ]);
    const { rows } = await database.query(
      `select action from audit_entry where subject = $1 and action like 'incident:%' order by id`,
      [incident.id],
    );
    expect(rows).toHaveLength(10);
    for (const table of ['audit_entry', 'incident_change']) {
      for (const statement of [`update ${table} set at = now()`, `delete from ${table}`, `truncate ${table} cascade`]) {
        await expect(database.query(statement)).rejects.toThrow(/never changed or removed|permission denied/);
      }
    }
  });

  test('an acknowledgement that is not taken to work runs out: it is open again, on every screen', async () => {
    const incident = await fail(...sitesOf(HERE, 1));
    const held = await done(technician, incident, 'acknowledge', {
      until: new Date(clock.now() + 2 * MINUTE).toISOString(),
    });
    const screen = await system.socket();
    const told: Incident[] = [];
    screen.on('delta', ({ delta }) => told.push(...(incidentsDelta.safeParse(delta).data?.changed ?? [])));
    await subscribe(screen, 'incidents');
    clock.advance(2 * MINUTE + 1);
    await eventually(() => expect(told.at(-1)).toMatchObject({ id: incident.id, state: 'open', acknowledgedBy: null }));
    const { changes } = await detailOf(incident.id);
    expect(changes.at(-1)).toMatchObject({ action: 'acknowledgementExpired', personName: null });
    // Whoever had it must look again before taking it again.
    expect((await act(technician, held, 'acknowledge')).status).toBe(412);
    const past = await act(technician, told.at(-1) ?? held, 'acknowledge', { until: '2020-01-01T00:00:00Z' });
    expect([past.status, past.body]).toMatchObject([400, { errors: [{ path: 'body.until' }] }]);
  });

  test('the loser is told on every screen within a second who was first and what they wrote', async () => {
    const incident = await fail(...sitesOf(HERE, 1));
    const screens = await Promise.all(Array.from({ length: 5 }, () => system.socket()));
    const told = screens.map(() => [] as Incident[]);
    for (const [index, screen] of screens.entries()) {
      screen.on('delta', ({ delta }) => told[index]?.push(...(incidentsDelta.safeParse(delta).data?.changed ?? [])));
      await subscribe(screen, 'incidents');
    }
    await done(technician, incident, 'acknowledge', { note: 'tôi đi' });
    const began = performance.now();
    await eventually(() => {
      for (const seen of told) expect(seen.at(-1)).toMatchObject({ state: 'acknowledged', note: 'tôi đi' });
    });
    expect(performance.now() - began).toBeLessThan(1_000);
    const lost = await act(operator, incident, 'acknowledge');
    expect([lost.status, lost.body]).toMatchObject([409, { code: 'already-taken', holder: { note: 'tôi đi' } }]);
    for (const action of ['start', 'estimate', 'release', 'cause', 'resolve', 'split', 'merge', 'decide']) {
      const bodies: Record<string, object> = {
        estimate: { expectedAt: null },
        cause: { code: 'unknown' },
        resolve: { code: 'unknown', resolution: 'x' },
        split: { alarmIds: ['1'] },
        merge: { into: '999999' },
        decide: { proposalId: '1', accept: true },
      };
      const refused = await act(operator, { ...incident, version: 1 }, action, bodies[action]);
      expect([action, refused.status, refused.body]).toMatchObject([action, 409, { code: 'already-taken' }]);
    }
  });

  test('a request that comes again, also at the same moment, is carried out once and answered each time', async () => {
    const incident = await fail(...sitesOf(HERE, 1));
    const requestId = randomUUID();
    const body = { note: 'chụp xong', requestId };
    const answers = await Promise.all(Array.from({ length: 8 }, () => act(technician, incident, 'comment', body)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await done(operator, await detailOf(incident.id), 'acknowledge', { note: 'của tôi' });
    // Sent from the phone an hour later, with the version of then: it was done, and says how things are now.
    const late = await act(technician, incident, 'comment', body);
    expect([late.status, late.body]).toMatchObject([200, { state: 'acknowledged', note: 'của tôi' }]);
    const { changes } = await detailOf(incident.id);
    expect(changes.filter(({ action }) => action === 'commented')).toHaveLength(1);
    const other = await act(technician, incident, 'acknowledge', { requestId });
    expect([other.status, other.body]).toMatchObject([400, { errors: [{ path: 'body.requestId' }] }]);
    // What was tapped offline and lost the race is a conflict, not an overwrite.
    const lost = await act(technician, incident, 'acknowledge', { requestId: randomUUID() });
    expect([lost.status, lost.body]).toMatchObject([409, { code: 'already-taken' }]);
  });

  test('a comment of 1 MB is refused, and HTML in one is text', async () => {
    const incident = await fail(...sitesOf(HERE, 1));
    const long = await act(technician, incident, 'comment', { note: 'x'.repeat(1_000_000) });
    expect([long.status, (long.body as { code: string }).code]).toEqual([400, 'bad-request']);
    const huge = await act(technician, incident, 'comment', { note: 'x'.repeat(2_000_000) });
    expect([huge.status, (huge.body as { code: string }).code]).toEqual([413, 'payload-too-large']);
    const html = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const answer = await act(technician, incident, 'comment', { note: html });
    expect(answer.status).toBe(200);
    expect(answer.get('content-type')).toContain('application/json');
    const { changes } = await detailOf(incident.id);
    expect(changes.filter(({ action }) => action === 'commented').map(({ note }) => note)).toEqual([html]);
  });

  test('it is assigned to somebody who may work, and to nobody else', async () => {
    const incident = await fail(...sitesOf(HERE, 1));
    const colleagues = await operator.get(`${API_PREFIX}/colleagues`).expect(200);
    const { people } = colleagues.body as ResponseOf<typeof ENDPOINTS.listColleagues>;
    const me = (await technician.get(`${API_PREFIX}/session`).expect(200)).body as { personId: string };
    expect(people.map(({ personId }) => personId)).toContain(me.personId);
    const assigned = await done(operator, incident, 'assign', { personId: me.personId, note: 'nhờ anh' });
    expect(assigned).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: { personId: me.personId },
      note: 'nhờ anh',
    });
    const viewer = (await (await system.signedIn('viewer')).get(`${API_PREFIX}/session`)).body as { personId: string };
    expect((await act(technician, assigned, 'assign', { personId: viewer.personId })).status).toBe(400);
    expect((await act(technician, assigned, 'assign', { personId: randomUUID() })).status).toBe(400);
    const mine = await operator.get(`${API_PREFIX}/incidents?holder=${me.personId}&state=acknowledged`).expect(200);
    expect((mine.body as Page<Incident>).items.map(({ id }) => id)).toEqual([incident.id]);
  });

  test('what is split stands alone and stays so; what is merged again has all its alarms', async () => {
    const ids = sitesOf(HERE, 3);
    const whole = await fail(...ids);
    expect(whole).toMatchObject({ kind: 'operatorsDown', counts: { alarms: 3 } });
    const alarms = await alarmIdsOf(whole.id);
    const all = await act(operator, whole, 'split', { alarmIds: alarms });
    expect([all.status, all.body]).toMatchObject([400, { errors: [{ path: 'body.alarmIds' }] }]);
    expect((await act(operator, whole, 'split', { alarmIds: ['999999'] })).status).toBe(400);
    const [first = ''] = alarms;
    const left = await done(operator, whole, 'split', { alarmIds: [first], note: 'nguyên nhân khác' });
    expect(left.counts.alarms).toBe(2);
    const own = open().find(({ id }) => id !== whole.id);
    expect(own).toMatchObject({ kind: 'single', counts: { alarms: 1 } });
    expect(await alarmIdsOf(own?.id ?? '')).toEqual([first]);
    expect((await detailOf(own?.id ?? '')).changes.map(({ action }) => action)).toEqual(['opened', 'split']);

    const gone = await done(operator, own ?? whole, 'merge', { into: whole.id, note: 'nhầm' });
    expect(gone).toMatchObject({ state: 'closed', mergedInto: whole.id, counts: { alarms: 0 } });
    expect(await alarmIdsOf(whole.id)).toEqual(alarms);
    expect((await detailOf(whole.id)).changes.map(({ action }) => action)).toContain('merged');
    expect(open().map(({ id }) => id)).toEqual([whole.id]);
  });

  test('two merges at once: one is done, the other is told; into itself, in a circle or into what is gone: refused', async () => {
    const one = await fail(...sitesOf(HERE, 1));
    const other = await fail(...sitesOf(THERE, 1));
    expect(other.id).not.toBe(one.id);
    const itself = await act(operator, one, 'merge', { into: one.id });
    expect([itself.status, itself.body]).toMatchObject([400, { errors: [{ path: 'body.into' }] }]);
    expect((await act(operator, one, 'merge', { into: '999999' })).status).toBe(400);
    const both = await Promise.all([
      act(operator, one, 'merge', { into: other.id }),
      act(technician, other, 'merge', { into: one.id }),
    ]);
    // Whoever came second finds that theirs has just taken the other in: changed meanwhile; look again.
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const gone = both.find(({ status }) => status === 200)?.body as Incident;
    const into = gone.mergedInto ?? '';
    const back = await act(operator, await detailOf(into), 'merge', { into: gone.id });
    expect([back.status, back.body]).toMatchObject([409, { code: 'conflict' }]);
    for (const action of ['acknowledge', 'start', 'close', 'merge']) {
      const refused = await act(operator, await detailOf(gone.id), action, action === 'merge' ? { into } : {});
      expect([action, refused.status, refused.body]).toMatchObject([action, 409, { code: 'conflict' }]);
    }
    expect(await alarmIdsOf(into)).toHaveLength(2);
    expect(open()).toHaveLength(1);
  });

  test('nothing regroups under a person: it is proposed, and carried out or not by whoever decides', async () => {
    const [first = '', second = '', third = ''] = sitesOf(HERE, 3);
    const incident = await fail(first);
    const held = await done(technician, incident, 'acknowledge');
    await fail(second);
    const apart = await eventually(async () => {
      const found = await incidentOf(second);
      expect(found?.id).not.toBe(incident.id);
      return found;
    });
    const asked = await detailOf(held.id);
    expect(asked).toMatchObject({ proposals: 1, counts: { alarms: 1 } });
    expect(asked.openProposals).toMatchObject([{ kind: 'addAlarms', otherIncidentId: apart?.id }]);
    expect(
      (await act(operator, asked, 'decide', { proposalId: asked.openProposals[0]?.id, accept: true })).status,
    ).toBe(409);
    const taken = await done(technician, asked, 'decide', { proposalId: asked.openProposals[0]?.id, accept: true });
    expect(taken).toMatchObject({ proposals: 0, counts: { alarms: 2 } });
    expect((await detailOf(apart?.id ?? '')).mergedInto).toBe(held.id);

    await fail(third);
    const again = await eventually(async () => {
      const found = await detailOf(held.id);
      expect(found.openProposals).toHaveLength(1);
      return found;
    });
    const refused = await done(technician, again, 'decide', { proposalId: again.openProposals[0]?.id, accept: false });
    expect(refused).toMatchObject({ proposals: 0, counts: { alarms: 2 } });
    expect(
      (await act(technician, refused, 'decide', { proposalId: again.openProposals[0]?.id, accept: true })).status,
    ).toBe(409);
    const { changes } = await detailOf(held.id);
    expect(changes.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['proposed', 'proposalAccepted', 'proposalRejected']),
    );
  });

  test('who is looking is seen by the others, while they look, and walls are nobody', async () => {
    const incident = await fail(...sitesOf(HERE, 1));
    const wall = await system.socket();
    const looking: Record<string, string[]>[] = [];
    wall.on('delta', ({ delta }) =>
      looking.push(incidentsDelta.safeParse(delta).data?.looking ?? looking.at(-1) ?? {}),
    );
    await subscribe(wall, 'incidents');
    const desk = await system.socket({ cookie: await system.cookieOf('operator') });
    wall.emit('look', { incidentId: incident.id });
    desk.emit('look', { incidentId: incident.id });
    const names = await eventually(() => {
      const there = looking.at(-1)?.[incident.id];
      if (there === undefined) throw new Error('nobody is seen');
      return there;
    });
    expect(names).toHaveLength(1);
    const late = await system.socket();
    expect(incidentsSnapshot.parse((await subscribe(late, 'incidents')).snapshot).looking).toEqual({
      [incident.id]: names,
    });
    desk.close();
    await eventually(() => expect(looking.at(-1)).toEqual({}));
  });

  test('after a restart everything is as it was: who has what, which alarm is where', async () => {
    const incident = await fail(...sitesOf(HERE, 2));
    const held = await done(technician, incident, 'acknowledge', { note: 'giữ' });
    const alarms = await alarmIdsOf(incident.id);
    await wire.close();
    await system.stop();
    system = await startTestConsole({ databaseUrl: fresh.url, clock });
    const service = system.running.app.get(IncidentsService);
    const loaded = service.current().find(({ id }) => id === incident.id);
    expect(loaded).toMatchObject({ ...held, counts: incident.counts });
    expect([...service.membersOf(Number(incident.id)).keys()].map(String).sort()).toEqual([...alarms].sort());
  });
});
