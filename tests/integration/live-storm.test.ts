import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MAX_BATCH_READINGS, gatewayTopic } from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { fleetCsv, generateFleet } from '@ioc/simulators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { Screen } from '../harness/screen.js';
import { startTcpProxy } from '../harness/tcp-proxy.js';

const fleet = generateFleet();
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');

/** More than the kernel's buffers of both ends and the server's own bound take together. */
const ENOUGH_BYTES = 16_000_000;

const downOn = ({ devices }: Screen) => stations.filter(({ id }) => devices.get(id)?.connectivity === 'down').length;
const onBatteryOn = ({ devices }: Screen) => stations.filter(({ id }) => devices.get(id)?.onBattery === true).length;

describe('A night in which every station of the province goes', () => {
  let system: TestConsole;
  let wire: Publisher;

  beforeAll(async () => {
    system = await startTestConsole({ register: fleetCsv(fleet) });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
    await everyStation({ state: 'online', metrics: { mainsOn: true } });
  });

  afterAll(async () => {
    await wire.close();
    await system.stop();
  });

  /** All stations by their gateways, `perBatch` at a time. */
  async function everyStation(report: object, perBatch = MAX_BATCH_READINGS): Promise<void> {
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const of = stations.filter((station) => station.gateway === gateway);
      for (let from = 0; from < of.length; from += perBatch) {
        const ts = Date.now();
        const readings = of.slice(from, from + perBatch).map(({ id }) => ({ device: id, ts, ...report }));
        await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
      }
    }
  }

  const downNow = () => {
    const connectivity = system.running.app.get(ConnectivityService);
    return stations.filter(({ id }) => connectivity.stateOf(id).connectivity === 'down').length;
  };

  test('is told to every screen in sequence, as few incidents, and the server stays responsive', async () => {
    const screens = await Promise.all(Array.from({ length: 5 }, async () => new Screen(await system.socket())));
    for (const screen of screens) await screen.open();
    const loop = monitorEventLoopDelay({ resolution: 10 });
    loop.enable();
    const began = performance.now();
    await everyStation({ state: 'offline' }, 60);
    await eventually(() => expect(screens.map(downOn)).toEqual(screens.map(() => stations.length)));
    const lastedMs = performance.now() - began;
    loop.disable();
    expect(screens.map(({ gaps }) => gaps)).toEqual(screens.map(() => 0));
    // What nearly all of a hub's stations do together is the hub's doing.
    const { open } = system.running.app.get(IncidentsService).counts();
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(100);
    // A delta every 50 ms at most, and the system's every second.
    const bytes = screens[0]?.deltaBytes ?? [];
    expect(bytes.length).toBeLessThanOrEqual(lastedMs / 50 + lastedMs / 1_000 + 5);
    // Every device is told at most a few times: its connectivity, and its severity as neighbours follow it.
    expect(Math.max(...bytes)).toBeLessThan(1_000_000);
    expect(loop.percentile(99) / 1e6).toBeLessThan(500);
    console.info(
      `${stations.length} stations down and shown on 5 screens in ${Math.round(lastedMs)} ms; ${bytes.length} deltas, ` +
        `largest ${Math.round(Math.max(...bytes) / 1_000)} kB, together ` +
        `${Math.round(bytes.reduce((sum, each) => sum + each, 0) / 1_000)} kB; event loop p99 ` +
        `${Math.round(loop.percentile(99) / 1e6)} ms, max ${Math.round(loop.max / 1e6)} ms`,
    );
  });

  test('a screen that does not read is taken out of its room, holds nothing up, and is called back when it reads', async () => {
    await everyStation({ state: 'online', metrics: { mainsOn: true } });
    await eventually(() => expect(downNow()).toBe(0));
    const line = await startTcpProxy(system.httpUrl);
    const slow = new Screen(await system.socket({ url: line.url }));
    try {
      const quick = new Screen(await system.socket());
      await slow.open();
      await quick.open();
      const resyncs: string[] = [];
      slow.socket.on('resync', ({ room }) => resyncs.push(room));
      line.hang();
      const missed = slow.deltaBytes.length;
      const sentFor = (screen: Screen) => screen.deltaBytes.reduce((sum, each) => sum + each, 0);
      // Beyond what the kernel takes for it, until the bound is reached.
      for (let round = 0; sentFor(quick) < ENOUGH_BYTES; round += 1) {
        const mainsOn = round % 2 === 1;
        await everyStation({ metrics: { mainsOn } });
        await eventually(() => expect(onBatteryOn(quick)).toBe(mainsOn ? 0 : stations.length), { timeoutMs: 30_000 });
      }
      expect(quick.gaps).toBe(0);
      expect(slow.deltaBytes.length).toBe(missed);
      line.restore();
      await eventually(() => expect(resyncs).toEqual(['overview']));
      expect(sentFor(slow)).toBeLessThan(sentFor(quick));
      await slow.open();
      expect(onBatteryOn(slow)).toBe(onBatteryOn(quick));
    } finally {
      await line.close();
    }
  }, 180_000);
});
