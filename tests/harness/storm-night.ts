import { deviceTopic, gatewayTopic } from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { setRaiseDelays } from './alarm-rules.js';
import { startTestConsole, type TestConsole } from './console.js';
import { eventually } from './eventually.js';
import { connectPublisher } from './publisher.js';
import { smallFleet, smallFleetCsv } from './small-fleet.js';
import { TestClock } from './test-clock.js';

/** Trà Bồng in the hills, which is cut off, and Trương Quang Trọng in the town, where the gauge Trà Khúc stands. */
export const HILLS = '21115';
export const TOWN = '21172';
const MINUTE = 60_000;

export interface StormNight {
  readonly system: TestConsole;
  readonly clock: TestClock;
  /** A site in the hills, and a station on it. */
  readonly site: { readonly id: string; readonly name: string; readonly station: string };
  /** Everything is up, on its mains; the river below its first level. */
  calm(): Promise<void>;
  /**
   * The hills are isolated: link down, stations silent with empty batteries. In the town the stations of one site are on
   * battery, and the river has passed a level. 15 minutes later.
   */
  storm(): Promise<void>;
  stop(): Promise<void>;
}

/** A console with two communes, and the worst night in them. */
export async function startStormNight(): Promise<StormNight> {
  const fleet = smallFleet([HILLS, TOWN]);
  const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
  const links = fleet.devices.filter(({ deviceClass }) => deviceClass === 'link');
  const gauge = fleet.devices.find(({ attributes }) => attributes['station'] === 'Trà Khúc')?.id ?? '';
  const hillStation = stations.find(({ commune, site }) => commune === HILLS && site !== null && site !== '');
  const hillSite = fleet.sites.find(({ id }) => id === hillStation?.site);
  const townSite = stations.find(({ commune }) => commune === TOWN)?.site;
  if (hillStation === undefined || hillSite === undefined || townSite === undefined) {
    throw new Error('the small fleet has no sites in these communes');
  }

  const clock = new TestClock();
  const system = await startTestConsole({ register: smallFleetCsv([HILLS, TOWN]), clock });
  const wire = await connectPublisher(system.mqttUrl, { clientId: 'storm' });
  await setRaiseDelays(system, 0);
  let session = Date.now();

  const sayStations = async (of: (station: (typeof stations)[number]) => object) => {
    const ts = clock.now();
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = stations
        .filter((station) => station.gateway === gateway)
        .map((station) => ({ device: station.id, ts, ...of(station) }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts, readings });
    }
  };
  const sayLink = async (id: string, commune: string, state: 'online' | 'offline') => {
    const status = { ts: clock.now(), session: (session += 1), state };
    await wire.publish(deviceTopic(commune, 'link', id, 'status'), status, { retain: true });
  };
  const sayLevel = (levelM: number) =>
    wire.publish(deviceTopic(TOWN, 'flood', gauge, 'telemetry'), { ts: clock.now(), metrics: { levelM } });
  const knows = (id: string, lastKnown: string) =>
    eventually(() => expectKnown(system.running.app.get(ConnectivityService).stateOf(id).lastKnown, lastKnown), {
      timeoutMs: 30_000,
    });
  const onMains = { state: 'online', metrics: { mainsOn: true, batteryPercent: 100, dcVoltageV: 53.5 } };

  return {
    system,
    clock,
    site: { id: hillSite.id, name: hillSite.name, station: hillStation.id },
    calm: async () => {
      for (const { id, commune } of links) await sayLink(id, commune, 'online');
      await sayStations(() => onMains);
      await sayLevel(3.1);
      for (const { id } of stations) await knows(id, 'up');
      clock.advance(MINUTE);
    },
    storm: async () => {
      const night = ({ commune, site }: (typeof stations)[number]) => {
        if (commune === HILLS) return { state: 'offline', reason: 'battery-empty' };
        return site === townSite
          ? { state: 'online', metrics: { mainsOn: false, batteryPercent: 40, dcVoltageV: 47 } }
          : onMains;
      };
      for (const { id, commune } of links) if (commune === HILLS) await sayLink(id, commune, 'offline');
      await sayStations(night);
      await sayLevel(4.9);
      await knows(hillStation.id, 'down');
      clock.advance(12 * MINUTE);
      await sayStations(night);
      await sayLevel(5.3);
      clock.advance(2 * MINUTE);
      await sayStations(night);
      const report = () => system.anonymous.get('/api/v1/reports/situation').expect(200);
      await eventually(async () => expectKnown(((await report()).body as { communes: unknown[] }).communes.length, 1), {
        timeoutMs: 30_000,
        everyMs: 200,
      });
    },
    stop: async () => {
      await wire.close();
      await system.stop();
    },
  };
}

function expectKnown<T>(found: T, wanted: T): void {
  if (found !== wanted) throw new Error(`${String(found)} instead of ${String(wanted)}`);
}
