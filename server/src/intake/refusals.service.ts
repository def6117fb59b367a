import { Inject, Injectable } from '@nestjs/common';
import type { Clock, ENDPOINTS, ParsedBodyOf } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { DevicesService, type AdoptOutcome } from '../devices/devices.service.js';
import { Database, type Tx } from '../platform/database/database.js';
import { CLOCK, CONFIG, LOGGER } from '../platform/platform.module.js';
import type { IntakeBatch } from './batch.js';
import { IntakeRepository } from './intake.repository.js';
import type { LetterCountRow, LetterRow, QuarantineRow } from './refusal-row.js';

/** Most devices in the quarantine's list. */
const MOST_QUARANTINED = 5_000;
const DAY_MS = 86_400_000;
const COUNTS_KEPT_MS = 90 * DAY_MS;
const SHOWN_COUNTS_MS = DAY_MS;
/** The list is cut back once it is so much longer than its limit. */
const LETTERS_BEYOND = 200;

/** What was not taken: dead letters and the quarantine, both bounded. */
@Injectable()
export class RefusalsService {
  #quarantined = 0;
  #lettersSincePrune = 0;
  #countsPrunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly repository: IntakeRepository,
    private readonly devices: DevicesService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.repository.pruneLetters(this.database, this.config.deadLetterLimit);
    await this.repository.dropRegistered(this.database);
    this.#quarantined = await this.repository.countQuarantined(this.database);
  }

  /** Quarantined devices that are not ignored. */
  get quarantinedDevices(): number {
    return this.#quarantined;
  }

  /** Writes what a batch did not take, in its transaction. */
  async write(tx: Tx, batch: IntakeBatch, nowMs: number): Promise<void> {
    const { letters, rejections, quarantine } = batch;
    if (rejections.size > 0) {
      await this.repository.insertLetters(tx, letters);
      await this.repository.countRejections(tx, nowMs, rejections);
      this.#lettersSincePrune += letters.length;
      if (this.#lettersSincePrune > LETTERS_BEYOND) {
        await this.repository.pruneLetters(tx, this.config.deadLetterLimit);
        this.#lettersSincePrune = 0;
      }
      if (nowMs - this.#countsPrunedAtMs > DAY_MS) {
        await this.repository.pruneCounts(tx, nowMs - COUNTS_KEPT_MS);
        this.#countsPrunedAtMs = nowMs;
      }
    }
    if (quarantine.size > 0) {
      const added = await this.repository.noteQuarantined(tx, [...quarantine.values()]);
      if (added) {
        await this.repository.pruneQuarantine(tx, MOST_QUARANTINED);
        this.#quarantined = await this.repository.countQuarantined(tx);
      }
    }
  }

  /** After the register changed: what is registered by now is not in quarantine any more. */
  async forgetRegistered(): Promise<void> {
    try {
      await this.repository.dropRegistered(this.database);
      this.#quarantined = await this.repository.countQuarantined(this.database);
    } catch (error) {
      this.logger.warn(
        { err: error },
        'the quarantine could not be compared with the register; the next change tries again',
      );
    }
  }

  /** Newest first; one more than `limit` when there are more. */
  listLetters(
    filter: { readonly beforeId: number | null; readonly reason: string | null; readonly text: string | null },
    limit: number,
  ): Promise<readonly LetterRow[]> {
    return this.repository.listLetters(this.database, filter, limit + 1);
  }

  /** Rejections of the last 24 hours by hour and reason, newest hour first. */
  letterCounts(): Promise<readonly LetterCountRow[]> {
    return this.repository.letterCounts(this.database, this.clock.now() - SHOWN_COUNTS_MS);
  }

  /** By id; one more than `limit` when there are more. */
  listQuarantine(
    filter: { readonly ignored: boolean | null; readonly afterId: string | null },
    limit: number,
  ): Promise<readonly QuarantineRow[]> {
    return this.repository.listQuarantine(this.database, filter, limit + 1);
  }

  /** Registers a quarantined device and takes it off the list, in one transaction. */
  async adopt(id: string, body: ParsedBodyOf<typeof ENDPOINTS.adoptDevice>, actor: string): Promise<AdoptOutcome> {
    return this.devices.adopt(id, body, actor, (tx) => this.repository.removeQuarantined(tx, id));
  }

  /** Answers whether the device is listed. */
  async setIgnored(id: string, ignored: boolean): Promise<boolean> {
    const listed = await this.repository.setIgnored(this.database, id, ignored);
    if (listed) this.#quarantined = await this.repository.countQuarantined(this.database);
    return listed;
  }
}
