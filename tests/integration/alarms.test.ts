import {
  alarmLoad,
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type Alarm,
  type AlarmType,
  type Page,
  type SessionState,
} from '@ioc/contract';
import { ALARM_LIST_STATEMENTS } from '@ioc/server/alarms/alarm-list.repository';
import { ALARM_RULES_STATEMENTS } from '@ioc/server/alarms/alarm-rules.repository';
import { ALARMS_STATEMENTS } from '@ioc/server/alarms/alarms.repository';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import type { AlarmRecord } from '@ioc/server/alarms/alarm';
import { BASELINES_STATEMENTS } from '@ioc/server/alarms/baselines.repository';
import { CAPACITY_STATEMENTS } from '@ioc/server/alarms/capacity.repository';
import { MAINTENANCE_STATEMENTS } from '@ioc/server/alarms/maintenance.repository';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { Database } from '@ioc/server/platform/database/database';
import type { Reading } from '@ioc/server/readings/reading';
import { ReadingsService } from '@ioc/server/readings/readings.service';
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
const START = Date.parse('2026-11-20T08:00:00+07:00');

/** The clock of these tests: it stands still until it is put on. */
class HandClock {
  speed = 1;
  #nowMs = START;
  now = (): number => this.#nowMs;
  passS(seconds: number): void {
    this.#nowMs += seconds * 1_000;
  }
}

describe('Alarms', () => {
  const clock = new HandClock();
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let session = 1;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock });
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

  const alarms = () => system.running.app.get(AlarmsService);
  const standing = (id: string, type: AlarmType): AlarmRecord | undefined =>
    [...alarms().current()].find((alarm) => alarm.resource.id === id && alarm.type === type);

  async function sayLink(state: SessionState, reason?: string): Promise<void> {
    session += 1;
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'status');
    await wire.publish(topic, { ts: clock.now(), session, state, reason }, { retain: true });
  }

  /** What stations say at this moment, through their gateways. */
  async function report(
    metrics: (id: string) => object = () => ({ mainsOn: true }),
    state: (id: string) => SessionState = () => 'online',
  ): Promise<void> {
    const ts = clock.now();
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const ids = stations.filter((station) => station.gateway === gateway).map(({ id }) => id);
      const readings = ids.map((device) => ({ device, ts, state: state(device), metrics: metrics(device) }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
    }
  }

  /** Lets time pass in steps, in which stations and the link speak, so that nothing takes it for silence. */
  async function speak(
    seconds: number,
    metrics?: (id: string) => object,
    state?: (id: string) => SessionState,
  ): Promise<void> {
    for (let left = seconds; left > 0; left -= 30) {
      clock.passS(Math.min(left, 30));
      await report(metrics, state);
      await wire.publish(deviceTopic(COMMUNE, 'link', LINK, 'telemetry'), { ts: clock.now(), metrics: { rttMs: 10 } });
    }
  }

  test('a loss that was said is raised once it has lasted as long as its rule waits, and ends once it is over for long enough', async () => {
    await sayLink('online');
    clock.passS(1);
    await sayLink('offline', 'fibre');
    clock.passS(60);
    await report();
    expect(standing(LINK, 'connectivityLost')).toBeUndefined();
    clock.passS(31);
    const alarm = await eventually(() => {
      const found = standing(LINK, 'connectivityLost');
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    expect(alarm).toMatchObject({
      severity: 'major',
      beganAtMs: START + 1_000,
      raisedAtMs: clock.now(),
      ruleId: 'link.lost',
    });
    const { rows } = await database.query<{ id: string }>('select id from outage where device_id = $1', [LINK]);
    expect(alarm.detail).toMatchObject({ reason: 'fibre', basis: 'said', outageId: String(rows[0]?.id) });
    await sayLink('online');
    await speak(179);
    expect(standing(LINK, 'connectivityLost')).toBeDefined();
    await speak(2);
    await eventually(() => expect(standing(LINK, 'connectivityLost')).toBeUndefined());
    const told = await database.query<{ action: string }>(
      'select c.action from alarm a join alarm_change c on c.alarm_id = a.id where a.device_id = $1 order by c.id',
      [LINK],
    );
    expect(told.rows.map(({ action }) => action)).toEqual(['raised', 'cleared']);
  });

  test('a limit that is passed for as long as its rule waits raises its alarm, worse as it goes on, and hysteresis holds it', async () => {
    const station = stations.find(({ attributes }) => attributes['battery'] !== 'lithium')?.id ?? '';
    const hot = (celsius: number) => (id: string) => ({
      mainsOn: true,
      ...(id === station ? { cabinetTemperatureC: celsius } : {}),
    });
    await speak(570, hot(46));
    expect(standing(station, 'metricLimit')).toBeUndefined();
    await speak(60, hot(46));
    const alarm = await eventually(() => {
      const found = standing(station, 'metricLimit');
      expect(found).toBeDefined();
      return found;
    });
    expect(alarm).toMatchObject({
      severity: 'warning',
      qualifier: 'cabinetTemperatureC',
      probableCause: 'heatingVentCoolingSystemProblem',
      text: { vi: 'Nhiệt độ tủ cao (> 45 °C)', en: 'Cabinet temperature high (> 45 °C)' },
    });
    await speak(690, hot(56));
    await eventually(() =>
      expect(standing(station, 'metricLimit')).toMatchObject({ severity: 'major', id: alarm?.id }),
    );
    await speak(960, hot(53));
    expect(standing(station, 'metricLimit')).toMatchObject({ severity: 'major' });
    await speak(960, hot(40));
    await eventually(() => expect(standing(station, 'metricLimit')).toBeUndefined());
  });

  test('a station on its battery is told, worse as the battery empties, and a generator that runs stops that', async () => {
    const station = stations[1];
    const id = station?.id ?? '';
    let percent = 100;
    const onBattery = (device: string) =>
      device === id ? { mainsOn: false, batteryPercent: Math.round(percent) } : { mainsOn: true };
    for (let minute = 0; minute < 3; minute += 1) await speak(60, onBattery);
    await eventually(() => expect(standing(id, 'mainsAbsent')).toMatchObject({ severity: 'warning' }));
    // Two percent a minute: 100 minutes left after 100 % became 50 %… less as it goes on.
    for (let minute = 0; minute < 20; minute += 1) {
      percent -= 1.5;
      await speak(60, onBattery);
    }
    await eventually(() => expect(standing(id, 'mainsAbsent')).toMatchObject({ severity: 'major' }), {
      timeoutMs: 3_000,
    });
    expect(alarms().batteryOf(id)?.minutes).toBeLessThan(60);
    const operator = await system.signedIn('operator');
    await operator
      .post(`${API_PREFIX}/facts`)
      .send({
        subject: { kind: 'site', id: station?.site },
        kind: 'generatorRunning',
        note: 'xăng đến 03:00',
        at: new Date(clock.now()).toISOString(),
        expiresAt: new Date(clock.now() + 3_600_000).toISOString(),
      })
      .expect(201);
    await speak(360, onBattery);
    await eventually(() => expect(standing(id, 'mainsAbsent')).toBeUndefined());
  });

  test('what a device reports of itself is an alarm until it says that it is over', async () => {
    const topic = deviceTopic(COMMUNE, 'flood', gauge, 'event');
    const event = { ts: clock.now(), type: 'door-open', text: 'Cửa tủ mở', severity: 'minor' };
    await wire.publish(topic, { ...event, state: 'raised' });
    await eventually(() =>
      expect(standing(gauge, 'deviceEvent')).toMatchObject({ severity: 'minor', qualifier: 'door-open' }),
    );
    await wire.publish(topic, { ...event, state: 'cleared' });
    await eventually(() => expect(standing(gauge, 'deviceEvent')).toBeUndefined());
  });

  test('the legal levels of a river raise its alarm after two samples, and every further half metre is told', async () => {
    const level = async (metres: number) => {
      clock.passS(60);
      await wire.publish(deviceTopic(COMMUNE, 'flood', gauge, 'telemetry'), {
        ts: clock.now(),
        metrics: { levelM: metres },
      });
    };
    await level(3.4);
    await level(3.6);
    await level(3.6);
    await eventually(() => expect(standing(gauge, 'riverLevel')).toMatchObject({ severity: 'warning' }));
    expect(alarms().alarmLevelOf(gauge)).toBe(1);
    for (let metres = 3.7; metres < 7.1; metres += 0.1) await level(metres);
    await eventually(() =>
      expect(standing(gauge, 'riverLevel')).toMatchObject({
        severity: 'critical',
        text: { vi: 'Báo động 3 + 0,5 m · Trà Khúc' },
      }),
    );
  });

  test('an alarm that is put aside is so until its end, with its recurrences, and everybody is told how many there are', async () => {
    const operator = await system.signedIn('operator');
    await wire.publish(deviceTopic(COMMUNE, 'flood', gauge, 'event'), {
      ts: clock.now(),
      type: 'lid',
      state: 'raised',
    });
    const alarm = await eventually(() => {
      const found = standing(gauge, 'deviceEvent');
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    const path = `${API_PREFIX}/alarms/${alarm.id}`;
    const until = new Date(clock.now() + 3_600_000).toISOString();
    await operator.post(`${path}/shelve`).send({ until, reason: 'thợ đang sửa' }).expect(428);
    await operator.post(`${path}/shelve`).set('if-match', '"7"').send({ until, reason: 'thợ đang sửa' }).expect(412);
    const shelved = await operator
      .post(`${path}/shelve`)
      .set('if-match', `"${alarm.version}"`)
      .send({ until, reason: 'thợ đang sửa' });
    expect(shelved.status).toBe(200);
    expect(shelved.body).toMatchObject({
      operatorState: 'shelved',
      shelved: { reason: 'thợ đang sửa' },
      version: alarm.version + 1,
    });
    expect(alarms().shelvedCount()).toBe(1);

    await wire.publish(deviceTopic(COMMUNE, 'flood', gauge, 'event'), {
      ts: clock.now(),
      type: 'lid',
      state: 'cleared',
    });
    await eventually(() => expect(standing(gauge, 'deviceEvent')).toBeUndefined());
    expect(alarms().shelvedCount()).toBe(0);
    await wire.publish(deviceTopic(COMMUNE, 'flood', gauge, 'event'), {
      ts: clock.now() + 1,
      type: 'lid',
      state: 'raised',
    });
    await eventually(() => expect(standing(gauge, 'deviceEvent')?.shelved).not.toBeNull());
    clock.passS(3_601);
    await eventually(() =>
      expect(standing(gauge, 'deviceEvent')).toMatchObject({ shelved: null, operatorState: 'none' }),
    );
    const again = standing(gauge, 'deviceEvent');
    const told = await operator.get(`${API_PREFIX}/alarms/${again?.id}`).expect(200);
    expect((told.body as { changes: { action: string }[] }).changes.map(({ action }) => action)).toEqual([
      'raised',
      'shelfEnded',
    ]);
  });

  test('while a device flaps its losses are told by that alone; once it rests, what it rests at counts', async () => {
    await sayLink('online');
    for (let round = 0; round < 2; round += 1) {
      clock.passS(5);
      await sayLink('offline');
      clock.passS(5);
      await sayLink('online');
    }
    await eventually(() => expect(standing(LINK, 'flapping')).toMatchObject({ severity: 'warning' }));
    clock.passS(5);
    await sayLink('offline', 'cut');
    clock.passS(91);
    await eventually(() => expect(standing(LINK, 'connectivityLost')).toMatchObject({ suppression: 'flapping' }));
    for (let minutes = 0; minutes < 16; minutes += 1) {
      clock.passS(60);
      await report();
    }
    await eventually(() => expect(standing(LINK, 'flapping')).toBeUndefined());
    expect(standing(LINK, 'connectivityLost')).toMatchObject({ suppression: null });
  });

  test('a link that carried nearly its capacity for days is told in the morning, by the worse of its directions', async () => {
    const { app } = system.running;
    const device = app.get(DevicesService).register().devices.get(LINK);
    if (device === undefined) throw new Error(LINK);
    const capacityMbps = Number(device.attributes['capacityMbps']);
    const untilMs = clock.now();
    const readings = Array.from({ length: 7 * 288 }, (_, index): Reading => {
      const atMs = untilMs - index * 300_000;
      // One sample in twenty is idle: the 95th percentile does not see it.
      const metrics = { inMbps: 1, outMbps: index % 20 === 0 ? 0 : capacityMbps * 0.95 };
      return {
        device,
        atMs,
        receivedAtMs: atMs,
        effectiveAtMs: atMs,
        seq: null,
        live: false,
        clockOffsetMs: null,
        metrics,
        suspect: [],
      };
    });
    await app.get(Database).transaction((tx) => app.get(ReadingsService).write(tx, readings));
    expect(standing(LINK, 'linkCapacity')).toBeUndefined();
    clock.passS(86_400);
    const alarm = await eventually(() => {
      const found = standing(LINK, 'linkCapacity');
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    expect(alarm).toMatchObject({ severity: 'minor', ruleId: 'link.capacity', detail: { usedPercent: 95 } });
  });

  test('every statement can be prepared', async () => {
    const statements = [
      ...ALARMS_STATEMENTS,
      ...ALARM_LIST_STATEMENTS,
      ...ALARM_RULES_STATEMENTS,
      ...MAINTENANCE_STATEMENTS,
      ...CAPACITY_STATEMENTS,
      ...BASELINES_STATEMENTS,
    ];
    for (const [index, statement] of statements.entries()) {
      await database.query(`prepare alarms_${index} as ${statement}`);
    }
    expect(statements.length).toBeGreaterThan(30);
  });

  test('how busy the desk is can be told: new alarms, the worst devices, what stands for long, what comes again and again', async () => {
    const operator = await system.signedIn('operator');
    const { body } = (await operator.get(`${API_PREFIX}/alarms/load`).expect(200)) as { body: unknown };
    const load = alarmLoad.parse(body);
    expect(load.history).toHaveLength(144);
    expect(load.operatorsOnDuty).toBe(1);
    expect(load.stale.map(({ type }) => type)).toContain('riverLevel');
    for (let index = 0; index < 12; index += 1) {
      const type = `test-${index}`;
      await wire.publish(deviceTopic(COMMUNE, 'flood', gauge, 'event'), { ts: clock.now(), type, state: 'raised' });
    }
    await eventually(() => expect(alarms().flood()).toMatchObject({ on: true }));
    await operator.post(`${API_PREFIX}/alarms/flood/end`).expect(204);
    expect(alarms().flood()).toMatchObject({ on: false });
    const { body: after } = (await operator.get(`${API_PREFIX}/alarms/load`).expect(200)) as { body: unknown };
    expect(alarmLoad.parse(after).worst[0]).toMatchObject({ deviceId: gauge });
    const page = await operator.get(`${API_PREFIX}/alarms?limit=5&deviceId=${gauge}`).expect(200);
    const { items, nextCursor } = page.body as Page<Alarm>;
    expect(items).toHaveLength(5);
    const next = await operator
      .get(`${API_PREFIX}/alarms?limit=5&deviceId=${gauge}&cursor=${nextCursor ?? ''}`)
      .expect(200);
    const ids = [...items, ...(next.body as Page<Alarm>).items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(10);
  });
});
