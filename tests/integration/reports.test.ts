import {
  API_PREFIX,
  deviceTopic,
  gatewayTopic,
  type Clock,
  type GeneratorCandidate,
  type FeederCandidate,
  type Handover,
  type Metrics,
  type SessionState,
  type SituationReport,
} from '@ioc/contract';
import { ConnectivityService } from '@ioc/server/connectivity/connectivity.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { REPORT_STATEMENTS } from '@ioc/server/reports/reports.repository';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

/** Trà Bồng in the hills, and Trương Quang Trọng, where the gauge Trà Khúc stands, whose three levels are confirmed. */
const HILLS = '21115';
const TOWN = '21172';
const fleet = smallFleet([HILLS, TOWN]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const hillStations = stations.filter(({ commune }) => commune === HILLS);
const gauge = fleet.devices.find(({ attributes }) => attributes['station'] === 'Trà Khúc')?.id ?? '';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('Reports', () => {
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let nowMs = Date.parse('2026-11-17T21:00:20+07:00');
  let session = 1;
  const clock: Clock = { now: () => nowMs, speed: 1 };
  const iso = (ms: number) => new Date(ms).toISOString();

  beforeAll(async () => {
    system = await startTestConsole({ register: smallFleetCsv([HILLS, TOWN]), clock });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  });
  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
  });

  const connectivityOf = (id: string) => system.running.app.get(ConnectivityService).stateOf(id);

  /** What every station says now, through its gateway. */
  async function report(
    say: (id: string, commune: string) => { state: SessionState; metrics?: Metrics; reason?: string },
  ): Promise<void> {
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const readings = stations
        .filter((station) => station.gateway === gateway)
        .map(({ id, commune }) => ({ device: id, ts: nowMs, ...say(id, commune) }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts: nowMs, readings });
    }
  }
  async function sayLink(commune: string, state: SessionState): Promise<void> {
    session += 1;
    const topic = deviceTopic(commune, 'link', `LINK-${commune}`, 'status');
    await wire.publish(topic, { ts: nowMs, session, state }, { retain: true });
  }
  async function sayLevel(levelM: number): Promise<void> {
    await wire.publish(deviceTopic(TOWN, 'flood', gauge, 'telemetry'), { ts: nowMs, metrics: { levelM } });
  }
  const mains = (on: boolean, percent = 100): Metrics => ({ mainsOn: on, batteryPercent: percent, dcVoltageV: 50 });
  async function situation(query = ''): Promise<SituationReport> {
    return (await system.anonymous.get(`${API_PREFIX}/reports/situation${query}`).expect(200)).body as SituationReport;
  }
  async function power(): Promise<{ sites: GeneratorCandidate[]; feeders: FeederCandidate[] }> {
    return (await system.anonymous.get(`${API_PREFIX}/power-priorities`).expect(200)).body as {
      sites: GeneratorCandidate[];
      feeders: FeederCandidate[];
    };
  }

  test('the night of a cut-off commune: as of its minute, against the one before, and what is over', async () => {
    await sayLink(HILLS, 'online');
    await sayLink(TOWN, 'online');
    await report(() => ({ state: 'online', metrics: mains(true) }));
    await sayLevel(3.6);
    await eventually(() => expect(stations.every(({ id }) => connectivityOf(id).lastKnown === 'up')).toBe(true));
    nowMs += MINUTE;
    const operator = await system.signedIn('operator');
    const first = (await operator.post(`${API_PREFIX}/reports/situation`).send({}).expect(201)).body as SituationReport;
    expect(first).toMatchObject({ at: '2026-11-17T14:01:00.000Z', comparedWith: null, communes: [], seeing: true });
    expect(first.stations[0]).toMatchObject({ owner: null, total: stations.length, down: 0, downBefore: null });

    nowMs += 30 * MINUTE;
    await sayLevel(4.3);
    await report((_id, commune) =>
      commune === HILLS ? { state: 'online', metrics: mains(false, 60) } : { state: 'online', metrics: mains(true) },
    );
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').onBattery).toBe(true));
    nowMs += 30 * MINUTE;
    await sayLevel(4.7);
    await report((_id, commune) =>
      commune === HILLS ? { state: 'online', metrics: mains(false, 40) } : { state: 'online', metrics: mains(true) },
    );
    await eventually(async () => {
      nowMs += 1;
      expect((await power()).sites.some(({ minutesLeft }) => minutesLeft === 60)).toBe(true);
    });
    nowMs += MINUTE;
    const onBattery = await situation();
    expect(onBattery.stations[0]).toMatchObject({ down: 0, onBattery: hillStations.length });
    expect(onBattery.rivers.find(({ deviceId }) => deviceId === gauge)).toMatchObject({
      levelM: 4.7,
      alarmLevel: 1,
      confirmed: true,
    });

    nowMs += 2 * MINUTE;
    await sayLink(HILLS, 'offline');
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline', reason: 'battery-empty' } : { state: 'online', metrics: mains(true) },
    );
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').lastKnown).toBe('down'));
    nowMs += 11 * MINUTE;
    await report((_id, commune) =>
      commune === HILLS ? { state: 'offline' } : { state: 'online', metrics: mains(true) },
    );
    const worst = await eventually(async () => {
      const now = await situation();
      expect(now.communes).toHaveLength(1);
      return now;
    });
    expect(worst.comparedWith).toBe(first.at);
    expect(worst.communes[0]).toMatchObject({ code: HILLS, impact: 'isolated', operatorsAlive: [], isNew: true });
    expect(worst.stations[0]).toMatchObject({ down: hillStations.length, downBefore: 0, onBattery: 0 });
    expect(worst.links).toMatchObject({ down: 1, downBefore: 0, downCommunes: [{ code: HILLS }] });

    // An hour later it is over; what was at that minute is still told.
    nowMs += HOUR;
    const kept = (await operator.post(`${API_PREFIX}/reports/situation`).send({}).expect(201)).body as SituationReport;
    expect(kept.communes).toHaveLength(1);
    nowMs += 2 * MINUTE;
    await sayLink(HILLS, 'online');
    await report(() => ({ state: 'online', metrics: mains(true) }));
    await eventually(() => expect(connectivityOf(hillStations[0]?.id ?? '').lastKnown).toBe('up'));
    nowMs += MINUTE;
    const over = await situation();
    expect(over).toMatchObject({ comparedWith: kept.at, communes: [], communesRestored: [{ code: HILLS }] });
    expect(over.stations[0]).toMatchObject({ down: 0, restored: hillStations.length });
    expect((await situation(`?at=${worst.at}&since=${first.at}`)).communes).toMatchObject([{ impact: 'isolated' }]);
    expect(await situation(`?at=${kept.at}`)).toEqual(kept);
    const listed = (await operator.get(`${API_PREFIX}/reports`).expect(200)).body as { reports: { at: string }[] };
    expect(listed.reports.map(({ at }) => at)).toEqual([kept.at, first.at]);
  }, 60_000);
});
