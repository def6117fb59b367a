import {
  API_PREFIX,
  deviceTopic,
  meeting as meetingSchema,
  rulePreview,
  type AlarmType,
  type Meeting,
  type MeetingCommune,
  type Page,
  type SessionState,
} from '@ioc/contract';
import type { AlarmRecord } from '@ioc/server/alarms/alarm';
import { AlarmRulesService } from '@ioc/server/alarms/alarm-rules.service';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { MEETINGS_STATEMENTS } from '@ioc/server/meetings/meetings.repository';
import { MeetingsService } from '@ioc/server/meetings/meetings.service';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const A = { id: 'VCS-21025', commune: '21025' };
const B = { id: 'VCS-21172', commune: '21172' };
/** A commune without VCS equipment. */
const WITHOUT = '21496';
const COMMUNES = [A.commune, B.commune, WITHOUT];
const MINUTE = 60_000;
/** A Friday. */
const START = Date.parse('2026-11-20T17:50:00+07:00');
const REGISTERED = { registered: true, inCall: false };
const UNREGISTERED = { registered: false, inCall: false };
const IN_CALL = { registered: true, inCall: true, lossPercent: 0, jitterMs: 3, rttMs: 12 };

describe('Meetings', () => {
  let nowMs = START;
  let store: FreshDatabase;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let operator: Awaited<ReturnType<TestConsole['signedIn']>>;
  let session = 1;
  /** What each endpoint says; null: nothing. */
  let said: Record<string, object | null> = {};

  async function start(register: boolean): Promise<void> {
    system = await startTestConsole({
      register: register ? smallFleetCsv(COMMUNES) : null,
      databaseUrl: store.url,
      clock: { now: () => nowMs, speed: 1 },
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
    store = await freshDatabase();
    database = new pg.Client({ connectionString: store.url });
    await database.connect();
    await start(true);
  });
  afterAll(async () => {
    await stop();
    await database.end();
    await store.drop();
  });
  beforeEach(async () => {
    said = { [A.id]: REGISTERED, [B.id]: REGISTERED };
    await speak(0);
  });

  const alarms = () => [...system.running.app.get(AlarmsService).current()];
  const ofType = (type: AlarmType, id?: string): readonly AlarmRecord[] =>
    alarms().filter((alarm) => alarm.type === type && (id === undefined || alarm.deviceId === id));
  const notReady = (id?: string) => ofType('meetingNotReady', id);
  const path = `${API_PREFIX}/meetings`;
  const at = (ms: number) => new Date(ms).toISOString();
  const bodyOf = (startsMs: number, more: object = {}) => ({
    title: 'Họp giao ban',
    startsAt: at(startsMs),
    endsAt: at(startsMs + 60 * MINUTE),
    participants: { kind: 'communes', codes: COMMUNES },
    ...more,
  });
  async function enter(startsMs: number, more: object = {}): Promise<Meeting> {
    const { body } = (await operator.post(path).send(bodyOf(startsMs, more)).expect(201)) as { body: unknown };
    return meetingSchema.parse(body);
  }
  const cancel = ({ id, version }: Meeting) =>
    operator.post(`${path}/${id}/cancel`).set('if-match', `"${version}"`).expect(200);

  /** Lets time pass in steps in which the endpoints speak, so that nothing takes it for silence. */
  async function speak(seconds: number, stepS = 30): Promise<void> {
    for (let left = seconds; left >= 0; left -= stepS) {
      nowMs += Math.min(left, stepS) * 1_000;
      for (const { id, commune } of [A, B]) {
        const metrics = said[id] ?? null;
        if (metrics === null) continue;
        await wire.publish(deviceTopic(commune, 'vcs', id, 'telemetry'), { ts: nowMs, metrics });
      }
      if (left <= stepS) return;
    }
  }
  async function saySession({ id, commune }: typeof A, state: SessionState): Promise<void> {
    session += 1;
    await wire.publish(deviceTopic(commune, 'vcs', id, 'status'), { ts: nowMs, session, state }, { retain: true });
  }

  test('are entered by whoever may announce maintenance; what makes no sense is refused with the field', async () => {
    const cases: readonly (readonly [object, string, string])[] = [
      [bodyOf(nowMs + 90 * MINUTE, { endsAt: at(nowMs) }), 'body.endsAt', 'Phải sau lúc bắt đầu'],
      [bodyOf(nowMs - 90 * MINUTE), 'body.endsAt', 'Đã qua rồi'],
      [bodyOf(nowMs, { endsAt: at(nowMs + 25 * 60 * MINUTE) }), 'body.endsAt', 'Một cuộc họp dài nhất 24 giờ'],
      [bodyOf(nowMs + 400 * 24 * 60 * MINUTE), 'body.startsAt', 'Không quá một năm nữa'],
      [
        bodyOf(nowMs + 90 * MINUTE, { participants: { kind: 'communes', codes: ['99999'] } }),
        'body.participants',
        'Không có xã mang mã 99999',
      ],
    ];
    for (const [body, field, message] of cases) {
      const answer = await operator.post(path).set('accept-language', 'vi').send(body).expect(400);
      expect(answer.body).toMatchObject({ errors: [{ path: field, message }] });
    }
    await operator
      .post(path)
      .send(bodyOf(nowMs + 90 * MINUTE, { title: ' ' }))
      .expect(400);
    await operator
      .post(path)
      .send(bodyOf(nowMs + 90 * MINUTE, { title: 'h'.repeat(121) }))
      .expect(400);
    const technician = await system.signedIn('technician');
    await technician
      .post(path)
      .send(bodyOf(nowMs + 90 * MINUTE))
      .expect(403);
    const { rows } = await database.query('select id from meeting');
    expect(rows).toEqual([]);
  });

  test('are changed and cancelled under their version; what is over stays on the list of past ones, page by page', async () => {
    const first = await enter(nowMs + 90 * MINUTE);
    const second = await enter(nowMs + 300 * MINUTE, { participants: { kind: 'all' } });
    expect(first).toMatchObject({
      version: 1,
      state: 'upcoming',
      simulated: false,
      attendance: { communes: 3, endpoints: 2, registered: 2, notRegistered: 0, withoutEndpoint: [WITHOUT] },
    });
    const one = `${path}/${first.id}`;
    await operator
      .put(one)
      .send(bodyOf(nowMs + 95 * MINUTE))
      .expect(428);
    const changed = await operator
      .put(one)
      .set('if-match', '"1"')
      .send(bodyOf(nowMs + 95 * MINUTE))
      .expect(200);
    expect(changed.get('etag')).toBe('"2"');
    await operator
      .put(one)
      .set('if-match', '"1"')
      .send(bodyOf(nowMs + 99 * MINUTE))
      .expect(412);
    const { body: whole } = (await operator.get(one).expect(200)) as { body: { participating: MeetingCommune[] } };
    const endpoints = Object.fromEntries(whole.participating.map((commune) => [commune.code, commune.endpoints]));
    expect(endpoints).toMatchObject({
      [A.commune]: [{ deviceId: A.id, readiness: 'registered' }],
      [B.commune]: [{ deviceId: B.id, readiness: 'registered' }],
      [WITHOUT]: [],
    });

    const list = async (query: string) =>
      ((await operator.get(`${path}?${query}`).expect(200)) as { body: Page<Meeting> }).body;
    const page = await list('limit=1');
    expect(page.items.map(({ id }) => id)).toEqual([first.id]);
    const rest = await list(`limit=1&cursor=${page.nextCursor ?? ''}`);
    expect(rest).toMatchObject({ items: [{ id: second.id }], nextCursor: null });
    await cancel({ ...first, version: 2 });
    await cancel(second);
    await operator.post(`${one}/cancel`).set('if-match', '"3"').expect(409);
    expect(await list('')).toMatchObject({ items: [] });
    const past = await list('past=true&limit=1');
    expect(past.items).toMatchObject([{ id: second.id, state: 'cancelled', attendance: null }]);
    const older = await list(`past=true&limit=1&cursor=${past.nextCursor ?? ''}`);
    expect(older).toMatchObject({ items: [{ id: first.id }], nextCursor: null });
    const { rows } = await database.query<{ action: string }>(
      `select action from audit_entry where action like 'meeting:%' order by id`,
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'meeting:entered',
      'meeting:entered',
      'meeting:changed',
      'meeting:cancelled',
      'meeting:cancelled',
    ]);
  });

  test('an endpoint that is not registered is told an hour before, worse half an hour and ten minutes before, until it has been registered for a minute', async () => {
    said[B.id] = UNREGISTERED;
    await speak(120);
    const startsMs = nowMs + 62 * MINUTE;
    const meeting = await enter(startsMs);
    await speak(179);
    expect(notReady()).toEqual([]);
    await speak(1);
    const alarm = await eventually(() => {
      const [found, ...others] = notReady();
      expect(others).toEqual([]);
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    const time = (ms: number) => new Date(ms + 7 * 60 * MINUTE).toISOString().slice(11, 16);
    expect(alarm).toMatchObject({
      deviceId: B.id,
      qualifier: meeting.id,
      severity: 'warning',
      ruleId: 'vcs.meeting',
      beganAtMs: startsMs - 60 * MINUTE,
      incidentId: null,
      text: {
        vi: `Họp giao ban ${time(startsMs)}: thiết bị chưa đăng ký, còn 59 phút (lúc ${time(nowMs)})`,
        en: `Họp giao ban ${time(startsMs)}: endpoint not registered, 59 min left (at ${time(nowMs)})`,
      },
    });
    await speak(29 * 60, 60);
    await eventually(() => expect(notReady()).toMatchObject([{ id: alarm.id, severity: 'minor' }]));
    expect(notReady()[0]?.text.vi).toContain('còn 30 phút');
    await eventually(() => expect(notReady()[0]?.incidentId).not.toBeNull());
    await speak(20 * 60, 120);
    await eventually(() => expect(notReady()).toMatchObject([{ id: alarm.id, severity: 'major' }]));
    said[B.id] = REGISTERED;
    await speak(30);
    await speak(59);
    expect(notReady()).toHaveLength(1);
    await speak(2);
    await eventually(() => expect(notReady()).toEqual([]));
    const { rows } = await database.query<{ action: string }>(
      'select action from alarm_change where alarm_id = $1 order by id',
      [alarm.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['raised', 'changed', 'changed', 'cleared']);
    await cancel(meeting);
  });

  test('an endpoint that drops in a meeting is told after a minute, though the console was started anew meanwhile', async () => {
    said[A.id] = IN_CALL;
    const meeting = await enter(nowMs + 5 * MINUTE);
    await speak(6 * 60);
    said[A.id] = UNREGISTERED;
    await speak(1);
    const droppedMs = nowMs;
    await speak(30);
    expect(notReady()).toEqual([]);
    await stop();
    nowMs += 10_000;
    await start(false);
    await speak(10);
    expect(notReady()).toEqual([]);
    await speak(12);
    await eventually(() =>
      expect(notReady()).toMatchObject([{ deviceId: A.id, severity: 'major', beganAtMs: droppedMs }]),
    );
    expect(notReady()[0]?.text.vi).toMatch(/^Họp giao ban \d\d:\d\d: thiết bị rớt khi đang họp$/);
    const [before] = notReady();
    await stop();
    await start(false);
    await speak(30);
    expect(notReady()).toMatchObject([{ id: before?.id, raisedAtMs: before?.raisedAtMs }]);
    const { body } = (await operator.get(`${path}/${meeting.id}`).expect(200)) as { body: unknown };
    expect(body).toMatchObject({ state: 'running', attendance: { endpoints: 2, registered: 1, notRegistered: 1 } });
    await cancel(meeting);
    await eventually(() => expect(notReady()).toEqual([]));
  });

  test('an endpoint that is lost in its call is one alarm and one incident, named by the meeting', async () => {
    said = { [A.id]: IN_CALL, [B.id]: REGISTERED };
    await saySession(A, 'online');
    await speak(30);
    const meeting = await enter(nowMs + 1 * MINUTE);
    await speak(90);
    await saySession(A, 'offline');
    said[A.id] = null;
    await speak(70, 10);
    await eventually(() => expect(ofType('connectivityLost', A.id)).toHaveLength(1));
    expect(ofType('connectivityLost', A.id)[0]?.text.vi).toMatch(/^Họp giao ban \d\d:\d\d: Rớt khỏi cuộc họp$/);
    await speak(60);
    expect(notReady()).toEqual([]);
    const { rows } = await database.query(
      `select id from incident where device_id = $1 and state not in ('resolved', 'closed')`,
      [A.id],
    );
    expect(rows).toHaveLength(1);

    // It is back, but outside the meeting: once the loss is over, that is what is told.
    await saySession(A, 'online');
    said[A.id] = UNREGISTERED;
    await speak(90);
    await eventually(() => expect(ofType('connectivityLost', A.id)).toEqual([]));
    await speak(10);
    await eventually(() => expect(notReady(A.id)).toHaveLength(1));
    await cancel(meeting);
    await eventually(() => expect(notReady()).toEqual([]));
  });

  test('an endpoint that is switched off counts as not registered before a meeting and in it, and for nothing after its end', async () => {
    await saySession(B, 'online');
    await speak(30);
    await saySession(B, 'offline');
    said[B.id] = null;
    await speak(120);
    expect(alarms().filter(({ deviceId }) => deviceId === B.id)).toEqual([]);
    const meeting = await enter(nowMs + 20 * MINUTE, { endsAt: at(nowMs + 30 * MINUTE) });
    await eventually(() => expect(notReady()).toMatchObject([{ deviceId: B.id, severity: 'minor' }]));
    expect(notReady()[0]?.detail['lost']).toBe(true);
    expect(ofType('connectivityLost', B.id)).toEqual([]);
    await speak(21 * 60, 120);
    await eventually(() => expect(notReady()).toMatchObject([{ severity: 'major' }]));
    await eventually(() => expect(notReady()[0]?.text.vi).toContain('đang họp, thiết bị chưa đăng ký'));
    await speak(9 * 60 + 1, 120);
    await eventually(() => expect(notReady()).toEqual([]));
    const { body } = (await operator.get(`${path}/${meeting.id}`).expect(200)) as { body: unknown };
    expect(body).toMatchObject({ state: 'over', attendance: null });
    await saySession(B, 'online');
  });

  test('a commune that no longer takes part has no alarm; another time of the meeting is another measure', async () => {
    said[B.id] = UNREGISTERED;
    await speak(90);
    const meeting = await enter(nowMs + 5 * MINUTE);
    await eventually(() => expect(notReady()).toMatchObject([{ deviceId: B.id, severity: 'major' }]));
    const put = (version: number, body: object) =>
      operator.put(`${path}/${meeting.id}`).set('if-match', `"${version}"`).send(body).expect(200);
    const later = bodyOf(nowMs + 45 * MINUTE, { title: 'Họp bão' });
    await put(1, later);
    await eventually(() => expect(notReady()).toMatchObject([{ severity: 'warning' }]));
    expect(notReady()[0]?.text.vi).toContain('Họp bão');
    await put(2, { ...later, participants: { kind: 'communes', codes: [A.commune] } });
    await eventually(() => expect(notReady()).toEqual([]));
    await cancel({ ...meeting, version: 3 });
  });

  test('the rule is edited like the others: its lead times are checked, previewed, and count at once', async () => {
    said[B.id] = UNREGISTERED;
    await speak(90);
    const meeting = await enter(nowMs + 80 * MINUTE);
    await speak(30);
    expect(notReady()).toEqual([]);
    const rule = system.running.app.get(AlarmRulesService).book().rules.get('vcs.meeting');
    if (rule?.condition.kind !== 'meeting') throw new Error('no rule of meetings');
    const { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action } = rule;
    const saved = { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action };
    const withMinutes = (minutes: object) => ({ ...saved, condition: { ...condition, minutes } });
    const administrator = await system.signedIn('administrator');
    const put = (body: object) =>
      administrator.put(`${API_PREFIX}/alarm-rules/vcs.meeting`).set('if-match', '"0"').send(body);
    for (const minutes of [{ warning: 10, major: 30 }, {}, { warning: 1_441 }])
      await put(withMinutes(minutes)).expect(400);
    const early = withMinutes({ warning: 90, minor: 30, major: 10 });
    const asked = { deviceClass: 'vcs', key: 'meeting', scope: { kind: 'class' }, rule: early };
    const preview = await administrator.post(`${API_PREFIX}/alarm-rules/preview`).send(asked).expect(200);
    expect(rulePreview.parse(preview.body)).toMatchObject({
      wouldRaise: 1,
      wouldClear: 0,
      raised: [{ deviceId: B.id, severity: 'warning' }],
    });
    await put(early).expect(200);
    await eventually(() => expect(notReady()).toMatchObject([{ deviceId: B.id, severity: 'warning' }]));
    await administrator.delete(`${API_PREFIX}/alarm-rules/vcs.meeting`).set('if-match', '"1"').expect(204);
    await eventually(() => expect(notReady()).toEqual([]));
    await cancel(meeting);
  });

  describe('and the figures of a call', () => {
    const quality = (name: string, value: number) => ({ ...IN_CALL, [name]: value });
    const standing = (name: string) => ofType('metricLimit', A.id).find(({ qualifier }) => qualifier === name);

    test.each([
      // Warned above the first for a minute, held down to the second; major above the third, held down to the fourth.
      ['lossPercent', 1, 0.5, 5, 4.5],
      ['jitterMs', 40, 32, 100, 80],
      ['rttMs', 150, 120, 450, 360],
    ])('%s: limits, hysteresis and delays', async (name, warning, warningHeld, major, majorHeld) => {
      said[A.id] = quality(name, warning);
      await speak(120);
      expect(standing(name)).toBeUndefined();
      said[A.id] = quality(name, warning * 1.01);
      await speak(30);
      await speak(59);
      expect(standing(name)).toBeUndefined();
      await speak(2);
      await eventually(() => expect(standing(name)).toMatchObject({ severity: 'warning' }));
      said[A.id] = quality(name, major * 1.01);
      await speak(120);
      await eventually(() => expect(standing(name)).toMatchObject({ severity: 'major' }));
      said[A.id] = quality(name, majorHeld);
      await speak(300);
      expect(standing(name)).toMatchObject({ severity: 'major' });
      said[A.id] = quality(name, majorHeld - 0.01);
      await speak(180);
      await eventually(() => expect(standing(name)).toMatchObject({ severity: 'warning' }));
      said[A.id] = quality(name, warningHeld - 0.01);
      await speak(60);
      expect(standing(name)).toBeDefined();
      await speak(120);
      await eventually(() => expect(standing(name)).toBeUndefined());
    });

    test('count in a call only, and end with it: by its word, or with the endpoint', async () => {
      said[A.id] = { ...quality('lossPercent', 20), inCall: false };
      await speak(180);
      expect(standing('lossPercent')).toBeUndefined();
      said[A.id] = quality('lossPercent', 20);
      await speak(120);
      await eventually(() => expect(standing('lossPercent')).toMatchObject({ severity: 'major' }));
      // Out of the call nobody measures it.
      said[A.id] = REGISTERED;
      await speak(100);
      expect(standing('lossPercent')).toBeDefined();
      await speak(60);
      await eventually(() => expect(standing('lossPercent')).toBeUndefined());

      await saySession(A, 'online');
      said[A.id] = quality('lossPercent', 20);
      await speak(120);
      await eventually(() => expect(standing('lossPercent')).toBeDefined());
      await saySession(A, 'offline');
      said[A.id] = null;
      await eventually(() => expect(standing('lossPercent')).toBeUndefined());
      await saySession(A, 'online');
      said[A.id] = quality('lossPercent', 20);
      await speak(30);
      expect(standing('lossPercent')).toBeUndefined();
      await speak(90);
      await eventually(() => expect(standing('lossPercent')).toBeDefined());
    });
  });

  test('of the demo are entered once, marked as simulated', async () => {
    const meetings = system.running.app.get(MeetingsService);
    const day = { ...bodyOf(nowMs + 24 * 60 * MINUTE), participants: { kind: 'all' as const } };
    expect(await meetings.enterSimulated([day])).toBe(0);
    await database.query('delete from meeting');
    expect(await meetings.enterSimulated([day, day])).toBe(2);
    expect(await meetings.enterSimulated([day])).toBe(0);
    const { body } = (await operator.get(path).expect(200)) as { body: Page<Meeting> };
    expect(body.items).toMatchObject([
      { simulated: true, enteredBy: { personId: '' } },
      { simulated: true, attendance: { communes: 96 } },
    ]);
  });

  test('every statement can be prepared', async () => {
    for (const [index, statement] of MEETINGS_STATEMENTS.entries()) {
      await database.query(`prepare meetings_${index} as ${statement}`);
    }
  });
});
