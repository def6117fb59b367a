import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { Database, type HeldLock } from '../platform/database/database.js';
import { CLOCK, LOGGER } from '../platform/platform.module.js';
import { DeliveriesService, type Delivery } from './deliveries.service.js';
import { OutboxRepository, type ClaimedNotification } from './outbox.repository.js';
import { nextAttemptAtMs } from './retry.js';

/** Any number, as long as every sender of a database uses the same. */
const SENDER_LOCK = 5_118_017_005;
const LANES_AT_ONCE = 32;
const STOP_WITHIN_MS = 3_000;
const RECORD_AGAIN_MS = 500;

/**
 * Sends what stands in the outbox. One sender at a time, by a lock in the database. Every message is marked before it is
 * sent and recorded after: whoever ends in between leaves it marked, and the next sender sends it again under the same key.
 */
@Injectable()
export class OutboxService {
  #lock: HeldLock | null = null;
  readonly #lanes = new Map<string, Promise<void>>();
  #looking: Promise<void> | null = null;
  #stopping = false;

  constructor(
    private readonly database: Database,
    private readonly repository: OutboxRepository,
    private readonly deliveries: DeliveriesService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Looks for lanes with something to send; returns at once. */
  wake(): void {
    if (this.#stopping || this.#looking !== null) return;
    this.#looking = this.#look()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'the outbox could not be read; it is tried again'))
      .finally(() => (this.#looking = null));
  }

  /** Waits a short while for what is being sent; what takes longer is sent again after the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#looking;
    const giveUp = new AbortController();
    await Promise.race([
      Promise.all(this.#lanes.values()),
      delay(STOP_WITHIN_MS, undefined, { signal: giveUp.signal }).catch(() => undefined),
    ]);
    giveUp.abort();
    this.#lock?.release();
    this.#lock = null;
  }

  async #look(): Promise<void> {
    if (!(await this.#isSender())) return;
    const lanes = await this.repository.dueLanes(this.database, new Date(this.clock.now()), LANES_AT_ONCE * 2);
    for (const lane of lanes) {
      if (this.#lanes.has(lane) || this.#lanes.size >= LANES_AT_ONCE || this.#stopping) continue;
      const run = this.#run(lane)
        .catch((error: unknown) => this.logger.warn({ err: error, lane }, 'a message was not sent; it is tried again'))
        .finally(() => this.#lanes.delete(lane));
      this.#lanes.set(lane, run);
    }
  }

  async #isSender(): Promise<boolean> {
    if (this.#lock?.isHeld() === true) return true;
    // What the lost lock let us begin is finished before anything is taken back.
    await Promise.all(this.#lanes.values());
    this.#lock = await this.database.takeLock(SENDER_LOCK);
    if (this.#lock === null) return false;
    const again = await this.repository.takeBack(this.database);
    if (again > 0) this.logger.info({ messages: again }, 'messages of an interrupted sender are sent again');
    return true;
  }

  async #run(lane: string): Promise<void> {
    while (!this.#stopping && this.#lock?.isHeld() === true) {
      const message = await this.repository.claim(this.database, lane, new Date(this.clock.now()));
      if (message === null) return;
      const delivery = await this.#deliver(message);
      await this.#recordUntilDone(lane, message, delivery);
      if (delivery.kind === 'later' && delivery.lane) return;
    }
  }

  async #deliver(message: ClaimedNotification): Promise<Delivery> {
    try {
      return await this.deliveries.deliver(message);
    } catch (error) {
      this.logger.warn({ err: error, key: message.key }, 'a message could not be sent');
      return { kind: 'later', lane: false, askedMs: null, error: 'internal error' };
    }
  }

  /** Its record must not be lost while we are the sender: it would stay marked until the next start. */
  async #recordUntilDone(lane: string, message: ClaimedNotification, delivery: Delivery): Promise<void> {
    for (;;) {
      try {
        await this.#record(lane, message, delivery);
        return;
      } catch (error) {
        if (this.#stopping || this.#lock?.isHeld() !== true) throw error;
        await delay(RECORD_AGAIN_MS);
      }
    }
  }

  async #record(
    lane: string,
    { id, createdAt, attempts, key }: ClaimedNotification,
    delivery: Delivery,
  ): Promise<void> {
    const { repository, database } = this;
    const nowMs = this.clock.now();
    switch (delivery.kind) {
      case 'sent':
        await repository.recordSent(database, id, new Date(nowMs));
        return;
      case 'withdrawn':
        await repository.recordEnd(database, id, 'dropped', delivery.error);
        return;
      case 'never':
        this.logger.warn({ key, error: delivery.error }, 'a message was refused for good');
        await repository.recordEnd(database, id, 'failed', delivery.error);
        return;
      case 'later': {
        const nextMs = nextAttemptAtMs(createdAt.getTime(), attempts, nowMs, delivery.askedMs);
        if (nextMs === null) {
          this.logger.warn({ key, error: delivery.error }, 'a message is given up after a day');
          await repository.recordEnd(database, id, 'failed', delivery.error);
          return;
        }
        await database.transaction(async (tx) => {
          await repository.recordRetry(tx, id, new Date(nextMs), delivery.error);
          if (delivery.lane) await repository.postponeLane(tx, lane, new Date(nextMs));
        });
      }
    }
  }
}
