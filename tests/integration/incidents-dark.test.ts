import { COMMUNES } from '@ioc/contract';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { FleetWire } from '../harness/fleet-wire.js';
import { IncidentList } from '../harness/incident-list.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { Screen } from '../harness/screen.js';
import { TestClock } from '../harness/test-clock.js';

const fleet = generateFleet();
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const links = fleet.devices.filter(({ deviceClass }) => deviceClass === 'link');
type Device = (typeof fleet.devices)[number];
const MINUTE = 60_000;
const WAVES = 5;
const COMMUNE_ORDER = COMMUNES.map(({ code }) => code);
/** One of each gateway: what keeps it from being silent. */
const pulse = [...new Map(stations.map((station) => [station.gateway, station])).values()];

describe('A province that is dark altogether', () => {
  const clock = new TestClock();
  let system: TestConsole;
  let wire: Publisher;
  let fleetWire: FleetWire;
  let database: pg.Client;

  beforeAll(async () => {
    system = await startTestConsole({ register: fleetCsv(fleet), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    fleetWire = new FleetWire(wire, clock);
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const incidents = () => system.running.app.get(IncidentsService);
  const open = () =>
    incidents()
      .current()
      .filter(({ endedAt, state }) => endedAt === null && state !== 'closed');

  function kinds(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind } of open()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  async function alarms(where: string): Promise<number> {
    const { rows } = await database.query<{ count: number }>(
      `select count(*)::int as count from alarm where cleared_at is null and ${where}`,
    );
    return rows[0]?.count ?? 0;
  }

  /** Of all devices, in five parts: each commune's share of one, or whole communes. */
  const ORDERS: Readonly<Record<string, (device: Device, index: number) => number>> = {
    'everywhere at once': (_, index) => index % WAVES,
    'commune after commune': ({ commune }) =>
      Math.floor((COMMUNE_ORDER.indexOf(commune) * WAVES) / COMMUNE_ORDER.length),
  };

  test.each(Object.keys(ORDERS))(
    'within a minute, %s: each commune is an incident of its own, above all others, and what took them is one more',
    async (order) => {
      const waveOf = ORDERS[order] ?? (() => 0);
      const wall = new Screen(await system.socket());
      await wall.open();
      const list = await new IncidentList(await system.socket()).begin();
      // Long enough for every delay, and never silent for so long that it would count.
      for (let passedMs = 0; passedMs < 7 * MINUTE; passedMs += 1.5 * MINUTE) {
        await fleetWire.stations(stations, 'online');
        await fleetWire.links(links, 'online');
        clock.advance(1.5 * MINUTE);
      }
      // Gateways that were silent are believed with their second batch.
      await eventually(
        async () => {
          await fleetWire.stations(pulse, 'online');
          expect(open()).toEqual([]);
        },
        { timeoutMs: 60_000 },
      );

      let most = 0;
      const stop = incidents().onChanged('test', () => {
        most = Math.max(most, open().length);
      });
      for (let wave = 0; wave < WAVES; wave += 1) {
        const now = (device: Device, index: number) => waveOf(device, index) === wave;
        await fleetWire.stations(stations.filter(now), 'offline', 120);
        await fleetWire.links(links.filter(now), 'offline');
        clock.advance(MINUTE / WAVES);
      }
      await eventually(() => expect(kinds()).toEqual({ communeNearlyIsolated: 96, hubDown: 1 }), { timeoutMs: 30_000 });
      const early = most;
      // The delays of the stations' and links' own alarms.
      for (const ms of [60_000, 60_000]) {
        clock.advance(ms);
        await fleetWire.stations(pulse, 'offline');
      }
      const lost = `alarm_type = 'connectivityLost'`;
      const all = stations.length + links.length;
      await eventually(async () => expect(await alarms(`${lost} and incident_id is not null`)).toBe(all), {
        timeoutMs: 60_000,
      });
      // Isolated after ten minutes; the gateways have gone on talking.
      for (let minute = 0; minute < 10; minute += 1) {
        clock.advance(MINUTE);
        await fleetWire.stations(pulse, 'offline');
      }
      await eventually(() => expect(kinds()).toEqual({ communeIsolated: 96, hubDown: 1 }), { timeoutMs: 60_000 });
      stop();
      expect(most).toBeLessThanOrEqual(100);
      expect(await alarms(lost)).toBe(all);
      expect(await alarms(`${lost} and suppression = 'symptom'`)).toBe(all);
      expect(await alarms(`alarm_type = 'communeIsolated' and suppression is null`)).toBe(96);

      const hub = open().find(({ kind }) => kind === 'hubDown');
      expect(hub).toMatchObject({ place: { id: 'HUB-CORE' }, counts: { devicesDown: all } });
      for (const incident of open().filter(({ kind }) => kind === 'communeIsolated')) {
        const here = [...stations, ...links].filter(({ commune }) => commune === incident.communeCode).length;
        expect(incident).toMatchObject({
          severity: 'critical',
          impact: 'isolated',
          counts: { devices: here, devicesDown: here },
          cause: {
            code: 'hubFailure',
            evidence: { en: expect.stringContaining(`(incident ${hub?.id ?? ''})`) as string },
          },
        });
      }
      // On the screens as in the console: every commune isolated, every incident there.
      await eventually(() => {
        expect([...wall.communes.values()].filter(({ impact }) => impact === 'isolated')).toHaveLength(96);
        expect(list.open()).toHaveLength(97);
      });
      console.info(
        `${all} stations and links down, ${order}: at most ${early} incidents at once, then ${open().length}`,
      );
      wall.socket.close();
      list.socket.close();
    },
    240_000,
  );
});
