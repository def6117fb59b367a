import { API_PREFIX, type ENDPOINTS, type FactBody, type Incident, type ResponseOf } from '@ioc/contract';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { FleetWire } from '../harness/fleet-wire.js';
import { IncidentList } from '../harness/incident-list.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';
import { TestClock } from '../harness/test-clock.js';

type Agent = Awaited<ReturnType<TestConsole['signedIn']>>;

/** Trà Bồng: in the hills, behind a hub of its own. */
const COMMUNE = '21115';
const HUB = 'HUB-TRA-BONG';
const MINUTE = 60_000;
const fleet = smallFleet([COMMUNE]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const links = fleet.devices.filter(({ deviceClass }) => deviceClass === 'link');
const serving = stations.length + links.length;

describe('An isolated commune', () => {
  const clock = new TestClock();
  let system: TestConsole;
  let wire: Publisher;
  let fleetWire: FleetWire;
  let screen: IncidentList;
  let technician: Agent;

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([COMMUNE]), clock });
    await setAlarmDelays(system, { raise: 0, clear: 0 });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    fleetWire = new FleetWire(wire, clock);
    await fleetWire.stations(stations, 'online');
    await fleetWire.links(links, 'online');
    technician = await system.signedIn('technician');
    screen = await new IncidentList(await system.socket()).begin();
  });

  afterAll(async () => {
    await wire.close();
    await system.stop();
  });

  const shown = (kind: Incident['kind']): Incident => {
    const found = screen.open().find((incident) => incident.kind === kind);
    if (found === undefined) throw new Error(`no incident of the kind ${kind} is shown`);
    return found;
  };
  const detailOf = async (id: string) =>
    (await technician.get(`${API_PREFIX}/incidents/${id}`).expect(200)).body as ResponseOf<
      typeof ENDPOINTS.getIncident
    >;
  const evidence = () => shown('communeIsolated').cause?.evidence;

  async function say(fact: Partial<FactBody>, forMs = 60 * MINUTE): Promise<string> {
    const body = {
      subject: { kind: 'commune', id: COMMUNE },
      note: '',
      at: new Date(clock.now()).toISOString(),
      expiresAt: new Date(clock.now() + forMs).toISOString(),
      ...fact,
    };
    const answer = await technician.post(`${API_PREFIX}/facts`).send(body).expect(201);
    return (answer.body as { id: string }).id;
  }

  test('says what is down there, since when, who is left and which hub it hangs on, though the alarms are elsewhere', async () => {
    const last = stations.at(-1);
    await fleetWire.links(links, 'offline');
    await fleetWire.stations(
      stations.filter((station) => station !== last),
      'offline',
    );
    const nearly = await eventually(() => {
      const incident = shown('communeNearlyIsolated');
      expect(incident.counts).toMatchObject({ devices: serving, devicesDown: serving - 1 });
      return incident;
    });
    expect(nearly).toMatchObject({ severity: 'critical', impact: 'nearlyIsolated', communeCodes: [COMMUNE] });
    const before = await detailOf(nearly.id);
    expect(before.isolation).toMatchObject({
      communeCode: COMMUNE,
      links: 1,
      linksDown: 1,
      stations: stations.length,
      stationsDown: stations.length - 1,
      operatorsAlive: [last?.owner],
      facts: [],
    });
    expect(Math.abs(Date.parse(before.isolation?.linkDownSince ?? '') - clock.now())).toBeLessThan(MINUTE);

    if (last !== undefined) await fleetWire.stations([last], 'offline');
    clock.advance(10 * MINUTE + 1_000);
    await fleetWire.stations(stations, 'offline');
    const isolated = await eventually(() => {
      const incident = shown('communeIsolated');
      expect(incident.counts).toMatchObject({ alarms: 1, symptoms: 0, devices: serving, devicesDown: serving });
      expect(incident.cause?.code).toBe('hubFailure');
      return incident;
    });
    // From nearly isolated to isolated is one incident, and what hangs on the hub is in the hub's.
    expect(isolated.id).toBe(nearly.id);
    const hub = shown('hubDown');
    expect(hub).toMatchObject({ place: { id: HUB }, counts: { devicesDown: serving } });
    expect(isolated.cause?.evidence?.vi).toMatch(
      new RegExp(
        `^Đường truyền mất từ \\d\\d:\\d\\d; ${stations.length}/${stations.length} trạm tại .+ mất; ` +
          `không còn nhà mạng nào; gần như tất cả ở sau .+ đang mất \\(sự cố ${hub.id}\\)$`,
      ),
    );
    const { isolation } = await detailOf(isolated.id);
    expect(isolation).toMatchObject({
      stationsDown: stations.length,
      operatorsAlive: [],
      operatorsDown: [...new Set(stations.map(({ owner }) => owner))].sort(),
      behindHub: { hubId: HUB, incidentId: hub.id },
    });
    expect((await detailOf(hub.id)).isolation).toBeNull();
  });

  test('says what people said, with time and author, on every screen, until it counts no more', async () => {
    const { id } = shown('communeIsolated');
    const { name } = (await technician.get(`${API_PREFIX}/session`).expect(200)).body as { name: string };
    await say({ kind: 'reached', means: 'satellitePhone', note: 'nước <b>đang rút</b>' });
    await eventually(() => {
      expect(evidence()?.vi).toContain('liên lạc được qua điện thoại vệ tinh: “nước <b>đang rút</b>”');
      expect(evidence()?.en).toMatch(new RegExp(`; \\d\\d:\\d\\d reached by satellite phone: .+ \\(${name}\\)$`));
    });
    await say({ kind: 'roamingOn', host: 'VNPT', guests: ['VIETTEL'] }, 5 * MINUTE);
    const cut = await say({ kind: 'roadCut', note: 'đèo' });
    await eventually(() => {
      expect(evidence()?.en).toMatch(/roaming switched on .+ → /);
      expect(evidence()?.en).toContain('road cut: “đèo”');
    });
    const site = stations[0]?.site ?? '';
    await say({ subject: { kind: 'site', id: site }, kind: 'generatorRunning' });
    const { isolation } = await detailOf(id);
    expect(isolation?.facts.map((fact) => [fact.kind, fact.author.name])).toEqual([
      ['generatorRunning', name],
      ['roadCut', name],
      ['roamingOn', name],
      ['reached', name],
    ]);
    expect(isolation?.facts[2]).toMatchObject({ host: 'VNPT', guests: ['VIETTEL'] });

    await technician.post(`${API_PREFIX}/facts/${cut}/withdraw`).send({}).expect(200);
    await eventually(() => expect(evidence()?.en).not.toContain('road cut'));
    clock.advance(5 * MINUTE);
    await fleetWire.stations(stations, 'offline');
    await eventually(() => expect(evidence()?.en).not.toContain('roaming'));
    expect(evidence()?.en).toContain('reached by satellite phone');
    // What people said is not a regrouping: whoever saw the incident before may still take it.
    const taken = await technician
      .post(`${API_PREFIX}/incidents/${id}/acknowledge`)
      .set('if-match', '"1"')
      .send({})
      .expect(200);
    expect(taken.body).toMatchObject({ state: 'acknowledged' });
  });

  test('ends when somebody can be reached again, and its evidence with it', async () => {
    const { id } = shown('communeIsolated');
    await fleetWire.links(links, 'online');
    await fleetWire.stations(stations, 'online');
    clock.advance(2 * MINUTE);
    await fleetWire.stations(stations, 'online');
    await fleetWire.links(links, 'online');
    // The gateway of an operator without a station here is silent, which is another matter.
    await eventually(() => expect(screen.open().filter(({ kind }) => kind !== 'gatewaySilent')).toEqual([]));
    expect(await detailOf(id)).toMatchObject({ state: 'resolved', isolation: null, counts: { devicesDown: 0 } });
  });
});
