import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, DeviceClassId } from '@ioc/contract';
import type { Logger } from 'pino';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { lateBeforeMs, lateHours, settlingAt, type Settling } from './late-readings.js';
import { ReadingsRepository } from './readings.repository.js';
import type { Reading } from './reading.js';

/** Late readings show within ten minutes; a full hour of 4,000 devices is stored within one. */
const INTERVAL_MS = 60_000;
const LEAST_INTERVAL_MS = 1_000;
/** An hour of so many devices with a reading every 10 s took 0.6 s of one core. */
const DEVICES_AT_A_TIME = 500;
/** After each piece of work the database rests as long as it took, at most this. */
const LONGEST_REST_MS = 5_000;

/**
 * Keeps the stored roll-ups of a database without TimescaleDB: notes the hours of readings that come late, and stores hour
 * after hour in the background, in small pieces, at most half of one core. With TimescaleDB, whose own jobs do this, it does
 * nothing.
 */
@Injectable()
export class RollupsService {
  readonly #settling: Settling;
  /** Null: roll-ups are not ours to store. */
  #storedUntilMs: number | null = null;
  #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #run: Promise<void> = Promise.resolve();

  constructor(
    private readonly repository: ReadingsRepository,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#settling = settlingAt(clock.speed);
  }

  /** After the storage policy, which says whether roll-ups are stored by us. */
  async start(storedByUs: boolean): Promise<void> {
    if (!storedByUs) return;
    this.#storedUntilMs = await this.repository.rolledUpUntil(this.database);
    this.#stopping = new AbortController();
    const everyMs = Math.max(INTERVAL_MS / this.clock.speed, LEAST_INTERVAL_MS);
    const next = () => {
      this.#timer = setTimeout(() => {
        this.#run = this.#pass().then(() => {
          if (!this.#stopping.signal.aborted) next();
        });
      }, everyMs);
      this.#timer.unref();
    };
    next();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#run;
  }

  /** Within the transaction that writes these readings of a class: notes the hours that may be stored already. */
  async noteLate(tx: Tx, deviceClass: DeviceClassId, readings: readonly Reading[]): Promise<void> {
    if (this.#storedUntilMs === null) return;
    const hours = lateHours(readings, lateBeforeMs(this.clock.now(), this.#storedUntilMs, this.#settling));
    if (hours.length > 0) await this.repository.noteLate(tx, deviceClass, hours);
  }

  /**
   * Stores what there is to store by now, late hours first, piece by piece.
   *
   * @returns how many pieces it stored.
   */
  async catchUp(): Promise<number> {
    for (let pieces = 0; ; pieces += 1) {
      const began = performance.now();
      const piece = await this.database.transaction((tx) =>
        this.repository.rollUp(tx, this.clock.now(), this.#settling.settledMs, DEVICES_AT_A_TIME),
      );
      if (piece === null) return pieces;
      const restMs = Math.min(performance.now() - began, LONGEST_REST_MS);
      const { signal } = this.#stopping;
      const stopped = await delay(restMs, false, { signal, ref: false }).catch(() => true);
      if (stopped) return pieces + 1;
    }
  }

  async #pass(): Promise<void> {
    try {
      await this.catchUp();
    } catch (error) {
      // What is not stored is computed from the readings: charts stay right, and the readings wait for it.
      this.logger.error({ err: error }, 'the roll-ups of readings could not be stored; it is tried again in a minute');
    }
  }
}
