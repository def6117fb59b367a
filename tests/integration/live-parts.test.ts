import { monitorEventLoopDelay } from 'node:perf_hooks';
import { COMMUNES, DEVICE_CLASS_IDS, MAX_BATCH_READINGS, gatewayTopic } from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { Screen } from '../harness/screen.js';

const fleet = generateFleet(3);
const stations = fleet.devices.filter(({ gateway }) => gateway !== null);
const ids = fleet.devices.map(({ id }) => id).sort();

describe('More devices than one message carries', () => {
  let system: TestConsole;
  let wire: Publisher;

  beforeAll(async () => {
    system = await startTestConsole({ register: fleetCsv(fleet) });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  });

  afterAll(async () => {
    await wire.close();
    await system.stop();
  });

  async function say(state: 'online' | 'offline', of = stations): Promise<void> {
    for (const gateway of new Set(of.map((station) => station.gateway))) {
      const behind = of.filter((station) => station.gateway === gateway);
      for (let from = 0; from < behind.length; from += MAX_BATCH_READINGS) {
        const ts = Date.now();
        const readings = behind
          .slice(from, from + MAX_BATCH_READINGS)
          .map(({ id }) => ({ device: id, ts, state, ...(state === 'online' && { metrics: { mainsOn: true } }) }));
        await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
      }
    }
  }

  function expectTruth({ devices, communes }: Screen): void {
    const connectivity = system.running.app.get(ConnectivityService);
    expect([...devices.keys()].sort()).toEqual(ids);
    const wrong = ids.filter((id) => devices.get(id)?.connectivity !== connectivity.stateOf(id).connectivity);
    expect(wrong).toEqual([]);
    expect([...communes.keys()].sort()).toEqual(COMMUNES.map(({ code }) => code).sort());
    const counted = [...communes.values()].flatMap(({ counts }) => DEVICE_CLASS_IDS.map((id) => counts[id]));
    expect(counted.reduce((sum, { total }) => sum + total, 0)).toBe(ids.length);
    expect(counted.reduce((sum, { up }) => sum + up, 0)).toBe(
      ids.filter((id) => connectivity.stateOf(id).lastKnown === 'up').length,
    );
  }

  test('come in several parts, each of a bounded size, that together are every device and commune once', async () => {
    await say('online');
    const screen = new Screen(await system.socket());
    await screen.open();
    expect(screen.partBytes.length).toBeGreaterThan(2);
    expect(Math.max(...screen.partBytes)).toBeLessThan(400_000);
    expectTruth(screen);
  });

  test('are right on every screen that opens while all of them change', async () => {
    await say('online');
    const screens = await Promise.all(Array.from({ length: 6 }, async () => new Screen(await system.socket())));
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const changing = say('offline');
    for (const screen of screens) await screen.open();
    await changing;
    await Promise.all(screens.map((screen) => screen.open()));
    const down = (screen: Screen) =>
      stations.filter(({ id }) => screen.devices.get(id)?.connectivity === 'down').length;
    await eventually(() => expect(screens.map(down)).toEqual(screens.map(() => stations.length)), {
      timeoutMs: 30_000,
    });
    loop.disable();
    for (const screen of screens) expectTruth(screen);
    expect(screens.map(({ gaps }) => gaps)).toEqual(screens.map(() => 0));
    expect(Math.max(...screens.flatMap(({ deltaBytes }) => deltaBytes))).toBeLessThan(1_000_000);
    console.info(
      `event loop, with publisher and screens in this process: p99 ${Math.round(loop.percentile(99) / 1e6)} ms, ` +
        `max ${Math.round(loop.max / 1e6)} ms`,
    );
  }, 60_000);

  test('are told anew where something has changed since they were asked for last', async () => {
    await say('online');
    const first = new Screen(await system.socket());
    await first.open();
    const [near, far] = [stations[0], stations.at(-1)];
    if (near === undefined || far === undefined) throw new Error('the fleet has no stations');
    await say('offline', [near, far]);
    const second = new Screen(await system.socket());
    await second.open();
    expect([near, far].map(({ id }) => second.devices.get(id)?.connectivity)).toEqual(['down', 'down']);
    await eventually(() => expectTruth(first));
    expectTruth(second);
  });
});
