import { Inject, Injectable } from '@nestjs/common';
import {
  DEVICE_CLASS_IDS,
  MAX_AHEAD_MS,
  MAX_COMPARED_DEVICES,
  type Clock,
  type DeviceClassId,
  type MetricHistory,
  type ReadingHistory,
  type Resolution,
} from '@ioc/contract';
import type { Logger } from 'pino';
import { DevicesService } from '../devices/devices.service.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { Database, type Tx } from '../platform/database/database.js';
import { readStoragePolicy, type StoragePolicy } from '../platform/database/storage-policy.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { daysOutside, readingsByClass, readingTable, type MetricColumn, type ReadingTable } from './reading-table.js';
import {
  exceedsPoints,
  pointsEach,
  resolutionsFor,
  toHistory,
  toMetricHistory,
  type HistoryRow,
  type Reach,
} from './reading-history.js';
import type { Reading } from './reading.js';
import { ReadingsRepository, type StorageSpan, type StoredReading } from './readings.repository.js';
import { RollupsService } from './rollups.service.js';

interface SpanRequest {
  /** The span [fromMs, toMs), epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: the finest that keeps to the number of points. */
  readonly resolution: Resolution | null;
}

export interface HistoryRequest extends SpanRequest {
  readonly deviceId: string;
  /** Names; all of the class when null. */
  readonly metrics: readonly string[] | null;
}

export interface MetricHistoryRequest extends SpanRequest {
  readonly deviceClass: DeviceClassId;
  readonly metric: string;
  readonly deviceIds: readonly string[];
}

export type HistoryRefusal =
  | { readonly ok: false; readonly reason: 'bad-span' | 'too-many-points' | 'too-many-devices' }
  | { readonly ok: false; readonly reason: 'unknown-device' | 'unknown-metric'; readonly name: string };

export type HistoryOutcome = { readonly ok: true; readonly history: ReadingHistory } | HistoryRefusal;
export type MetricHistoryOutcome = { readonly ok: true; readonly history: MetricHistory } | HistoryRefusal;

type FoundRows =
  { readonly ok: true; readonly resolution: Resolution; readonly rows: readonly HistoryRow[] } | HistoryRefusal;

/** What a device had said at a moment. */
export type ReadingThen = Pick<StoredReading, 'atMs' | 'metrics' | 'suspect'>;

/** A chart spans at most this. */
const MAX_SPAN_MS = 20 * 365 * 86_400_000;
const UPKEEP_INTERVAL_MS = 3_600_000;
const NOWHERE: StorageSpan = { fromMs: Infinity, toMs: -Infinity, partitionsMade: 0, partitionsDropped: 0 };

/** Readings: written with the batch that brings them, the newest of every device at hand, history on request. */
@Injectable()
export class ReadingsService {
  readonly #latest = new Map<string, Reading>();
  #policy: StoragePolicy | null = null;
  #covered: StorageSpan = NOWHERE;
  #upkeep: NodeJS.Timeout | null = null;
  #upkeepRun: Promise<void> = Promise.resolve();
  #stopFollowing: () => void = () => undefined;

  constructor(
    private readonly repository: ReadingsRepository,
    private readonly rollups: RollupsService,
    private readonly devices: DevicesService,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** After the storage policy and the register: makes room for today's readings and loads the newest of every device. */
  async start(): Promise<void> {
    this.#policy = await readStoragePolicy(this.database);
    this.#covered = await this.repository.keepStorage(this.database, this.clock.now());
    await this.#loadLatest();
    await this.rollups.start(this.#policy?.profile === 'plain');
    this.#stopFollowing = this.devices.onRegisterChanged('readings', (register) => this.#follow(register));
    // An hour of the console's clock: a rehearsal at 60 times the speed reaches tomorrow in 24 minutes.
    this.#upkeep = setInterval(() => this.#keepStorage(), Math.max(UPKEEP_INTERVAL_MS / this.clock.speed, 1_000));
    this.#upkeep.unref();
  }

  async stop(): Promise<void> {
    this.#stopFollowing();
    if (this.#upkeep !== null) clearInterval(this.#upkeep);
    this.#upkeep = null;
    await Promise.all([this.#upkeepRun, this.rollups.stop()]);
  }

  /** How readings are stored; null before start. */
  get storagePolicy(): StoragePolicy | null {
    return this.#policy;
  }

  /**
   * Writes a batch within its transaction, one insert for every class; returns how many rows were new. A reading that is
   * there already is left out. Never fails for lack of a partition: days outside those made ahead get theirs here.
   */
  async write(tx: Tx, readings: readonly Reading[]): Promise<number> {
    let written = 0;
    for (const [deviceClass, ofClass] of readingsByClass(readings)) {
      const days = daysOutside(ofClass, this.#covered.fromMs, this.#covered.toMs);
      if (days.length > 0) await this.repository.ensurePartitions(tx, deviceClass, days);
      written += await this.repository.insert(tx, deviceClass, ofClass);
      await this.rollups.noteLate(tx, deviceClass, ofClass);
    }
    return written;
  }

  /** After the commit: makes these the newest of their devices where they are live and newer. */
  acceptLatest(readings: readonly Reading[]): void {
    for (const reading of readings) {
      if (!reading.live) continue;
      const known = this.#latest.get(reading.device.id);
      if (known === undefined || reading.effectiveAtMs >= known.effectiveAtMs)
        this.#latest.set(reading.device.id, reading);
    }
  }

  /** The newest reading of a device; null when none has come within the longest backfill. */
  latestOf(deviceId: string): Reading | null {
    return this.#latest.get(deviceId) ?? null;
  }

  /**
   * The newest reading of each device of a class at a moment, by id, with these metrics alone; without those that had said
   * nothing for `withinMs`.
   */
  async readingsThen(
    deviceClass: DeviceClassId,
    atMs: number,
    withinMs: number,
    metrics: readonly string[],
  ): Promise<ReadonlyMap<string, ReadingThen>> {
    const idOfNo = new Map<number, string>();
    for (const device of this.devices.register().devices.values()) {
      if (device.deviceClass === deviceClass) idOfNo.set(device.no, device.id);
    }
    const table = readingTable(deviceClass);
    const columns = table.metrics.filter(({ name }) => metrics.includes(name));
    const span = { sinceMs: atMs - withinMs, untilMs: atMs };
    const rows = await this.repository.latestThen(this.database, table, columns, [...idOfNo.keys()], span);
    return new Map(
      rows.flatMap((row): [string, ReadingThen][] => {
        const id = idOfNo.get(row.deviceNo);
        return id === undefined ? [] : [[id, { atMs: row.atMs, metrics: row.metrics, suspect: row.suspect }]];
      }),
    );
  }

  /** Metrics of one device over a span: at most 2,000 points, gaps left open, suspect values marked. */
  async history(request: HistoryRequest): Promise<HistoryOutcome> {
    const device = this.devices.register().devices.get(request.deviceId);
    if (device === undefined) return { ok: false, reason: 'unknown-device', name: request.deviceId };
    const metrics: MetricColumn[] = [];
    const table = readingTable(device.deviceClass);
    for (const name of new Set(request.metrics ?? table.metrics.map((metric) => metric.name))) {
      const metric = table.metrics.find((candidate) => candidate.name === name);
      if (metric === undefined) return { ok: false, reason: 'unknown-metric', name };
      metrics.push(metric);
    }
    const found = await this.#find(table, metrics, [device], request);
    return found.ok ? { ok: true, history: toHistory(device, found.resolution, metrics, found.rows) } : found;
  }

  /** One metric of many devices of a class: at most 2,000 points each and 20,000 in all. */
  async metricHistory(request: MetricHistoryRequest): Promise<MetricHistoryOutcome> {
    const table = readingTable(request.deviceClass);
    const metric = table.metrics.find(({ name }) => name === request.metric);
    if (metric === undefined) return { ok: false, reason: 'unknown-metric', name: request.metric };
    const ids = [...new Set(request.deviceIds)];
    if (ids.length > MAX_COMPARED_DEVICES) return { ok: false, reason: 'too-many-devices' };
    const devices: RegisteredDevice[] = [];
    for (const id of ids) {
      const device = this.devices.register().devices.get(id);
      if (device?.deviceClass !== request.deviceClass) return { ok: false, reason: 'unknown-device', name: id };
      devices.push(device);
    }
    const found = await this.#find(table, [metric], devices, request);
    return found.ok ? { ok: true, history: toMetricHistory(devices, found.resolution, metric, found.rows) } : found;
  }

  async #find(
    table: ReadingTable,
    metrics: readonly MetricColumn[],
    devices: readonly RegisteredDevice[],
    { fromMs, toMs, resolution: wanted }: SpanRequest,
  ): Promise<FoundRows> {
    if (!(fromMs < toMs) || toMs - fromMs > MAX_SPAN_MS) return { ok: false, reason: 'bad-span' };
    const maxPoints = pointsEach(devices.length);
    const request = {
      fromMs,
      toMs,
      nowMs: this.clock.now(),
      reportingIntervalMs: Math.min(...devices.map(({ reportingIntervalMs }) => reportingIntervalMs)),
      maxPoints,
      reach: this.#reach(),
    };
    if (wanted !== null && exceedsPoints(wanted, request)) return { ok: false, reason: 'too-many-points' };
    const most = maxPoints * devices.length;
    // One more than allowed: whoever reports more often than registered has more points than the span promised.
    const span = { deviceNos: devices.map(({ no }) => no), fromMs, toMs, limit: most + 1 };
    for (const resolution of wanted === null ? resolutionsFor(request) : [wanted]) {
      const rows =
        resolution === 'raw'
          ? await this.repository.raw(this.database, table, metrics, span)
          : await this.repository.rollup(this.database, table, metrics, resolution, span);
      if (rows.length <= most) return { ok: true, resolution, rows };
    }
    return { ok: false, reason: 'too-many-points' };
  }

  #reach(): Reach {
    const policy = this.#policy;
    return {
      rawMs: policy?.rawRetentionMs ?? Infinity,
      rollup5minMs: policy?.rollup5minRetentionMs ?? Infinity,
      rollup1hMs: policy?.rollup1hRetentionMs ?? Infinity,
    };
  }

  async #loadLatest(): Promise<void> {
    const byNo = new Map<number, RegisteredDevice>();
    for (const device of this.devices.register().devices.values()) byNo.set(device.no, device);
    const sinceMs = this.clock.now() - (this.#policy?.maxBackfillMs ?? 0);
    for (const deviceClass of DEVICE_CLASS_IDS) {
      const numbers = [...byNo.values()].filter((device) => device.deviceClass === deviceClass).map(({ no }) => no);
      for (const stored of await this.repository.latest(this.database, deviceClass, numbers, sinceMs)) {
        const device = byNo.get(stored.deviceNo);
        if (device !== undefined) this.#latest.set(device.id, loadedReading(device, stored, this.clock.now()));
      }
    }
  }

  #follow(register: Register): void {
    for (const [id, reading] of this.#latest) {
      const device = register.devices.get(id);
      if (device === undefined) this.#latest.delete(id);
      else if (device !== reading.device) this.#latest.set(id, { ...reading, device });
    }
  }

  #keepStorage(): void {
    this.#upkeepRun = this.#upkeepRun.then(async () => {
      try {
        this.#covered = await this.repository.keepStorage(this.database, this.clock.now());
      } catch (error) {
        // Writing goes on: days without a partition get theirs with the first reading that needs one.
        this.logger.error({ err: error }, 'upkeep of the reading tables failed; it is tried again in an hour');
      }
    });
  }
}

/** A sample time that lies ahead of its arrival is a device's wrong clock: it was taken live by arrival. */
function loadedReading(device: RegisteredDevice, stored: StoredReading, nowMs: number): Reading {
  const offsetMs = stored.atMs - stored.receivedAtMs;
  return {
    device,
    atMs: stored.atMs,
    receivedAtMs: stored.receivedAtMs,
    // Our own clock may have been set right since.
    effectiveAtMs: Math.min(offsetMs > MAX_AHEAD_MS ? stored.receivedAtMs : stored.atMs, nowMs),
    seq: stored.seq,
    live: true,
    clockOffsetMs: offsetMs > MAX_AHEAD_MS ? offsetMs : null,
    metrics: stored.metrics,
    suspect: stored.suspect,
  };
}
