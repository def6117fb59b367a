import { deviceTopic, gatewayTopic, type AlarmType, type SessionState } from '@ioc/contract';
import type { AlarmRecord } from '@ioc/server/alarms/alarm';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNE = '21172';
const LINK = `LINK-${COMMUNE}`;
const fleet = smallFleet([COMMUNE]);
const stations = fleet.devices.filter(({ deviceClass }) => deviceClass === 'bts');
const hubOfSite = new Map(fleet.sites.map(({ id, hub }) => [id, hub]));
const hubOf = (id: string) => {
  const device = fleet.devices.find((candidate) => candidate.id === id);
  return device === undefined ? null : device.site === null ? device.hub : (hubOfSite.get(device.site) ?? null);
};
const START = Date.parse('2026-11-20T08:00:00+07:00');

/** The hub of this commune on which most of its devices hang, and nothing else. */
const HUB = mostFrequent(fleet.devices.map(({ id }) => hubOf(id)).filter((hub) => hub !== null));

function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

describe('Alarms of places', () => {
  let nowMs = START;
  let store: FreshDatabase;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let session = 1;

  const start = async (register: ReturnType<typeof smallFleetCsv> | null) => {
    system = await startTestConsole({ register, databaseUrl: store.url, clock: { now: () => nowMs, speed: 1 } });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  };

  beforeAll(async () => {
    store = await freshDatabase();
    await start(smallFleetCsv([COMMUNE]));
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
  });

  afterAll(async () => {
    await wire.close();
    await database.end();
    await system.stop();
    await store.drop();
  });

  const current = () => [...system.running.app.get(AlarmsService).current()];
  const standing = (id: string, type: AlarmType): AlarmRecord | undefined =>
    current().find((alarm) => alarm.resource.id === id && alarm.type === type);

  async function sayLink(state: SessionState): Promise<void> {
    session += 1;
    const topic = deviceTopic(COMMUNE, 'link', LINK, 'status');
    await wire.publish(topic, { ts: nowMs, session, state }, { retain: true });
  }

  async function report(state: (id: string) => SessionState = () => 'online'): Promise<void> {
    for (const gateway of new Set(stations.map((station) => station.gateway))) {
      const ids = stations.filter((station) => station.gateway === gateway).map(({ id }) => id);
      const readings = ids.map((device) => ({ device, ts: nowMs, state: state(device), metrics: { mainsOn: true } }));
      await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts: nowMs, readings });
    }
  }
  const pass = async (seconds: number, state?: (id: string) => SessionState) => {
    for (let left = seconds; left > 0; left -= 30) {
      nowMs += Math.min(30, left) * 1_000;
      await report(state);
    }
  };

  test('a hub is down as soon as nearly all that hangs on it went, long before any of these is an alarm of its own', async () => {
    await pass(60);
    await sayLink('online');
    const behind = (id: string) => hubOf(id) === HUB;
    nowMs += 1_000;
    if (behind(LINK)) await sayLink('offline');
    for (const { id, deviceClass } of fleet.devices) {
      if (!behind(id) || deviceClass === 'bts' || id === LINK) continue;
      await wire.publish(deviceTopic(COMMUNE, deviceClass, id, 'status'), { ts: nowMs, session: 1, state: 'online' });
      await wire.publish(deviceTopic(COMMUNE, deviceClass, id, 'status'), {
        ts: nowMs + 1,
        session: 2,
        state: 'offline',
      });
    }
    await pass(30, (id) => (behind(id) ? 'offline' : 'online'));
    const alarm = await eventually(
      () => {
        const found = standing(HUB, 'hubDown');
        if (found === undefined) throw new Error('no alarm yet');
        return found;
      },
      { timeoutMs: 5_000 },
    );
    expect(alarm).toMatchObject({ severity: 'critical', detail: { basis: 'inferred' }, resource: { kind: 'hub' } });
    expect(Number(alarm.detail['wentDown'])).toBeGreaterThanOrEqual(0.8 * Number(alarm.detail['children']));
    expect(current().filter(({ type }) => type === 'connectivityLost')).toEqual([]);
  });

  test('a restart in the middle of a delay loses no alarm and doubles none, though nobody says anything again', async () => {
    const before = standing(HUB, 'hubDown');
    await wire.close();
    await system.stop();
    nowMs += 40_000;
    await start(null);
    const lost = stations.filter(({ id }) => hubOf(id) === HUB);
    await pass(30, (id) => (hubOf(id) === HUB ? 'offline' : 'online'));
    await eventually(() =>
      expect(
        current().filter(({ type, deviceId }) => type === 'connectivityLost' && deviceId?.startsWith('BTS')),
      ).toHaveLength(lost.length),
    );
    expect(standing(HUB, 'hubDown')).toMatchObject({ id: before?.id, raisedAtMs: before?.raisedAtMs });
    const { rows } = await database.query(
      'select resource_id, alarm_type from alarm group by 1, 2 having count(*) > 1',
    );
    expect(rows).toEqual([]);
  });

  test('a hub is back, and its alarm over, once what hangs on it has spoken for a minute', async () => {
    await pass(90);
    await eventually(() => expect(standing(HUB, 'hubDown')).toBeUndefined());
    await pass(120);
    await eventually(() =>
      expect(
        current().filter(({ type, deviceId }) => type === 'connectivityLost' && deviceId?.startsWith('BTS')),
      ).toEqual([]),
    );
  });

  test('a gateway that is silent is one alarm, worse after ten minutes, and over with its second batch', async () => {
    const [gateway] = new Set(stations.map((station) => station.gateway));
    const others = stations.filter((station) => station.gateway !== gateway);
    const speak = async (ofAll: boolean) => {
      for (const other of new Set(others.map((station) => station.gateway))) {
        const ids = others.filter((station) => station.gateway === other).map(({ id }) => id);
        const readings = ids.map((device) => ({ device, ts: nowMs, metrics: { mainsOn: true } }));
        await wire.publish(gatewayTopic(other ?? '', 'batch'), { ts: nowMs, readings });
      }
      if (ofAll) await wire.publish(gatewayTopic(gateway ?? '', 'batch'), { ts: nowMs, readings: [] });
    };
    for (let step = 0; step < 8; step += 1) {
      nowMs += 30_000;
      await speak(false);
    }
    await eventually(() => expect(standing(gateway ?? '', 'gatewaySilent')).toMatchObject({ severity: 'major' }));
    expect(
      current().filter(({ type, deviceId }) => type === 'connectivityLost' && deviceId?.startsWith('BTS')),
    ).toEqual([]);
    for (let step = 0; step < 20; step += 1) {
      nowMs += 30_000;
      await speak(false);
    }
    await eventually(() => expect(standing(gateway ?? '', 'gatewaySilent')).toMatchObject({ severity: 'critical' }));
    for (let step = 0; step < 3; step += 1) {
      nowMs += 15_000;
      await speak(true);
    }
    await eventually(() => expect(standing(gateway ?? '', 'gatewaySilent')).toBeUndefined());
  });

  test('a commune that nobody can reach for ten minutes is isolated, and that takes the place of nearly isolated', async () => {
    await pass(60);
    await sayLink('online');
    nowMs += 1_000;
    await sayLink('offline');
    await pass(60, () => 'offline');
    await eventually(() => expect(standing(COMMUNE, 'communeNearlyIsolated')).toMatchObject({ severity: 'critical' }));
    expect(standing(COMMUNE, 'communeIsolated')).toBeUndefined();
    await pass(600, () => 'offline');
    await eventually(() => expect(standing(COMMUNE, 'communeIsolated')).toMatchObject({ communeCode: COMMUNE }));
    expect(standing(COMMUNE, 'communeNearlyIsolated')).toBeUndefined();
    await pass(30);
    await sayLink('online');
    await pass(90);
    await eventually(() => expect(standing(COMMUNE, 'communeIsolated')).toBeUndefined());
  });
});
