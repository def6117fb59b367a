import {
  DEVICE_CLASSES,
  DEVICE_CLASS_IDS,
  metricColumn,
  scaledClock,
  type DeviceClassId,
  type Metrics,
  type ReadingHistory,
} from '@ioc/contract';
import { NestFactory } from '@nestjs/core';
import { AccessModule } from '@ioc/server/access/access.module';
import { readConfig } from '@ioc/server/config/config';
import { DevicesService } from '@ioc/server/devices/devices.service';
import type { RegisteredDevice } from '@ioc/server/devices/registered-device';
import { Database } from '@ioc/server/platform/database/database';
import { applyStoragePolicy } from '@ioc/server/platform/database/storage-policy';
import { createLogger } from '@ioc/server/platform/logging/logger';
import { PlatformModule } from '@ioc/server/platform/platform.module';
import type { MessageSource } from '@ioc/server/platform/mqtt/message-source';
import type { Reading } from '@ioc/server/readings/reading';
import { ReadingsModule } from '@ioc/server/readings/readings.module';
import { READING_STATEMENTS } from '@ioc/server/readings/readings.repository';
import { ReadingsService, type HistoryRequest } from '@ioc/server/readings/readings.service';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, hasTimescale, type FreshDatabase } from '../harness/database.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 22 November 2026, 12:00 in Asia/Ho_Chi_Minh. */
const NOON = Date.parse('2026-11-22T05:00:00Z');
const DAYS_KEPT = { maxBackfillMs: 7 * DAY, rollup5minRetentionMs: 730 * DAY, rollup1hRetentionMs: 3650 * DAY };

const logger = createLogger({ level: 'silent', human: false, secrets: [], write: () => undefined });
let fresh: FreshDatabase;
let database: Database;
let devices: DevicesService;
let readings: ReadingsService;

/** Nothing comes in but what a test writes. */
const NO_MESSAGES: MessageSource = {
  start: () => undefined,
  acknowledge: () => undefined,
  state: () => ({ connected: false, sinceMs: 0, unacknowledged: 0 }),
  stop: () => undefined,
  close: () => Promise.resolve(),
};

/** The module as the console wires it; called again, it is what a restart finds. */
async function start(nowMs = NOON): Promise<void> {
  const settings = readConfig({});
  if (!settings.ok) throw new Error(settings.errors.join());
  const parts = {
    config: settings.config,
    clock: scaledClock(nowMs, 1, () => nowMs),
    logger,
    database,
    messageSource: NO_MESSAGES,
  };
  const app = await NestFactory.createApplicationContext(
    { module: class {}, imports: [PlatformModule.forRoot(parts), AccessModule, ReadingsModule] },
    { logger: false },
  );
  devices = app.get(DevicesService);
  readings = app.get(ReadingsService);
  await devices.start();
  await readings.start();
}

async function restart(): Promise<void> {
  await readings.stop();
  await start();
}

async function register(id: string, deviceClass: DeviceClassId, reportingIntervalMs: number): Promise<void> {
  await database.execute(
    `insert into device (id, device_class, name, commune_code, organisation_id, lat, lon, reporting_interval_ms, attributes, registered_at)
     values ($1, $2, $1, '21025', 'VNPT', 15.1, 108.8, $3, '{}', now())`,
    [id, deviceClass, reportingIntervalMs],
  );
}

function device(id: string): RegisteredDevice {
  const found = devices.register().devices.get(id);
  if (found === undefined) throw new Error(`${id} is not registered`);
  return found;
}

function reading(id: string, atMs: number, metrics: Metrics, more: Partial<Reading> = {}): Reading {
  return {
    device: device(id),
    atMs,
    receivedAtMs: atMs + 500,
    effectiveAtMs: atMs,
    seq: null,
    live: true,
    clockOffsetMs: null,
    metrics,
    suspect: [],
    ...more,
  };
}

const write = (batch: readonly Reading[]) => database.transaction((tx) => readings.write(tx, batch));

async function historyOf(request: Partial<HistoryRequest>): Promise<ReadingHistory> {
  const outcome = await readings.history({
    deviceId: 'LINK-1',
    metrics: null,
    fromMs: NOON - HOUR,
    toMs: NOON,
    resolution: null,
    ...request,
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.history;
}

const profiles: readonly { readonly profile: string; readonly on: 'main' | 'timescale' }[] = [
  { profile: 'plain', on: 'main' },
  ...(hasTimescale() ? [{ profile: 'timescale', on: 'timescale' } as const] : []),
];

describe.each(profiles)('readings on $profile storage', ({ on }) => {
  beforeEach(async () => {
    fresh = await freshDatabase(on);
    database = new Database({
      url: fresh.url,
      maxConnections: 4,
      statementTimeoutMs: 60_000,
      onError: () => undefined,
    });
    await applyStoragePolicy(fresh.url, DAYS_KEPT, NOON);
    await database.execute(`insert into organisation (id, name, kind) values ('VNPT', 'VNPT', 'operator')`);
    await register('BTS-1', 'bts', 10_000);
    await register('LINK-1', 'link', 5_000);
    await register('LINK-2', 'link', 5_000);
    await register('VCS-1', 'vcs', 10_000);
    await register('FLOOD-1', 'flood', 60_000);
    await start();
  });
  afterEach(async () => {
    await readings.stop();
    await database.close();
    await fresh.drop();
  });

  test('every class’s definition and its table agree: columns and types', async () => {
    for (const deviceClass of DEVICE_CLASS_IDS) {
      const rows = await database.query<{ column_name: string; data_type: string }>(
        `select column_name, data_type from information_schema.columns where table_name = $1 order by ordinal_position`,
        [`${deviceClass}_reading`],
      );
      const metrics = DEVICE_CLASSES[deviceClass].metrics.map(({ name, kind }) => [
        metricColumn(name),
        kind === 'number' ? 'real' : 'boolean',
      ]);
      expect(rows.map(({ column_name, data_type }) => [column_name, data_type])).toEqual([
        ['device_no', 'integer'],
        ['at', 'timestamp with time zone'],
        ['received_at', 'timestamp with time zone'],
        ['seq', 'bigint'],
        ['suspect', 'ARRAY'],
        ...metrics,
      ]);
    }
  });

  test('the catalogue gives every metric its name on the wire', async () => {
    for (const deviceClass of DEVICE_CLASS_IDS) {
      const rows = await database.query<{ metric_name: string }>(`select metric_name from reading_metrics($1)`, [
        `${deviceClass}_reading`,
      ]);
      expect(rows.map(({ metric_name }) => metric_name)).toEqual(
        DEVICE_CLASSES[deviceClass].metrics.map(({ name }) => name),
      );
    }
  });

  test('every statement can be prepared', async () => {
    // No partition upkeep is needed, or there, on TimescaleDB.
    const statements = READING_STATEMENTS.filter(
      (text) => on === 'main' || !text.includes('ensure_reading_partitions'),
    );
    expect(statements.length).toBeGreaterThan(DEVICE_CLASS_IDS.length * 6);
    for (const [index, statement] of statements.entries()) {
      await database.transaction(async (tx) => {
        await tx.execute(`prepare reading_statement_${index} as ${statement}`);
        await tx.execute(`deallocate reading_statement_${index}`);
      });
    }
  });

  test('a batch of all classes is written with every value, type, mark and time', async () => {
    const batch = DEVICE_CLASS_IDS.map((deviceClass) => {
      const { idPrefix, metrics } = DEVICE_CLASSES[deviceClass];
      const values = Object.fromEntries(
        metrics.map((metric, index) => [metric.name, metric.kind === 'number' ? index + 0.5 : index % 2 === 0]),
      );
      return reading(`${idPrefix}-1`, NOON - 1_234, values, {
        seq: 42,
        suspect: [metrics[0]?.name ?? '', metrics[1]?.name ?? ''],
      });
    });
    expect(await write(batch)).toBe(4);
    await restart();
    for (const sent of batch) {
      expect(readings.latestOf(sent.device.id)).toEqual({ ...sent, effectiveAtMs: sent.atMs });
    }
  });

  test('a metric that was not sent stays absent', async () => {
    await write([reading('LINK-1', NOON, { rttMs: 12.5 })]);
    await restart();
    expect(readings.latestOf('LINK-1')?.metrics).toEqual({ rttMs: 12.5 });
  });

  test('the same reading twice, in one batch or in two, is one reading: the first', async () => {
    const first = reading('LINK-1', NOON, { rttMs: 1 });
    expect(await write([first, reading('LINK-1', NOON, { rttMs: 2 }), reading('LINK-2', NOON, { rttMs: 3 })])).toBe(2);
    expect(await write([reading('LINK-1', NOON, { rttMs: 4 })])).toBe(0);
    expect((await historyOf({ fromMs: NOON, toMs: NOON + 1, metrics: ['rttMs'] })).series[0]?.average).toEqual([1]);
  });

  test('an empty batch writes nothing', async () => {
    expect(await write([])).toBe(0);
  });

  test('a value that the column cannot hold does not fail the batch', async () => {
    const batch = [
      reading('LINK-1', NOON, { rttMs: 1e300, lossPercent: 1e-300, jitterMs: Number.NaN }, { seq: 1.5 }),
      reading(
        'LINK-2',
        NOON,
        { rttMs: -Infinity, lossPercent: 3.4028234663852886e38 },
        { suspect: ['noSuchMetric"}'] },
      ),
    ];
    expect(await write(batch)).toBe(2);
    await restart();
    expect(readings.latestOf('LINK-1')?.metrics).toEqual({ rttMs: 3.402823e38, lossPercent: 0 });
    expect(readings.latestOf('LINK-1')?.seq).toBeNull();
    expect(readings.latestOf('LINK-2')?.suspect).toEqual([]);
  });

  test('an insert never fails for lack of a partition, however wrong a device’s clock is', async () => {
    const moments = [
      NOON - 7 * DAY,
      NOON - 6 * DAY,
      NOON + 20 * DAY,
      Date.parse('1970-01-01T00:00:00Z'),
      Date.parse('2099-12-31T23:59:59Z'),
    ];
    expect(await write(moments.map((atMs) => reading('FLOOD-1', atMs, { levelM: 1 })))).toBe(moments.length);
    expect(await write([reading('BTS-1', NOON - 7 * DAY, { dcVoltageV: 54 })])).toBe(1);
  });

  test('a batch that is rolled back leaves no reading, and its retry writes them all', async () => {
    const batch = [reading('LINK-1', NOON - 6 * DAY, { rttMs: 1 }), reading('LINK-1', NOON, { rttMs: 2 })];
    await expect(
      database.transaction(async (tx) => {
        await readings.write(tx, batch);
        throw new Error('the commit failed');
      }),
    ).rejects.toThrow('the commit failed');
    expect(await write(batch)).toBe(2);
  });

  test('start loads the newest reading of every device, and of none that has been silent for longer than the backfill', async () => {
    await write([
      reading('LINK-1', NOON - 2 * MINUTE, { rttMs: 1 }),
      reading('LINK-1', NOON - MINUTE, { rttMs: 2 }),
      reading('LINK-1', NOON - 3 * MINUTE, { rttMs: 3 }),
      reading('BTS-1', NOON - 2 * DAY, { mainsOn: false }),
      reading('FLOOD-1', NOON - 8 * DAY, { levelM: 1 }),
    ]);
    await restart();
    expect(readings.latestOf('LINK-1')?.metrics).toEqual({ rttMs: 2 });
    expect(readings.latestOf('BTS-1')?.atMs).toBe(NOON - 2 * DAY);
    expect(readings.latestOf('FLOOD-1')).toBeNull();
    expect(readings.latestOf('VCS-1')).toBeNull();
  });

  test('history never takes the place of a newer live reading', () => {
    const live = reading('LINK-1', NOON, { rttMs: 1 });
    readings.acceptLatest([live]);
    readings.acceptLatest([
      reading('LINK-1', NOON - HOUR, { rttMs: 2 }),
      reading('LINK-1', NOON + MINUTE, { rttMs: 3 }, { live: false }),
    ]);
    expect(readings.latestOf('LINK-1')).toBe(live);
    const newer = reading('LINK-1', NOON + 5_000, { rttMs: 4 });
    readings.acceptLatest([newer]);
    expect(readings.latestOf('LINK-1')).toBe(newer);
  });

  test('a device whose clock is off is ordered by arrival', () => {
    const first = reading('LINK-1', NOON + DAY, { rttMs: 1 }, { effectiveAtMs: NOON, clockOffsetMs: DAY });
    const second = reading('LINK-1', NOON + MINUTE, { rttMs: 2 });
    readings.acceptLatest([first, second]);
    expect(readings.latestOf('LINK-1')).toBe(second);
  });

  test('an hour of a link comes raw, with booleans as 0 and 1, gaps left open and suspect values marked', async () => {
    const times = [0, 5, 10, 600, 605].map((s) => NOON - HOUR + s * 1000);
    await write(
      times.map((atMs, index) =>
        reading(
          'LINK-1',
          atMs,
          { rttMs: 10.25 + index, linkUp: index !== 1 },
          { suspect: index === 3 ? ['rttMs'] : [] },
        ),
      ),
    );
    expect(await historyOf({ metrics: ['rttMs', 'linkUp'] })).toEqual({
      deviceId: 'LINK-1',
      resolution: 'raw',
      gapMs: 30_000,
      atMs: times,
      series: [
        { metric: 'rttMs', average: [10.25, 11.25, 12.25, 13.25, 14.25], minimum: null, maximum: null, suspect: [3] },
        { metric: 'linkUp', average: [1, 0, 1, 1, 1], minimum: null, maximum: null, suspect: [] },
      ],
    });
  });

  test('the longer the span, the coarser the answer, and never more than 2,000 points', async () => {
    await write([reading('LINK-1', NOON - MINUTE, { rttMs: 1 })]);
    const resolutionOf = async (spanMs: number) => (await historyOf({ fromMs: NOON - spanMs })).resolution;
    expect(await resolutionOf(2 * HOUR)).toBe('raw');
    expect(await resolutionOf(DAY)).toBe('5min');
    expect(await resolutionOf(6 * DAY)).toBe('5min');
    expect(await resolutionOf(30 * DAY)).toBe('1h');
    expect(await resolutionOf(365 * DAY)).toBe('1d');
  });

  test('a device that reports more often than registered is answered one step coarser', async () => {
    const batch = Array.from({ length: 2_500 }, (_, index) =>
      reading('FLOOD-1', NOON - HOUR + index * 1_000, { levelM: index }),
    );
    await write(batch);
    const history = await historyOf({ deviceId: 'FLOOD-1', metrics: ['levelM'] });
    expect(history.resolution).toBe('5min');
    expect(history.series[0]?.minimum?.[0]).toBe(0);
    expect(history.series[0]?.maximum?.at(-1)).toBe(2_499);
  });

  test('a roll-up carries smallest, largest and average; a bucket of suspect values alone shows the newest, marked', async () => {
    await write([
      reading('LINK-1', NOON - HOUR, { rttMs: 10, linkUp: true }),
      reading('LINK-1', NOON - HOUR + MINUTE, { rttMs: 30, linkUp: false }),
      reading('LINK-1', NOON - HOUR + 2 * MINUTE, { rttMs: 9_999 }, { suspect: ['rttMs'] }),
      reading('LINK-1', NOON - 30 * MINUTE, { rttMs: 8_888 }, { suspect: ['rttMs'] }),
    ]);
    expect(await historyOf({ metrics: ['rttMs', 'linkUp'], resolution: '5min' })).toEqual({
      deviceId: 'LINK-1',
      resolution: '5min',
      gapMs: 7.5 * MINUTE,
      atMs: [NOON - HOUR, NOON - 30 * MINUTE],
      series: [
        { metric: 'rttMs', average: [20, 8_888], minimum: [10, null], maximum: [30, null], suspect: [0, 1] },
        { metric: 'linkUp', average: [0.5, null], minimum: null, maximum: null, suspect: [] },
      ],
    });
  });

  test('one metric of many devices comes with each device’s own times', async () => {
    await write([
      reading('LINK-1', NOON - HOUR, { rttMs: 1 }),
      reading('LINK-2', NOON - HOUR + 1_000, { rttMs: 2 }),
      reading('LINK-1', NOON - HOUR + 5_000, { rttMs: 3 }),
    ]);
    const request = {
      deviceClass: 'link',
      metric: 'rttMs',
      fromMs: NOON - HOUR,
      toMs: NOON,
      resolution: null,
    } as const;
    const outcome = await readings.metricHistory({ ...request, deviceIds: ['LINK-2', 'LINK-1'] });
    expect(outcome).toMatchObject({
      ok: true,
      history: {
        metric: 'rttMs',
        resolution: 'raw',
        devices: [
          { deviceId: 'LINK-2', atMs: [NOON - HOUR + 1_000], average: [2] },
          { deviceId: 'LINK-1', atMs: [NOON - HOUR, NOON - HOUR + 5_000], average: [1, 3] },
        ],
      },
    });
    expect(await readings.metricHistory({ ...request, deviceIds: ['LINK-1', 'BTS-1'] })).toEqual({
      ok: false,
      reason: 'unknown-device',
      name: 'BTS-1',
    });
    expect(
      await readings.metricHistory({ ...request, deviceIds: Array.from({ length: 51 }, (_, n) => `LINK-${n}`) }),
    ).toEqual({
      ok: false,
      reason: 'too-many-devices',
    });
  });

  test('what cannot be answered is refused with its reason', async () => {
    const request = { deviceId: 'LINK-1', metrics: null, fromMs: NOON - HOUR, toMs: NOON, resolution: null } as const;
    expect(await readings.history({ ...request, deviceId: 'LINK-9' })).toEqual({
      ok: false,
      reason: 'unknown-device',
      name: 'LINK-9',
    });
    expect(await readings.history({ ...request, metrics: ['rttMs', 'levelM'] })).toEqual({
      ok: false,
      reason: 'unknown-metric',
      name: 'levelM',
    });
    expect(await readings.history({ ...request, toMs: NOON - HOUR })).toEqual({ ok: false, reason: 'bad-span' });
    expect(await readings.history({ ...request, fromMs: NOON - DAY, resolution: 'raw' })).toEqual({
      ok: false,
      reason: 'too-many-points',
    });
  });
});
