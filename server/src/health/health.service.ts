import { Inject, Injectable } from '@nestjs/common';
import { simulates, type Config } from '../config/config.js';
import type { Visibility } from '../connectivity/visibility.js';
import { IntakeService } from '../intake/intake.service.js';
import type { StoragePolicy } from '../platform/database/storage-policy.js';
import type { MessageSource } from '../platform/mqtt/message-source.js';
import { CONFIG, MESSAGE_SOURCE } from '../platform/platform.module.js';
import { HealthRepository } from './health.repository.js';

/** What `/health/ready` tells whoever may know. Times in ms. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly database: { readonly answers: boolean; readonly tookMs: number; readonly embedded: boolean };
  readonly broker: { readonly connected: boolean; readonly embedded: boolean };
  readonly intake: {
    readonly seeing: boolean;
    readonly reason: Visibility['reason'];
    readonly since: string;
    /** From arrival to commit of the last batch. */
    readonly lagMs: number;
    readonly unacknowledged: number;
    readonly readingsPerS: number;
  };
  /** Whether alarms are judged and people are told of them; if not, since when, and which of the two fails. */
  readonly alarms: {
    readonly judged: boolean;
    readonly told: boolean;
    readonly since: string | null;
  };
  /** Which of the two storage policies is active; null while the database does not answer. */
  readonly storage: Pick<StoragePolicy, 'profile' | 'extensionVersion' | 'rawRetentionMs'> | null;
  readonly simulated: boolean;
}

/** A database that takes longer is as good as away. */
const PING_TIMEOUT_MS = 2_000;

/** Whether the console can do its work now. */
@Injectable()
export class HealthService {
  /** Read once: it changes with a start only. */
  #policy: StoragePolicy | null = null;

  constructor(
    private readonly repository: HealthRepository,
    private readonly intake: IntakeService,
    @Inject(MESSAGE_SOURCE) private readonly source: MessageSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async readiness(): Promise<Readiness> {
    const database = await this.#database();
    const { connected } = this.source.state();
    const visibility = this.intake.visibility();
    const stats = this.intake.stats();
    const standstill = this.intake.standstill();
    // A backlog that drains is work, not a failure.
    const working = visibility.seeing || visibility.reason === 'lag';
    return {
      status: database.answers && connected && working && standstill === null ? 'ready' : 'not-ready',
      database: { ...database, embedded: this.config.databaseUrl === undefined },
      broker: { connected, embedded: this.config.mqttUrl === undefined },
      intake: {
        seeing: visibility.seeing,
        reason: visibility.reason,
        since: new Date(visibility.sinceMs).toISOString(),
        lagMs: stats.commitLagMs,
        unacknowledged: stats.unacknowledged,
        readingsPerS: stats.readingsPerS,
      },
      alarms: {
        judged: standstill?.consequence !== 'alarms',
        told: standstill === null,
        since: standstill === null ? null : new Date(standstill.sinceMs).toISOString(),
      },
      storage: this.#policy && {
        profile: this.#policy.profile,
        extensionVersion: this.#policy.extensionVersion,
        rawRetentionMs: this.#policy.rawRetentionMs,
      },
      simulated: simulates(this.config),
    };
  }

  async #database(): Promise<{ readonly answers: boolean; readonly tookMs: number }> {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the database does not answer')), PING_TIMEOUT_MS);
    });
    const asked = this.repository.ping().then(async () => {
      this.#policy ??= await this.repository.storagePolicy();
    });
    // It may still fail after we have stopped waiting.
    asked.catch(() => undefined);
    const answers = await Promise.race([asked, late]).then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    return { answers, tookMs: Math.round(performance.now() - startedAt) };
  }
}
