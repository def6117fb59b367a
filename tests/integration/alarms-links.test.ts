import { API_PREFIX, deviceTopic, type Alarm, type AlarmRule, type AlarmType, type SessionState } from '@ioc/contract';
import type { AlarmRecord } from '@ioc/server/alarms/alarm';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IncidentsService } from '@ioc/server/incidents/incidents.service';
import { DevicesService } from '@ioc/server/devices/devices.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { Database } from '@ioc/server/platform/database/database';
import type { Reading } from '@ioc/server/readings/reading';
import { ReadingsService } from '@ioc/server/readings/readings.service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const COMMUNES = ['21172', '21196', '21250', '21034'] as const;
const [FAR, NEW, THIRD, ODD] = COMMUNES;
const linkOf = (commune: string) => `LINK-${commune}`;
/** A Friday, before the morning's judgement. */
const START = Date.parse('2026-11-20T06:00:00+07:00');
const FIVE_MINUTES = 300_000;

describe('Alarms on links', () => {
  let nowMs = START;
  let kept: FreshDatabase;
  let system: TestConsole;
  let database: pg.Client;
  let wire: Publisher;
  let session = 0;

  const start = async () => {
    system = await startTestConsole({
      register: smallFleetCsv(COMMUNES),
      databaseUrl: kept.url,
      clock: { now: () => nowMs, speed: 1 },
    });
    await eventually(() => expect(system.running.app.get(IntakeService).visibility().seeing).toBe(true));
    wire = await connectPublisher(system.mqttUrl, { clientId: 'publisher' });
  };

  beforeAll(async () => {
    kept = await freshDatabase();
    database = new pg.Client({ connectionString: kept.url });
    await database.connect();
    await start();
  });

  afterAll(async () => {
    await wire.close();
    await system.stop();
    await database.end();
    await kept.drop();
  });

  const standing = (commune: string, type: AlarmType): AlarmRecord | undefined =>
    [...system.running.app.get(AlarmsService).current()].find(
      (alarm) => alarm.resource.id === linkOf(commune) && alarm.type === type,
    );
  const measure = (commune: string, metrics: object) =>
    wire.publish(deviceTopic(commune, 'link', linkOf(commune), 'telemetry'), { ts: nowMs, metrics });
  const say = (commune: string, state: SessionState) => {
    session += 1;
    const topic = deviceTopic(commune, 'link', linkOf(commune), 'status');
    return wire.publish(topic, { ts: nowMs, session, state }, { retain: true });
  };
  const told = async (id: number) => {
    const { body } = (await system.anonymous.get(`${API_PREFIX}/alarms/${id}`).expect(200)) as { body: unknown };
    return body as Alarm & { changes: { action: string; text: { vi: string; en: string } | null }[] };
  };
  /** Every link measures this for so long, every 5 s of the clock's. */
  async function hold(seconds: number, metricsOf: (commune: string) => object): Promise<void> {
    for (let left = seconds; left > 0; left -= 5) {
      nowMs += 5_000;
      await Promise.all(COMMUNES.map((commune) => measure(commune, metricsOf(commune))));
    }
  }

  test('a round trip is held against three times what was usual for the link, never below the floor, over a restart', async () => {
    const { app } = system.running;
    const history = (commune: string, days: number, rttMs: number) => {
      const device = app.get(DevicesService).register().devices.get(linkOf(commune));
      if (device === undefined) throw new Error(commune);
      return Array.from({ length: days * 288 }, (_, index): Reading => {
        const atMs = START - (index + 1) * FIVE_MINUTES;
        // One in ten is far off: a median does not see it.
        const metrics = { rttMs: index % 10 === 0 ? 900 : rttMs };
        return {
          device,
          atMs,
          receivedAtMs: atMs,
          effectiveAtMs: atMs,
          seq: null,
          live: false,
          clockOffsetMs: null,
          metrics,
          suspect: [],
        };
      });
    };
    const readings = [...history(FAR, 7, 32), ...history(THIRD, 7, 8), ...history(NEW, 2, 32)];
    await app.get(Database).transaction((tx) => app.get(ReadingsService).write(tx, readings));
    nowMs = Date.parse('2026-11-20T07:00:01+07:00');
    const baselines = () =>
      database.query('select device_id, metric, days, median from metric_baseline order by device_id');
    await eventually(async () =>
      expect((await baselines()).rows).toEqual(
        [
          { device_id: linkOf(FAR), metric: 'rttMs', days: 7, median: 32 },
          { device_id: linkOf(THIRD), metric: 'rttMs', days: 7, median: 8 },
        ].sort((a, b) => a.device_id.localeCompare(b.device_id)),
      ),
    );

    await wire.close();
    await system.stop();
    await start();
    await hold(330, () => ({ rttMs: 90 }));
    // 90 ms is nothing to a link that is far, and too much to one that never was, or of which too little is known.
    await eventually(() =>
      expect(standing(THIRD, 'metricLimit')).toMatchObject({
        severity: 'warning',
        text: { vi: 'Độ trễ cao (> 50 ms, mức sàn: 3 × trung vị 7 ngày 8 ms thấp hơn)' },
      }),
    );
    await eventually(() =>
      expect(standing(NEW, 'metricLimit')?.text.vi).toBe('Độ trễ cao (> 50 ms, mức sàn: chưa đủ số liệu 7 ngày)'),
    );
    expect(standing(FAR, 'metricLimit')).toBeUndefined();
    await hold(330, () => ({ rttMs: 97 }));
    const alarm = await eventually(() => {
      const found = standing(FAR, 'metricLimit');
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    expect(await told(alarm.id)).toMatchObject({
      severity: 'warning',
      text: {
        vi: 'Độ trễ cao (> 96 ms = 3 × trung vị 7 ngày 32 ms)',
        en: 'Round trip high (> 96 ms = 3 × the 7-day median of 32 ms)',
      },
    });
    const { body } = (await system.anonymous.get(`${API_PREFIX}/alarm-rules?deviceClass=link`).expect(200)) as {
      body: unknown;
    };
    expect((body as { rules: AlarmRule[] }).rules.find(({ id }) => id === 'link.rttMs')?.condition).toMatchObject({
      values: { warning: 50, minor: 150, major: 450 },
      baseline: { severity: 'warning', times: 3, days: 7 },
    });
  });

  test('losses are an alarm once they were there for 3 of 5 minutes, and it is over after 10 minutes without', async () => {
    const lossy = (percent: number) => (commune: string) => ({ lossPercent: commune === FAR ? percent : 0, rttMs: 5 });
    await hold(660, lossy(0));
    await eventually(() => expect(standing(FAR, 'metricLimit')).toBeUndefined());
    for (let burst = 0; burst < 3; burst += 1) {
      expect(standing(FAR, 'metricLimit')).toBeUndefined();
      await hold(60, lossy(2));
      await hold(30, lossy(0));
    }
    await eventually(() =>
      expect(standing(FAR, 'metricLimit')).toMatchObject({ severity: 'warning', qualifier: 'lossPercent' }),
    );
    await hold(150, lossy(8));
    await eventually(() => expect(standing(FAR, 'metricLimit')).toMatchObject({ severity: 'warning' }));
    await hold(60, lossy(8));
    await eventually(() => expect(standing(FAR, 'metricLimit')).toMatchObject({ severity: 'major' }));
    await hold(600, lossy(0));
    expect(standing(FAR, 'metricLimit')).toBeDefined();
    await hold(180, lossy(0));
    await eventually(() => expect(standing(FAR, 'metricLimit')).toBeUndefined());
  });

  test('three links that flap in step are worse than one that flaps by itself', async () => {
    const together = [FAR, NEW, THIRD];
    for (const commune of COMMUNES) await say(commune, 'online');
    for (let change = 0; change < 4; change += 1) {
      const state = change % 2 === 0 ? 'offline' : 'online';
      for (const commune of together) {
        nowMs += 2_000;
        await say(commune, state);
      }
      nowMs += 40_000;
      await say(ODD, state);
      nowMs += 40_000;
      if (change === 2) expect(standing(FAR, 'flapping')).toBeUndefined();
    }
    for (const commune of together) {
      await eventually(() =>
        expect(standing(commune, 'flapping')).toMatchObject({
          severity: 'major',
          text: { vi: 'Chập chờn (cùng nhịp với 2 thiết bị khác)', en: 'Flapping (in step with 2 others)' },
        }),
      );
    }
    await eventually(() => expect(standing(ODD, 'flapping')).toMatchObject({ severity: 'warning' }));
    // Ten minutes later their steps are forgotten, a quarter of an hour later they are quiet.
    for (let minute = 0; minute < 11; minute += 1) await hold(60, () => ({ linkUp: true }));
    await eventually(() => expect(standing(FAR, 'flapping')).toMatchObject({ severity: 'warning' }));
    for (let minute = 0; minute < 6; minute += 1) await hold(60, () => ({ linkUp: true }));
    await eventually(() => expect(standing(FAR, 'flapping')).toBeUndefined());
  });

  test('late data that moves the beginning of an outage moves that of its alarm, and one that leaves nothing of it says so', async () => {
    const late = (atMs: number) =>
      wire.publish(deviceTopic(ODD, 'link', linkOf(ODD), 'telemetry'), {
        ts: atMs,
        historical: true,
        metrics: { linkUp: true },
      });
    const offAtMs = (nowMs += 60_000);
    await say(ODD, 'offline');
    nowMs += 91_000;
    const alarm = await eventually(() => {
      const found = standing(ODD, 'connectivityLost');
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    expect(alarm.beganAtMs).toBe(offAtMs);
    const raisedAtMs = nowMs;

    nowMs += 30_000;
    await late(offAtMs + 60_000);
    const moved = await eventually(() => {
      const found = standing(ODD, 'connectivityLost');
      expect(found?.beganAtMs).toBe(offAtMs + 60_000);
      return found;
    });
    expect(moved).toMatchObject({ id: alarm.id, raisedAtMs, changedAtMs: raisedAtMs });
    const incidentId = String(moved?.incidentId);
    const incident = [...system.running.app.get(IncidentsService).current()].find(({ id }) => id === incidentId);
    expect(incident?.beganAt).toBe(new Date(offAtMs + 60_000).toISOString());
    const record = await told(alarm.id);
    expect(record).toMatchObject({
      repaired: 'moved',
      beganAt: new Date(offAtMs + 60_000).toISOString(),
      firstBeganAt: new Date(offAtMs).toISOString(),
    });
    expect(record.changes.map(({ action }) => action)).toEqual(['raised', 'repaired']);
    expect(record.changes[1]?.text?.en).toMatch(
      /^Late data shows that it began at \d\d:\d\d 20\/11, not at \d\d:\d\d 20\/11$/,
    );

    await say(ODD, 'online');
    const onAtMs = nowMs;
    await hold(190, () => ({ linkUp: true }));
    await eventually(() => expect(standing(ODD, 'connectivityLost')).toBeUndefined());
    // From what was left of it to its end, not more than three intervals apart: it was never down in between.
    for (let atMs = offAtMs + 70_000; atMs < onAtMs; atMs += 10_000) await late(atMs);
    await eventually(async () => {
      const over = await told(alarm.id);
      expect(over).toMatchObject({ repaired: 'removed', firstBeganAt: new Date(offAtMs).toISOString() });
      expect(over.clearedAt).not.toBeNull();
      expect(over.changes.at(-1)).toMatchObject({
        action: 'repaired',
        text: { vi: 'Dữ liệu đến muộn cho thấy không gián đoạn' },
      });
    });
  });
});
