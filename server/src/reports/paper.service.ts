import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { SituationReport } from '@ioc/contract';
import type { Logger } from 'pino';
import { LOGGER } from '../platform/platform.module.js';
import { PaperThread, type PaperOutcome } from './paper-thread.js';
import type { ReportLanguage } from './report-words.js';

const MAX_KEPT = 8;
/** A page takes 0.2 s and, while the thread starts and reads its fonts, 1.5 s; the rest is for a machine that is busy. */
const TIMEOUT_MS = 30_000;
/** Different reports at once; what many ask for is made once. */
const MOST_WAITING = 8;
/** Many times what a page takes; a thread beyond it ends, and not the console. */
const MOST_MEMORY_MB = 192;

/** Of the same kind as this file: compiled beside the compiled, source beside the source. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './paper-worker.ts' : './paper-worker.js', import.meta.url);

/** Reports as PDF, made in a thread of their own. One that everybody asks for at once is made once; the last 8 are kept, 30 KiB each. */
@Injectable()
export class PaperService implements OnModuleDestroy {
  readonly #made = new Map<string, Promise<PaperOutcome>>();
  readonly #thread = new PaperThread({
    start: () => new Worker(PROGRAM, { resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB } }),
    timeoutMs: TIMEOUT_MS,
    mostWaiting: MOST_WAITING,
  });

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  async pdf(report: SituationReport, language: ReportLanguage): Promise<PaperOutcome> {
    const key = `${language} ${createHash('sha256').update(JSON.stringify(report)).digest('base64')}`;
    const known = this.#made.get(key);
    if (known !== undefined) return await known;
    const made = this.#thread.make({ report, language });
    this.#made.set(key, made);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= MAX_KEPT) break;
      this.#made.delete(oldest);
    }
    const outcome = await made;
    if (!outcome.ok) {
      // Tried again by whoever asks next.
      if (this.#made.get(key) === made) this.#made.delete(key);
      this.logger.warn({ reason: outcome.reason, detail: outcome.detail }, 'A report was not made as PDF');
    }
    return outcome;
  }

  async onModuleDestroy(): Promise<void> {
    await this.#thread.end();
  }
}
