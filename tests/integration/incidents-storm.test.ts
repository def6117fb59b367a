import {
  API_PREFIX,
  MAX_BATCH_READINGS,
  deviceTopic,
  gatewayTopic,
  incidentsDelta,
  incidentsSnapshot,
  type Incident,
} from '@ioc/contract';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, subscribe, type LiveSocket, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { TestClock } from '../harness/test-clock.js';

const HUB = 'HUB-KON-TUM';
const fleet = generateFleet();
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const hubOfSite = new Map(fleet.sites.map(({ id, hub }) => [id, hub]));
/** The hub, and those that have no other way than over it. */
const cutOff = new Set([HUB]);
for (let before = 0; before < cutOff.size;) {
  before = cutOff.size;
  for (const { id, upstreams } of fleet.hubs)
    if (upstreams.length > 0 && upstreams.every((up) => cutOff.has(up))) cutOff.add(id);
}
const behindHub = stations.filter(({ site }) => site !== null && cutOff.has(hubOfSite.get(site) ?? ''));

/** The list of incidents as a screen keeps it. */
class IncidentList {
  readonly incidents = new Map<string, Incident>();

  constructor(readonly socket: LiveSocket) {
    socket.on('delta', ({ delta }) => {
      const { changed, removed } = incidentsDelta.parse(delta);
      for (const id of removed) this.incidents.delete(id);
      for (const incident of changed) this.incidents.set(incident.id, incident);
    });
  }

  async begin(): Promise<this> {
    const { incidents } = incidentsSnapshot.parse((await subscribe(this.socket, 'incidents')).snapshot);
    for (const incident of incidents) this.incidents.set(incident.id, incident);
    return this;
  }

  open(): readonly Incident[] {
    return [...this.incidents.values()].filter(({ state }) => state !== 'resolved' && state !== 'closed');
  }
}

describe('The incidents of a storm', () => {
  const clock = new TestClock();
  let system: TestConsole;
  let wire: Publisher;
  let database: pg.Client;

  beforeAll(async () => {
    system = await startTestConsole({ register: fleetCsv(fleet), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await say(stations, 'online');
    for (const { id, commune } of fleet.devices.filter(({ deviceClass }) => deviceClass === 'link')) {
      const telemetry = { ts: clock.now(), metrics: { linkUp: true, rttMs: 10 } };
      await wire.publish(deviceTopic(commune, 'link', id, 'telemetry'), telemetry);
    }
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const open = () =>
    system.running.app
      .get(IncidentsService)
      .current()
      .filter(({ state }) => state !== 'resolved' && state !== 'closed');

  async function say(of: typeof stations, state: 'online' | 'offline', perBatch = MAX_BATCH_READINGS): Promise<void> {
    for (const gateway of new Set(of.map((station) => station.gateway))) {
      const its = of.filter((station) => station.gateway === gateway);
      for (let from = 0; from < its.length; from += perBatch) {
        const ts = clock.now();
        const readings = its.slice(from, from + perBatch).map(({ id }) => ({ device: id, ts, state }));
        await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
      }
    }
  }

  async function countOf(where: string): Promise<number> {
    const { rows } = await database.query<{ count: number }>(
      `select count(*)::int as count from alarm where alarm_type = 'connectivityLost' and cleared_at is null and ${where}`,
    );
    return rows[0]?.count ?? 0;
  }

  test('a hub with more than 200 stations goes: one incident on every screen, with its reason, and one it stays', async () => {
    const screens = await Promise.all(
      Array.from({ length: 5 }, async () => await new IncidentList(await system.socket()).begin()),
    );
    expect(behindHub.length).toBeGreaterThan(200);
    await say(behindHub, 'offline', 60);
    const began = performance.now();
    await eventually(() => {
      for (const screen of screens) expect(screen.open()).toMatchObject([{ kind: 'hubDown', place: { id: HUB } }]);
    });
    const shownMs = performance.now() - began;
    expect(shownMs).toBeLessThan(5_000);
    // A minute later every station's own alarm is raised: all are symptoms.
    clock.advance(61_000);
    await eventually(async () => expect(await countOf('true')).toBe(behindHub.length), { timeoutMs: 20_000 });
    await eventually(() =>
      expect(screens.map((screen) => screen.open()[0]?.counts.symptoms)).toEqual(
        screens.map(() => behindHub.length + cutOff.size - 1),
      ),
    );
    const [incident] = open();
    expect(open()).toHaveLength(1);
    expect(incident).toMatchObject({
      severity: 'critical',
      counts: { alarms: behindHub.length + cutOff.size, devicesDown: behindHub.length },
      cause: { code: 'hubFailure', namedBy: null },
    });
    expect(incident?.cause?.evidence?.vi).toMatch(
      new RegExp(`^${behindHub.length}/${behindHub.length} trạm sau .+ mất kết nối trong \\d+ s`),
    );
    expect(await countOf(`suppression = 'symptom' and incident_id = ${incident?.id ?? 0}`)).toBe(behindHub.length);
    console.info(
      `${behindHub.length} stations behind ${HUB}: one incident on 5 screens ${Math.round(shownMs)} ms after the last was ` +
        `said to be down; ${incident?.cause?.evidence?.en ?? ''}`,
    );
    await setAlarmDelays(system, { raise: 60, clear: 0 });
    await say(behindHub, 'online');
    clock.advance(10_000);
    await say(stations, 'online');
    await eventually(() => expect(open().filter(({ counts }) => counts.devicesDown > 0)).toEqual([]));
  }, 60_000);

  test('3,700 stations go within a minute: at most 100 incidents, no alarm lost, and a click is answered', async () => {
    const technician = await system.signedIn('technician');
    const screen = await new IncidentList(await system.socket()).begin();
    const latencies: number[] = [];
    const ending = new AbortController();
    /** Takes and gives back incidents as fast as one who never rests, with the version that the screen shows. */
    const clicking = (async () => {
      while (!ending.signal.aborted) {
        const shown = screen
          .open()
          .filter(({ acknowledgedBy }) => acknowledgedBy === null)
          .at(-1);
        if (shown !== undefined) {
          for (const action of ['acknowledge', 'release']) {
            const version = screen.incidents.get(shown.id)?.version ?? shown.version;
            const began = performance.now();
            const answer = await technician
              .post(`${API_PREFIX}/incidents/${shown.id}/${action}`)
              .set('if-match', `"${version}"`)
              .send({});
            latencies.push(performance.now() - began);
            expect([200, 409, 412]).toContain(answer.status);
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    })();
    const began = performance.now();
    // In five waves, twelve seconds of the console's clock apart.
    for (let wave = 0; wave < 5; wave += 1) {
      await say(
        stations.filter((_, index) => index % 5 === wave),
        'offline',
        120,
      );
      clock.advance(12_000);
    }
    for (let step = 0; step < 6; step += 1) {
      clock.advance(12_000);
      await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await eventually(async () => expect(await countOf('incident_id is not null')).toBe(stations.length), {
      timeoutMs: 30_000,
    });
    const lastedMs = performance.now() - began;
    ending.abort();
    await clicking;
    expect(await countOf('true')).toBe(stations.length);
    expect(open().length).toBeLessThanOrEqual(100);
    await eventually(() => expect(screen.open()).toHaveLength(open().length));
    const { rows } = await database.query<{ doubled: number }>(
      `select count(*)::int as doubled from (
         select from alarm where cleared_at is null group by resource_kind, resource_id, alarm_type, qualifier
         having count(*) > 1) d`,
    );
    expect(rows).toEqual([{ doubled: 0 }]);
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    const kinds = new Map<string, number>();
    for (const { kind } of open()) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    console.info(
      `${stations.length} stations down in ${Math.round(lastedMs)} ms: ${open().length} incidents (` +
        [...kinds].map(([kind, of]) => `${of} ${kind}`).join(', ') +
        `); ${latencies.length} clicks answered in p50 ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)} ms`,
    );
    // Measured beside other work: p50 21 and 106 ms, p95 97 and 283 ms; with room for a machine that does more besides.
    expect(latencies.length).toBeGreaterThan(5);
    expect(at(0.5)).toBeLessThan(200);
    expect(at(0.95)).toBeLessThan(400);
  }, 180_000);
});
