import { DEVICE_CLASSES, DEVICE_CLASS_IDS, deviceSnapshot, metricColumn, scaledClock } from '@ioc/contract';
import { BEHAVIOURS, SCENARIOS, startRun } from '@ioc/simulators';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestConsole, subscribe, type LiveSocket, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { SMALL_FLEET_COMMUNES, smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

/*
 * The way of every device class, walked from its simulator to a socket over real parts: its behaviour speaks MQTT to a broker,
 * the intake commits to its table, and a screen's socket hears of it.
 */
describe.each(['embedded', 'mosquitto'] as const)('every device class, over the %s broker', (broker) => {
  let console_: TestConsole;
  let socket: LiveSocket;
  let database: pg.Client;
  const cleanups: (() => Promise<unknown>)[] = [];
  const fleet = smallFleet();

  beforeAll(async () => {
    console_ = await startTestConsole({ broker, register: smallFleetCsv() });
    cleanups.push(() => console_.stop());
    database = new pg.Client({ connectionString: console_.databaseUrl });
    await database.connect();
    cleanups.push(() => database.end());
    socket = await console_.socket({ cookie: await console_.cookieOf('viewer') });
    const calm = SCENARIOS.get('calm');
    if (calm === undefined) throw new Error('there is no calm scenario');
    const run = startRun({
      scenario: calm,
      mqttUrl: console_.mqttUrl,
      clock: scaledClock(Date.now(), 1, Date.now),
      seed: 1,
      provinces: 1,
      leadMs: null,
      target: null,
      communes: new Set(SMALL_FLEET_COMMUNES),
      ledgerFile: null,
      clientPrefix: 'sim-',
    });
    cleanups.push(() => run.stop());
  });

  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it.each(DEVICE_CLASS_IDS)('%s: definition, behaviour, table and socket agree', async (id) => {
    const definition = DEVICE_CLASSES[id];
    expect(BEHAVIOURS[id]).toBeDefined();
    const devices = fleet.devices.filter((device) => device.deviceClass === id);
    expect(devices.length).toBeGreaterThan(0);

    const { device, latest } = await eventually(
      async () => {
        for (const candidate of devices.slice(0, 6)) {
          const { snapshot } = await subscribe(socket, `device:${candidate.id}`);
          socket.emit('unsubscribe', { room: `device:${candidate.id}` });
          const { latest: reading, live } = deviceSnapshot.parse(snapshot);
          if (reading !== null && live.connectivity === 'up') return { device: candidate, latest: reading };
        }
        throw new Error(`no ${id} has reported yet`);
      },
      { timeoutMs: 90_000, everyMs: 500 },
    );

    const names = definition.metrics.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(latest.metrics)));
    expect(Object.keys(latest.metrics).length).toBeGreaterThan(0);

    const columns = Object.keys(latest.metrics).map((name) => `r."${metricColumn(name)}"`);
    const { rows } = await database.query<Record<string, unknown>>(
      `select ${columns.join(', ')} from ${id}_reading r join device d on d.no = r.device_no where d.id = $1 and r.at = $2`,
      [device.id, latest.at],
    );
    expect(rows).toHaveLength(1);
    for (const [name, value] of Object.entries(latest.metrics)) {
      const stored = rows[0]?.[metricColumn(name)];
      if (typeof value === 'number') expect(stored, name).toBeCloseTo(value, 2);
      else expect(stored, name).toBe(value);
    }
  });
});
