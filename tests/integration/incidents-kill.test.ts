import { setTimeout as delay } from 'node:timers/promises';
import { API_PREFIX, gatewayTopic, type Incident } from '@ioc/contract';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startConsoleProcess } from '../harness/console-process.js';
import { startTestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { startMosquitto, type TestMosquitto } from '../harness/mosquitto.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNES = ['21172', '23401', '21115'];
const stations = smallFleet(COMMUNES).devices.filter(({ deviceClass }) => deviceClass === 'bts');
const ROUNDS = 5;

/** What must be so after every commit, whenever the server was killed. */
const FAULTS = {
  'alarms that stand twice': `
    select resource_id from alarm where cleared_at is null
    group by resource_kind, resource_id, alarm_type, qualifier having count(*) > 1`,
  'alarms that nobody works': `
    select a.resource_id from alarm a left join incident i on i.id = a.incident_id
    where a.cleared_at is null and a.alarm_type = 'connectivityLost' and a.suppression is distinct from 'maintenance'
      and (i.id is null or i.state in ('resolved', 'closed'))`,
  'incidents that hold nothing': `
    select i.id from incident i
    where i.state not in ('resolved', 'closed')
      and not exists (select from alarm a where a.incident_id = i.id and a.cleared_at is null)`,
  'incidents opened twice, or without a trace': `
    select i.id from incident i left join incident_change c on c.incident_id = i.id and c.action = 'opened'
    group by i.id having count(c.id) <> 1`,
} as const;

describe('A server that is killed while alarms come and go', () => {
  let fresh: FreshDatabase;
  let broker: TestMosquitto;
  let wire: Publisher;
  let database: pg.Client;

  beforeAll(async () => {
    fresh = await freshDatabase();
    broker = await startMosquitto();
    database = new pg.Client({ connectionString: fresh.url });
    await database.connect();
    wire = await connectPublisher(broker.deviceUrl, { clientId: 'publisher' });
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await broker.stop();
    await fresh.drop();
  });

  async function say(offline: (index: number) => boolean): Promise<void> {
    const ts = Date.now();
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = stations.flatMap(({ id, gateway: its }, index) =>
        its === gateway ? [{ device: id, ts, state: offline(index) ? 'offline' : 'online', metrics: {} }] : [],
      );
      for (let from = 0; from < readings.length; from += 5) {
        await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings: readings.slice(from, from + 5) });
      }
    }
  }

  test('no alarm, incident or acknowledgement is lost or doubled, at whatever moment it was', async () => {
    const url = { databaseUrl: fresh.url, broker: { url: broker.intakeUrl } } as const;
    const first = await startTestConsole({ ...url, register: smallFleetCsv(COMMUNES) });
    await setAlarmDelays(first, { raise: 0, clear: 0 });
    await say((index) => index === 0);
    const held = await eventually(() => {
      const [incident] = first.running.app.get(IncidentsService).current();
      if (incident === undefined) throw new Error('no incident yet');
      return incident;
    });
    const technician = await first.signedIn('technician');
    const answer = await technician
      .post(`${API_PREFIX}/incidents/${held.id}/acknowledge`)
      .set('if-match', `"${held.version}"`)
      .send({ note: 'giữ qua đêm' })
      .expect(200);
    await first.stop();

    for (let round = 0; round < ROUNDS; round += 1) {
      const server = startConsoleProcess({
        IOC_DATABASE_URL: fresh.url,
        IOC_MQTT_URL: broker.intakeUrl,
        IOC_SIMULATE: '0',
        IOC_START_GRACE: '0s',
      });
      await server.address;
      const saying = say((index) => index === 0 || (index + round) % 3 === 0);
      await delay(30 + round * 70);
      server.signal('SIGKILL');
      await server.ended;
      await saying;
      for (const [fault, statement] of Object.entries(FAULTS)) {
        expect([round, fault, (await database.query(statement)).rows]).toEqual([round, fault, []]);
      }
    }

    const last = await startTestConsole({ ...url });
    try {
      const lost = stations.filter((_, index) => index === 0 || (index + ROUNDS - 1) % 3 === 0).map(({ id }) => id);
      await eventually(
        async () => {
          const { rows } = await database.query<{ resource_id: string }>(
            `select resource_id from alarm where alarm_type = 'connectivityLost' and cleared_at is null order by 1`,
          );
          expect(rows.map(({ resource_id }) => resource_id)).toEqual([...lost].sort());
        },
        { timeoutMs: 20_000 },
      );
      for (const [fault, statement] of Object.entries(FAULTS)) {
        expect([fault, (await database.query(statement)).rows]).toEqual([fault, []]);
      }
      const kept = last.running.app
        .get(IncidentsService)
        .current()
        .find(({ id }) => id === held.id);
      const { acknowledgedBy, acknowledgedAt } = answer.body as Incident;
      expect(kept).toMatchObject({ state: 'acknowledged', note: 'giữ qua đêm', acknowledgedBy, acknowledgedAt });
    } finally {
      await last.stop();
    }
  }, 180_000);
});
