import { API_PREFIX, deviceTopic, type DeadLetter, type Incident, type Page } from '@ioc/contract';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { LiveStateService } from '@ioc/server/live/live-state.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNES = ['21025', '21115'] as const;
const READINGS = 50;

describe('A fault in what readings lead to', () => {
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let session = 1;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv(COMMUNES) });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await eventually(() => expect(intake().visibility().seeing).toBe(true));
    await setAlarmDelays(system, { raise: 0, clear: 0 });
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const intake = () => system.running.app.get(IntakeService);
  const stands = (id: string) =>
    [...system.running.app.get(AlarmsService).current()].some(
      (alarm) => alarm.resource.id === id && alarm.type === 'connectivityLost',
    );
  const connectivityOf = (id: string) => system.running.app.get(ConnectivityService).stateOf(id).connectivity;

  /** A commune's link says that it goes, or is back, between readings; all of it is acknowledged. */
  async function speak(commune: string, state: 'online' | 'offline'): Promise<{ readonly fromMs: number }> {
    const link = `LINK-${commune}`;
    const fromMs = Date.now() - 1_000;
    session += 1;
    const reading = (index: number) =>
      wire.publish(deviceTopic(commune, 'link', link, 'telemetry'), {
        ts: fromMs + index,
        metrics: { linkUp: state === 'online', rttMs: 8 },
      });
    const status = { ts: Date.now(), session, state };
    await Promise.all([
      ...Array.from({ length: READINGS / 2 }, (_, index) => reading(index)),
      wire.publish(deviceTopic(commune, 'link', link, 'status'), status, { retain: true }),
      ...Array.from({ length: READINGS / 2 }, (_, index) => reading(READINGS / 2 + index)),
    ]);
    return { fromMs };
  }

  async function stored(commune: string, fromMs: number): Promise<number> {
    const { rows } = await database.query<{ count: number }>(
      `select count(*)::int4 as count from link_reading r join device d on d.no = r.device_no
       where d.id = $1 and r.at >= to_timestamp($2::float8 / 1000)`,
      [`LINK-${commune}`, fromMs],
    );
    return rows[0]?.count ?? 0;
  }

  async function deadLetters(): Promise<readonly DeadLetter[]> {
    const agent = await system.signedIn('operator');
    const body: unknown = (await agent.get(`${API_PREFIX}/dead-letters`).expect(200)).body;
    return (body as Page<DeadLetter>).items;
  }

  test('of messages: readings, alarm and incident are there; only nobody is told, and that is counted', async () => {
    await speak(COMMUNES[0], 'online');
    await database.query('alter table notification_decision add constraint broken check (false) not valid');
    const { fromMs } = await speak(COMMUNES[0], 'offline');
    const link = `LINK-${COMMUNES[0]}`;
    await eventually(() => expect(stands(link)).toBe(true));
    expect(await stored(COMMUNES[0], fromMs)).toBe(READINGS);
    const incidents: readonly Incident[] = system.running.app.get(IncidentsService).current();
    expect(incidents.some(({ deviceId }) => deviceId === link)).toBe(true);
    expect(intake().stats().leftOut).toBeGreaterThan(0);
    expect(await deadLetters()).toEqual([]);
    await database.query('alter table notification_decision drop constraint broken');
    await speak(COMMUNES[0], 'online');
    await eventually(() => expect(stands(link)).toBe(false));
    await eventually(() => expect(intake().standstill()).toBeNull(), { timeoutMs: 30_000 });
  });

  test('of alarms: readings and connectivity go on, nothing is rejected, the console says so, and makes up for it', async () => {
    const link = `LINK-${COMMUNES[1]}`;
    await speak(COMMUNES[1], 'online');
    await database.query('alter table alarm add constraint broken check (false) not valid');
    const lost = await speak(COMMUNES[1], 'offline');
    await eventually(() => expect(connectivityOf(link)).toBe('down'));
    expect(await stored(COMMUNES[1], lost.fromMs)).toBe(READINGS);

    // Once everything is judged again, the alarm is wanted whatever arrives.
    system.running.app.get(AlarmsService).judgeAgain(Date.now());
    await eventually(() => expect(intake().standstill()).toMatchObject({ consequence: 'alarms' }));
    const ready = await fetch(`${system.httpUrl}/health/ready`);
    expect(ready.status).toBe(503);
    const shown = system.running.app.get(LiveStateService).system();
    expect(shown.standstill?.consequence).toBe('alarms');
    const more = await speak(COMMUNES[0], 'online');
    expect(await stored(COMMUNES[0], more.fromMs)).toBe(READINGS);
    expect(intake().visibility().seeing).toBe(true);
    expect(stands(link)).toBe(false);
    expect(await deadLetters()).toEqual([]);

    await database.query('alter table alarm drop constraint broken');
    await eventually(() => expect(stands(link)).toBe(true), { timeoutMs: 30_000 });
    expect(intake().standstill()).toBeNull();
    await eventually(async () => expect((await fetch(`${system.httpUrl}/health/ready`)).status).toBe(200));
  });
});
