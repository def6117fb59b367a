import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  alarmRule,
  alarmRuleBody,
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type AlarmRule,
  type AlarmRuleBody,
  type MaintenanceWindow,
} from '@ioc/contract';
import { AlarmRulesService } from '@ioc/server/alarms/alarm-rules.service';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { MIGRATIONS_FOLDER } from '@ioc/server/platform/database/migrate';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21172';
const LINK = `LINK-${COMMUNE}`;
const fleet = smallFleet([COMMUNE]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const gauge = fleet.devices.find(({ attributes }) => attributes['station'] === 'Trà Khúc')?.id ?? '';
/** A Friday. */
const START = Date.parse('2026-11-20T21:00:00+07:00');

describe('Alarm rules', () => {
  let nowMs = START;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let administrator: Awaited<ReturnType<TestConsole['signedIn']>>;
  let operator: Awaited<ReturnType<TestConsole['signedIn']>>;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock: { now: () => nowMs, speed: 1 } });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    administrator = await system.signedIn('administrator');
    operator = await system.signedIn('operator');
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const rules = () => system.running.app.get(AlarmRulesService);
  const ruleOf = (id: string): AlarmRule => {
    const rule = rules().book().rules.get(id);
    if (rule === undefined) throw new Error(`no rule ${id}`);
    return rule;
  };
  const bodyOf = (id: string): AlarmRuleBody => {
    const { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action } = ruleOf(id);
    return { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action };
  };
  const standing = (id: string, type: string) =>
    [...system.running.app.get(AlarmsService).current()].find(
      (alarm) => alarm.resource.id === id && alarm.type === type,
    );
  const hot = (celsius: number, of: (id: string) => boolean = () => true) =>
    Promise.all(
      [...new Set(stations.map(({ gateway }) => gateway))].map((gateway) => {
        const ids = stations.filter((station) => station.gateway === gateway).map(({ id }) => id);
        const readings = ids.map((device) => ({
          device,
          ts: nowMs,
          metrics: { mainsOn: true, cabinetTemperatureC: of(device) ? celsius : 30 },
        }));
        return wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts: nowMs, readings });
      }),
    );

  test('are the defaults of the code, each with what it rests on', async () => {
    const { body } = (await system.anonymous.get(`${API_PREFIX}/alarm-rules`).expect(200)) as { body: unknown };
    const listed = (body as { rules: unknown[] }).rules.map((rule) => alarmRule.parse(rule));
    expect(listed.length).toBeGreaterThan(30);
    expect(listed.every(({ version, updatedBy }) => version === 0 && updatedBy === null)).toBe(true);
    // In each language a sentence of its own.
    const untold = listed.filter(({ source }) => source.vi === '' || source.en === '' || source.vi === source.en);
    expect(untold.map(({ id }) => id)).toEqual([]);
    expect(listed.find(({ id }) => id === 'link.capacity')?.source).toEqual({
      vi: expect.stringContaining('Thông tư 06/2026/TT-BKHCN, Điều 5.6') as string,
      en: expect.stringContaining('Circular 06/2026, Art. 5.6') as string,
    });
    expect(listed.find(({ id }) => id === 'bts.dcVoltageV')?.condition).toMatchObject({
      values: { warning: 48, minor: 47, major: 46, critical: 44.5 },
      hysteresis: 1,
    });
  });

  test('that make no sense are refused, each with the field and a sentence', async () => {
    const temperature = bodyOf('bts.cabinetTemperatureC');
    const [roundTrip, loss, silent] = [bodyOf('link.rttMs'), bodyOf('link.lossPercent'), bodyOf('flood.silent')];
    const put = (rule: object, id = 'bts.cabinetTemperatureC') =>
      administrator.put(`${API_PREFIX}/alarm-rules/${id}`).set('if-match', '"0"').send(rule);
    const cases: readonly (readonly [object, string, string, string?])[] = [
      [
        { ...temperature, condition: { ...temperature.condition, metric: 'rttMs' } },
        'body.condition.metric',
        'Loại thiết bị này không có chỉ số rttMs',
      ],
      [
        { ...temperature, condition: { ...temperature.condition, hysteresis: 80 } },
        'body.condition.hysteresis',
        'Độ trễ lớn hơn ngưỡng',
      ],
      [
        { ...temperature, condition: { ...temperature.condition, values: { warning: 60, major: 50 } } },
        'body.condition.values.major',
        'Mức nặng hơn phải có ngưỡng cao hơn',
      ],
      [
        { ...temperature, condition: { kind: 'connectivity' } },
        'body.condition.kind',
        'Quy tắc này phải là loại limit',
      ],
      [
        { ...roundTrip, condition: { ...roundTrip.condition, values: { minor: 150 } } },
        'body.condition.values.warning',
        'Mức này cần giá trị sàn',
        'link.rttMs',
      ],
      [
        { ...loss, condition: { ...loss.condition, sustained: { minutes: 6, of: 5 } } },
        'body.condition.sustained.minutes',
        'Không thể nhiều hơn số phút được xét',
        'link.lossPercent',
      ],
      [
        {
          ...silent,
          condition: {
            ...silent.condition,
            inFlood: { intervals: 4, severity: 'major', rainMm: 50, rainOverS: 21_600 },
          },
        },
        'body.condition.inFlood.intervals',
        'Khi có lũ phải báo không muộn hơn',
        'flood.silent',
      ],
    ];
    for (const [rule, path, sentence, id] of cases) {
      const { body } = (await put(rule, id).expect(400)) as { body: unknown };
      const { errors } = body as { errors: { path: string; message: string }[] };
      expect(errors.map((error) => error.path)).toContain(path);
      expect(errors.find((error) => error.path === path)?.message).toContain(sentence);
    }
    await put(temperature, 'bts.nothing').expect(404);
    await operator
      .put(`${API_PREFIX}/alarm-rules/bts.lost`)
      .set('if-match', '"0"')
      .send(bodyOf('bts.lost'))
      .expect(403);
    const { rows } = await database.query('select count(*)::integer as versions from alarm_rule_version');
    expect(rows).toEqual([{ versions: 0 }]);
  });

  test('on silence that were saved before a flood was part of them go on as they were', async () => {
    const { enabled, raiseAfterS, clearAfterS, probableCause, text, action } = bodyOf('flood.silent');
    const condition = { kind: 'absence', intervals: 5, severity: 'minor' };
    const before = { enabled, condition, raiseAfterS, clearAfterS, probableCause, text, action };
    await database.query('begin');
    await database.query(
      `insert into alarm_rule_version (rule_id, version, device_class, key, scope_kind, removed, body, saved_at, saved_by_name)
       values ('flood.silent', 1, 'flood', 'silent', 'class', false, $1, now(), 'An')`,
      [JSON.stringify(before)],
    );
    await database.query(await readFile(path.join(MIGRATIONS_FOLDER, '0042_rule_in_flood.sql'), 'utf8'));
    const { rows } = await database.query<{ body: unknown }>('select body from alarm_rule_version');
    await database.query('rollback');
    expect(alarmRuleBody.parse(rows[0]?.body).condition).toEqual({
      ...condition,
      inFlood: { intervals: 2, severity: 'major', rainMm: 50, rainOverS: 21_600 },
    });
  });

  test('are previewed before they are saved: what they would raise and clear, and nothing is saved', async () => {
    nowMs += 1_000;
    await hot(42);
    const temperature = bodyOf('bts.cabinetTemperatureC');
    const strict = { ...temperature, condition: { ...temperature.condition, values: { warning: 40 } }, raiseAfterS: 0 };
    const asked = { deviceClass: 'bts', key: 'cabinetTemperatureC', scope: { kind: 'class' }, rule: strict };
    const preview = () => administrator.post(`${API_PREFIX}/alarm-rules/preview`).send(asked).expect(200);
    await eventually(async () => {
      const { body } = (await preview()) as { body: unknown };
      expect(body).toMatchObject({ devices: stations.length, wouldRaise: stations.length, wouldClear: 0 });
    });
    const { body } = (await preview()) as { body: unknown };
    expect((body as { raised: object[] }).raised[0]).toMatchObject({
      severity: 'warning',
      value: 42,
      communeCode: COMMUNE,
    });
    expect(ruleOf('bts.cabinetTemperatureC').version).toBe(0);
    expect(standing(stations[0]?.id ?? '', 'metricLimit')).toBeUndefined();
  });

  test('count as saved from the next reading on; every version stays, and a stale one is refused', async () => {
    const { id } = stations[0] ?? { id: '' };
    const override = {
      deviceClass: 'bts',
      key: 'cabinetTemperatureC',
      scope: { kind: 'device', id },
      rule: {
        ...bodyOf('bts.cabinetTemperatureC'),
        condition: { ...ruleOf('bts.cabinetTemperatureC').condition, values: { warning: 40 } },
        raiseAfterS: 0,
        clearAfterS: 0,
      },
    };
    const path = `${API_PREFIX}/alarm-rules`;
    const { body } = (await administrator.post(path).send(override).expect(201)) as { body: unknown };
    const ruleId = (body as AlarmRule).id;
    expect(ruleId).toBe(`bts.cabinetTemperatureC@device:${id}`);
    await administrator.post(path).send(override).expect(409);
    nowMs += 1_000;
    await hot(42);
    await eventually(() => expect(standing(id, 'metricLimit')).toMatchObject({ severity: 'warning', ruleId }));
    expect(standing(stations[1]?.id ?? '', 'metricLimit')).toBeUndefined();

    const saved = await administrator
      .put(`${path}/${encodeURIComponent(ruleId)}`)
      .set('if-match', '"1"')
      .send({ ...override.rule, raiseAfterS: 60 });
    expect(saved.status).toBe(200);
    expect(saved.get('etag')).toBe('"2"');
    await administrator
      .put(`${path}/${encodeURIComponent(ruleId)}`)
      .set('if-match', '"1"')
      .send(override.rule)
      .expect(412);
    const versions = await administrator.get(`${path}/${encodeURIComponent(ruleId)}/versions`).expect(200);
    expect(
      (versions.body as { versions: AlarmRule[] }).versions.map(({ version, raiseAfterS }) => [version, raiseAfterS]),
    ).toEqual([
      [2, 60],
      [1, 0],
    ]);

    // Without the override the class's rule counts again, by which there is nothing wrong at 42 °C.
    await administrator
      .delete(`${path}/${encodeURIComponent(ruleId)}`)
      .set('if-match', '"2"')
      .expect(204);
    for (const seconds of [1, 600, 600]) {
      nowMs += seconds * 1_000;
      await hot(41);
    }
    await eventually(() => expect(standing(id, 'metricLimit')).toBeUndefined());
    const { rows } = await database.query<{ action: string }>(
      `select actor, action from audit_entry where action like 'alarm-rule:%' order by id`,
    );
    expect(rows.map(({ action }) => action)).toEqual(['alarm-rule:saved', 'alarm-rule:saved', 'alarm-rule:removed']);
  });

  describe('and maintenance windows', () => {
    const create = (body: object) => operator.post(`${API_PREFIX}/maintenance-windows`).send(body);
    const at = (text: string) => new Date(`${text}+07:00`).toISOString();

    test('that end before they begin, lie in the past or cover nothing are refused', async () => {
      const schedule = { kind: 'once', from: at('2026-11-21T10:00:00'), until: at('2026-11-21T09:00:00') };
      const subject = { kind: 'device', id: LINK };
      const ends = await create({ subject, schedule, reason: 'thay thiết bị' }).expect(400);
      expect(ends.body).toMatchObject({ detail: 'Thời điểm kết thúc phải sau thời điểm bắt đầu' });
      const past = { kind: 'once', from: at('2026-11-01T10:00:00'), until: at('2026-11-01T12:00:00') };
      await create({ subject, schedule: past, reason: 'thay thiết bị' }).expect(400);
      const tomorrow = { ...schedule, until: at('2026-11-21T12:00:00') };
      await create({ subject: { kind: 'device', id: 'LINK-00000' }, schedule: tomorrow, reason: 'x' }).expect(400);
      await create({ subject, schedule: tomorrow, reason: ' ' }).expect(400);
    });

    test('mute what they cover until they end, across midnight; then what still stands is told, and the time is out of availability', async () => {
      // Fridays from 22:00 for four hours: until 02:00 on Saturday.
      const { body } = (await create({
        subject: { kind: 'commune', id: COMMUNE },
        schedule: {
          kind: 'weekly',
          days: [5],
          at: '22:00',
          minutes: 240,
          validFrom: at('2026-11-01T00:00:00'),
          validUntil: null,
        },
        reason: 'bảo dưỡng nguồn',
      }).expect(201)) as { body: unknown };
      const window = body as MaintenanceWindow;
      expect(window).toMatchObject({
        running: false,
        nextFrom: at('2026-11-20T22:00:00'),
        nextUntil: at('2026-11-21T02:00:00'),
      });

      nowMs = Date.parse('2026-11-21T00:30:00+07:00');
      await eventually(async () => {
        const { rows } = await database.query<{ began_at: Date }>(
          'select began_at from maintenance_span where device_id = $1',
          [LINK],
        );
        expect(rows.map(({ began_at }) => began_at.toISOString())).toEqual([at('2026-11-20T22:00:00')]);
      });
      const say = (state: string, session: number) =>
        wire.publish(deviceTopic(COMMUNE, 'link', LINK, 'status'), { ts: nowMs, session, state }, { retain: true });
      await say('online', 1);
      nowMs += 1_000;
      await say('offline', 2);
      nowMs += 91_000;
      await eventually(() => expect(standing(LINK, 'connectivityLost')).toMatchObject({ suppression: 'maintenance' }));

      // A gauge at an alarm level is never muted.
      for (const levelM of [3.6, 3.6, 3.6]) {
        nowMs += 60_000;
        await wire.publish(deviceTopic(COMMUNE, 'flood', gauge, 'telemetry'), { ts: nowMs, metrics: { levelM } });
      }
      await eventually(() => expect(standing(gauge, 'riverLevel')).toMatchObject({ suppression: null }));

      nowMs = Date.parse('2026-11-21T02:00:01+07:00');
      await eventually(() => expect(standing(LINK, 'connectivityLost')).toMatchObject({ suppression: null }));
      const { rows } = await database.query('select began_at, ended_at from maintenance_span where device_id = $1', [
        LINK,
      ]);
      expect(rows).toEqual([
        { began_at: new Date(at('2026-11-20T22:00:00')), ended_at: new Date(at('2026-11-21T02:00:00')) },
      ]);

      nowMs = Date.parse('2026-11-21T03:00:00+07:00');
      const span = `from=${at('2026-11-20T22:00:00')}&to=${at('2026-11-21T03:00:00')}`;
      const answer = await operator.get(`${API_PREFIX}/availability?${span}&by=device&deviceClass=link`).expect(200);
      const [row] = (answer.body as { rows: { key: string; downS: number; observedS: number }[] }).rows;
      // Down since 00:30, but only the hour after the window counts.
      expect(row).toMatchObject({ key: LINK, downS: 3_600 });
      expect(row?.observedS).toBeLessThanOrEqual(3_600);

      const ended = await operator
        .post(`${API_PREFIX}/maintenance-windows/${window.id}/end`)
        .set('if-match', `"${window.version}"`)
        .expect(200);
      expect(ended.body).toMatchObject({ nextFrom: null, running: false });
      await operator
        .post(`${API_PREFIX}/maintenance-windows/${window.id}/end`)
        .set('if-match', `"${window.version}"`)
        .expect(409);
    });
  });
});
