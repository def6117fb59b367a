import { deviceTopic, type AlarmType } from '@ioc/contract';
import type { AlarmRecord } from '@ioc/server/alarms/alarm';
import { AlarmsService } from '@ioc/server/alarms/alarms.service';
import { IntakeService } from '@ioc/server/intake/intake.service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { connectPublisher, type Publisher } from '../harness/publisher.js';
import { smallFleet, smallFleetCsv } from '../harness/small-fleet.js';

/** On the Trà Khúc: a gauge with legal levels, a village gauge, and a commune in the hills with a rain gauge of no river. */
const COMMUNES = ['21172', '21196', '21340'] as const;
const [TOWN, VILLAGE, HILLS] = COMMUNES;
const gauges = smallFleet(COMMUNES).devices.filter(({ deviceClass }) => deviceClass === 'flood');
const gaugeIn = (commune: string, kind: (kind: unknown) => boolean) =>
  gauges.find((gauge) => gauge.commune === commune && kind(gauge.attributes['kind']))?.id ?? '';
const town = gaugeIn(TOWN, (kind) => kind !== 'rain');
const village = gaugeIn(VILLAGE, (kind) => kind !== 'rain');
const rain = gaugeIn(HILLS, (kind) => kind === 'rain');
const communeOf = new Map(gauges.map(({ id, commune }) => [id, commune]));
const MINUTE = 60_000;

describe('Alarms on gauges', () => {
  let nowMs = Date.parse('2026-11-20T08:00:00+07:00');
  let kept: FreshDatabase;
  let system: TestConsole;
  let wire: Publisher;

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
    await start();
  });

  afterAll(async () => {
    await wire.close();
    await system.stop();
    await kept.drop();
  });

  const standing = (id: string, type: AlarmType, qualifier = ''): AlarmRecord | undefined =>
    [...system.running.app.get(AlarmsService).current()].find(
      (alarm) => alarm.resource.id === id && alarm.type === type && alarm.qualifier === qualifier,
    );
  const measure = (id: string, metrics: object) =>
    wire.publish(deviceTopic(communeOf.get(id) ?? '', 'flood', id, 'telemetry'), { ts: nowMs, metrics });
  /** One minute passes, then gauges measure. */
  async function minute(metricsOf: Readonly<Record<string, object>>): Promise<void> {
    nowMs += MINUTE;
    for (const [id, metrics] of Object.entries(metricsOf)) await measure(id, metrics);
  }

  /** Speaks twice, after which nothing takes it for silent. */
  async function speak(id: string, metrics: object): Promise<void> {
    await minute({ [id]: metrics });
    await minute({ [id]: metrics });
    await eventually(() => expect(standing(id, 'gaugeSilent')).toBeUndefined());
  }

  test('one that says the same again and again is stuck once another one of its river moves by 0.3 m', async () => {
    // While the river stands still it may well do so.
    for (let count = 0; count < 8; count += 1) await minute({ [town]: { levelM: 1.5 }, [village]: { levelM: 4 } });
    expect(standing(town, 'gaugeStuck')).toBeUndefined();
    for (const levelM of [4.1, 4.2, 4.29]) await minute({ [village]: { levelM }, [town]: { levelM: 1.5 } });
    expect(standing(town, 'gaugeStuck')).toBeUndefined();
    await minute({ [village]: { levelM: 4.31 }, [town]: { levelM: 1.5 } });
    await eventually(() =>
      expect(standing(town, 'gaugeStuck')).toMatchObject({ severity: 'warning', detail: { value: 1.5 } }),
    );
    expect(standing(village, 'gaugeStuck')).toBeUndefined();
    await minute({ [town]: { levelM: 1.56 } });
    await eventually(() => expect(standing(town, 'gaugeStuck')).toBeUndefined());
  });

  test('one that jumps is told with the first suspect sample, and believed again after three good ones', async () => {
    await minute({ [town]: { levelM: 1.5 } });
    await minute({ [town]: { levelM: 9 } });
    await eventually(() =>
      expect(standing(town, 'gaugeJump')).toMatchObject({ severity: 'warning', beganAtMs: nowMs }),
    );
    // What is suspect raises no flood.
    expect(standing(town, 'riverLevel')).toBeUndefined();
    await minute({ [town]: { levelM: 1.52 } });
    await minute({ [town]: { levelM: 1.51 } });
    expect(standing(town, 'gaugeJump')).toBeDefined();
    await minute({ [town]: { levelM: 1.53 } });
    await eventually(() => expect(standing(town, 'gaugeJump')).toBeUndefined());
  });

  test('rain is told by what fell in 12 and in 24 hours, worse as it goes on, until it was less for 3 hours', async () => {
    await minute({ [rain]: { rain12hMm: 50, rain24hMm: 100 } });
    await minute({ [rain]: { rain12hMm: 50.2, rain24hMm: 100 } });
    await eventually(() =>
      expect(standing(rain, 'rain', 'rain12hMm')).toMatchObject({
        severity: 'warning',
        text: { vi: 'Mưa 12 giờ cao (> 50 mm)' },
      }),
    );
    expect(standing(rain, 'rain', 'rain24hMm')).toBeUndefined();
    for (const [rain24hMm, severity] of [
      [100.2, 'minor'],
      [200.2, 'major'],
      [400.2, 'critical'],
    ] as const) {
      await minute({ [rain]: { rain12hMm: 60, rain24hMm } });
      await eventually(() => expect(standing(rain, 'rain', 'rain24hMm')).toMatchObject({ severity }));
    }
    for (let minutes = 0; minutes < 180; minutes += 10) {
      nowMs += 10 * MINUTE;
      await measure(rain, { rain12hMm: 20, rain24hMm: 90 });
    }
    expect(standing(rain, 'rain', 'rain12hMm')).toBeDefined();
    nowMs += 11 * MINUTE;
    await measure(rain, { rain12hMm: 20, rain24hMm: 90 });
    await eventually(() => expect(standing(rain, 'rain', 'rain12hMm')).toBeUndefined());
    await eventually(() => expect(standing(rain, 'rain', 'rain24hMm')).toBeUndefined());
  });

  test('one that is silent for three intervals warns, and is believed to speak again with its second sample', async () => {
    await speak(town, { levelM: 1.5 });
    const heardAtMs = nowMs;
    nowMs += 2 * MINUTE + 30_000;
    await measure(rain, { rain1hMm: 0 });
    expect(standing(town, 'gaugeSilent')).toBeUndefined();
    nowMs += 31_000;
    await eventually(() =>
      expect(standing(town, 'gaugeSilent')).toMatchObject({ severity: 'warning', beganAtMs: heardAtMs }),
    );
    await speak(town, { levelM: 1.5 });
  });

  test('one that is silent for two intervals is major after 50 mm in 6 hours at another gauge of its basin, over a restart', async () => {
    for (let hour = 0; hour < 5; hour += 1) {
      nowMs += 60 * MINUTE;
      await measure(rain, { rain1hMm: 11 });
    }
    await wire.close();
    await system.stop();
    await start();
    await measure(rain, { rain1hMm: 11 });
    await speak(town, { levelM: 1.5 });
    const heardAtMs = nowMs;
    nowMs += 2 * MINUTE + 1_000;
    const alarm = await eventually(() => {
      const found = standing(town, 'gaugeSilent');
      if (found === undefined) throw new Error('no alarm yet');
      return found;
    });
    expect(alarm).toMatchObject({ severity: 'major', beganAtMs: heardAtMs });
    expect(alarm.text.vi).toMatch(/^Trạm đo không gửi số liệu \(mưa 5\d mm trong 6 giờ ở lưu vực\)$/);
    await speak(town, { levelM: 1.5 });
  });

  test('one that is silent for two intervals is major while its river is at an alarm level', async () => {
    // Dry for longer than the basin's rain counts.
    nowMs += 7 * 60 * MINUTE;
    await measure(rain, { rain1hMm: 0 });
    let levelM = 1.5;
    while (levelM < 3.6) {
      levelM += 0.05;
      await minute({ [town]: { levelM: Math.round(levelM * 100) / 100 } });
    }
    await eventually(() => expect(standing(town, 'riverLevel')).toMatchObject({ severity: 'warning' }));
    nowMs += 2 * MINUTE + 1_000;
    await eventually(() =>
      expect(standing(town, 'gaugeSilent')).toMatchObject({
        severity: 'major',
        text: { vi: 'Trạm đo không gửi số liệu (sông đang ở báo động 1)' },
      }),
    );
  });
});
