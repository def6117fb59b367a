import { API_PREFIX, gatewayTopic, type ENDPOINTS, type Incident, type Page, type ResponseOf } from '@ioc/contract';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

type Agent = Awaited<ReturnType<TestConsole['signedIn']>>;
type Detail = ResponseOf<typeof ENDPOINTS.getIncident>;

const HERE = '21172';
const fleet = smallFleet([HERE]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
/** One station of each site, so that every one of them fails by itself. */
const ofSites = [...new Map(stations.map((station) => [station.site, station])).values()];
const ROUNDS = 12;

describe('Splitting and merging while alarms come and go', () => {
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let operator: Agent;
  let technician: Agent;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([HERE]) });
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
  });

  const service = () => system.running.app.get(IncidentsService);
  const open = () =>
    service()
      .current()
      .filter(({ endedAt, state }) => endedAt === null && state !== 'closed');

  async function say(isDown: (index: number) => boolean): Promise<void> {
    const ts = Date.now();
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = ofSites.flatMap(({ id, gateway: its }, index) =>
        its === gateway ? [{ device: id, ts, state: isDown(index) ? 'offline' : 'online', metrics: {} }] : [],
      );
      if (readings.length > 0) await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
    }
  }

  const detailOf = async (id: string) =>
    (await operator.get(`${API_PREFIX}/incidents/${id}`).expect(200)).body as Detail;
  const act = async (agent: Agent, id: string, action: string, body: object) =>
    await agent
      .post(`${API_PREFIX}/incidents/${id}/${action}`)
      .set('if-match', `"${(await detailOf(id)).version}"`)
      .send(body);
  const alarmsOf = async (id: string) => {
    const answer = await operator.get(`${API_PREFIX}/alarms?incidentId=${id}`).expect(200);
    return (answer.body as Page<{ id: string }>).items.map((alarm) => alarm.id);
  };

  test('every alarm stays in exactly one open incident, in memory as in the database, and each request has a clear answer', async () => {
    const steady = Math.floor(ofSites.length / 2);
    await say((index) => index < steady);
    const [whole] = await eventually(() => {
      const found = open();
      expect(found.map(({ counts }) => counts.devicesDown).reduce((sum, each) => sum + each, 0)).toBe(steady);
      return found;
    });
    const id = whole?.id ?? '';
    const ending = new AbortController();
    const weather = (async () => {
      for (let round = 0; !ending.signal.aborted; round += 1) {
        await say((index) => index < steady || (index + round) % 2 === 0);
      }
    })();
    const answers = new Map<number, number>();
    const split: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first = '0'] = await alarmsOf(id);
      const both = await Promise.all([
        act(operator, id, 'split', { alarmIds: [first] }),
        act(technician, id, 'split', { alarmIds: [first] }),
      ]);
      for (const { status } of both) answers.set(status, (answers.get(status) ?? 0) + 1);
      const apart = open().filter((incident) => incident.id !== id && incident.counts.alarms > 0);
      split.push(...apart.map((incident) => incident.id));
      for (const incident of apart) {
        const { status } = await act(operator, incident.id, 'merge', { into: id });
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    }
    ending.abort();
    await weather;
    // Done, wrong by now (the alarm is over or elsewhere), over, or changed meanwhile: nothing else, and never broken.
    for (const status of answers.keys()) expect([200, 400, 409, 412]).toContain(status);
    expect(answers.get(200) ?? 0).toBeGreaterThan(ROUNDS / 2);
    expect(split.length).toBeGreaterThan(0);

    await say((index) => index < steady);
    await eventually(async () => {
      const { rows } = await database.query<{ id: string; alarms: string[] }>(
        `select i.id::text as id, array_agg(a.id::text order by a.id) as alarms
         from alarm a join incident i on i.id = a.incident_id
         where a.cleared_at is null and i.state not in ('resolved', 'closed') group by i.id order by i.id`,
      );
      expect(rows.flatMap(({ alarms }) => alarms)).toHaveLength(steady);
      const inMemory = open()
        .map((incident: Incident) => ({
          id: incident.id,
          alarms: [...service().membersOf(Number(incident.id)).keys()].sort((a, b) => a - b).map(String),
        }))
        .sort((a, b) => Number(a.id) - Number(b.id));
      expect(inMemory).toEqual(rows);
    });
    const { rows: homeless } = await database.query(
      `select a.id from alarm a left join incident i on i.id = a.incident_id
       where a.cleared_at is null and a.alarm_type = 'connectivityLost' and (i.id is null or i.state in ('resolved', 'closed'))`,
    );
    expect(homeless).toEqual([]);
  });
});
