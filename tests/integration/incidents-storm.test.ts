import { monitorEventLoopDelay } from 'node:perf_hooks';
import { API_PREFIX } from '@ioc/contract';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAlarmDelays } from '../harness/alarm-rules.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { FleetWire } from '../harness/fleet-wire.js';
import { IncidentList } from '../harness/incident-list.js';
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

describe('The incidents of a storm', () => {
  const clock = new TestClock();
  let system: TestConsole;
  let wire: Publisher;
  let voice: FleetWire;
  let database: pg.Client;

  beforeAll(async () => {
    system = await startTestConsole({ register: fleetCsv(fleet), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    voice = new FleetWire(wire, clock);
    await voice.stations(stations, 'online');
    await voice.links(
      fleet.devices.filter(({ deviceClass }) => deviceClass === 'link'),
      'online',
    );
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
    await voice.stations(behindHub, 'offline', 60);
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
    await voice.stations(behindHub, 'online');
    clock.advance(10_000);
    await voice.stations(stations, 'online');
    await eventually(() => expect(open().filter(({ counts }) => counts.devicesDown > 0)).toEqual([]));
  }, 60_000);

  test('3,700 stations go within a minute: at most 100 incidents, no alarm lost, and a click is answered', async () => {
    const technician = await system.signedIn('technician');
    const screen = await new IncidentList(await system.socket()).begin();
    const latencies: number[] = [];
    const lists: number[] = [];
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const ending = new AbortController();
    /** Takes, comments and gives back incidents as fast as one who never rests, with the version that the screen shows. */
    const clicking = (async () => {
      while (!ending.signal.aborted) {
        const shown = screen
          .open()
          .filter(({ acknowledgedBy }) => acknowledgedBy === null)
          .at(-1);
        if (shown !== undefined) {
          for (const action of ['acknowledge', 'comment', 'release']) {
            const version = screen.incidents.get(shown.id)?.version ?? shown.version;
            const began = performance.now();
            const answer = await technician
              .post(`${API_PREFIX}/incidents/${shown.id}/${action}`)
              .set('if-match', `"${version}"`)
              .send(action === 'comment' ? { note: 'đang xem' } : {});
            latencies.push(performance.now() - began);
            expect([200, 409, 412]).toContain(answer.status);
          }
        }
        const began = performance.now();
        await technician.get(`${API_PREFIX}/incidents?limit=100`).expect(200);
        lists.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    })();
    const began = performance.now();
    // In five waves, twelve seconds of the console's clock apart.
    for (let wave = 0; wave < 5; wave += 1) {
      await voice.stations(
        stations.filter((_, index) => index % 5 === wave),
        'offline',
        120,
      );
      clock.advance(12_000);
    }
    for (let step = 0; step < 6; step += 1) {
      clock.advance(12_000);
      await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
      await eventually(() => expect(system.running.app.get(AlarmsService).isDue(clock.now())).toBe(false));
    }
    await eventually(async () => expect(await countOf('incident_id is not null')).toBe(stations.length), {
      timeoutMs: 30_000,
    });
    const lastedMs = performance.now() - began;
    ending.abort();
    await clicking;
    loop.disable();
    expect(await countOf('true')).toBe(stations.length);
    expect(open().length).toBeLessThanOrEqual(100);
    await eventually(() => expect(screen.open()).toHaveLength(open().length));
    const { rows } = await database.query<{ doubled: number }>(
      `select count(*)::int as doubled from (
         select from alarm where cleared_at is null group by resource_kind, resource_id, alarm_type, qualifier
         having count(*) > 1) d`,
    );
    expect(rows).toEqual([{ doubled: 0 }]);
    const at = (of: readonly number[], share: number) => {
      const sorted = of.toSorted((a, b) => a - b);
      return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    };
    const kinds = new Map<string, number>();
    for (const { kind } of open()) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    console.info(
      `${stations.length} stations down in ${Math.round(lastedMs)} ms: ${open().length} incidents (` +
        [...kinds].map(([kind, of]) => `${of} ${kind}`).join(', ') +
        `); ${latencies.length} clicks answered in p50 ${at(latencies, 0.5)}, p95 ${at(latencies, 0.95)}, ` +
        `max ${at(latencies, 1)} ms; ${lists.length} lists in p95 ${at(lists, 0.95)} ms; event loop p99 ` +
        `${Math.round(loop.percentile(99) / 1e6)}, max ${Math.round(loop.max / 1e6)} ms`,
    );
    // How long a click took is measured alone (docs/PERFORMANCE.md); here it must be answered at all while the storm lasts.
    expect(latencies.length).toBeGreaterThan(5);
  }, 180_000);
});
