import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../platform/database/database.js';
import { LOGGER } from '../platform/platform.module.js';
import { AlarmRulesService } from './alarm-rules.service.js';
import { Baselines, leastBuckets, wantedBaselines, type Baseline } from './baseline.js';
import { BaselinesRepository } from './baselines.repository.js';

const DAY_MS = 86_400_000;

/** What is usual for each device, by which rules judge it. Made once a day beside the intake, and kept. */
@Injectable()
export class BaselinesService {
  #current = new Baselines();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly repository: BaselinesRepository,
    private readonly rules: AlarmRulesService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    this.#current = new Baselines(await this.repository.load(this.database));
  }

  current(): Baselines {
    return this.#current;
  }

  /** Makes anew what the rules ask for, from the roll-ups of the days before; one after the other. Never rejects. */
  judge(nowMs: number): Promise<void> {
    this.#running = this.#running.then(() => this.#judge(nowMs));
    return this.#running;
  }

  async #judge(nowMs: number): Promise<void> {
    try {
      const baselines: Baseline[] = [];
      for (const wanted of wantedBaselines(this.rules.book().rules.values())) {
        const span = { fromMs: nowMs - wanted.days * DAY_MS, toMs: nowMs, leastBuckets: leastBuckets(wanted.days) };
        baselines.push(...(await this.repository.medians(this.database, wanted, span)));
      }
      await this.database.transaction((tx) => this.repository.replace(tx, baselines, nowMs));
      this.#current = new Baselines(baselines);
    } catch (error) {
      this.logger.warn({ err: error }, 'what is usual for devices was not judged; what was known counts on');
    }
  }
}
