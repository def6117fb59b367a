import type { Worker } from 'node:worker_threads';
import type { SituationReport } from '@ioc/contract';
import type { ReportLanguage } from './report-words.js';

/** What the thread is sent. */
export interface PaperTask {
  readonly report: SituationReport;
  readonly language: ReportLanguage;
}

/** What it answers. */
export type PaperAnswer = { readonly bytes: Uint8Array } | { readonly error: string };

/**
 * `busy`: as many wait as may wait. `late`: the thread did not answer in time and was ended. `failed`: the page could not be
 * made, or the thread died over it. `ended`: the console is stopping.
 */
export type PaperOutcome =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: 'busy' | 'late' | 'failed' | 'ended'; readonly detail: string };

interface Job {
  readonly task: PaperTask;
  readonly settle: (outcome: PaperOutcome) => void;
}

export interface PaperThreadOptions {
  /** Starts a thread that answers every `PaperTask` with a `PaperAnswer`. */
  readonly start: () => Worker;
  /** Longest time for one page, the start of the thread included; ms. */
  readonly timeoutMs: number;
  readonly mostWaiting: number;
}

/**
 * Makes PDFs in a thread of its own, so that telemetry is judged meanwhile: one thread, kept from the first page on, one page at
 * a time. A thread that dies or hangs costs the page that it had; the next page gets a new one.
 */
export class PaperThread {
  readonly #waiting: Job[] = [];
  #worker: Worker | null = null;
  #job: Job | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(private readonly options: PaperThreadOptions) {}

  /** Never rejects. */
  make(task: PaperTask): Promise<PaperOutcome> {
    if (this.#ended) return Promise.resolve(refusal('ended', 'the console is stopping'));
    if (this.#waiting.length >= this.options.mostWaiting) {
      return Promise.resolve(refusal('busy', `${this.#waiting.length} pages wait already`));
    }
    return new Promise((settle) => {
      this.#waiting.push({ task, settle });
      this.#next();
    });
  }

  /** Ends the thread; what it had and what waits is answered with `ended`. */
  async end(): Promise<void> {
    this.#ended = true;
    const outcome = refusal('ended', 'the console is stopping');
    for (const { settle } of this.#waiting.splice(0)) settle(outcome);
    const worker = this.#worker;
    this.#drop(outcome);
    await worker?.terminate();
  }

  #next(): void {
    if (this.#job !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#job = job;
    try {
      this.#worker ??= this.#start();
      this.#timer = setTimeout(() => this.#late(), this.options.timeoutMs);
      this.#worker.postMessage(job.task);
    } catch (error) {
      this.#drop(refusal('failed', textOf(error)));
    }
  }

  #start(): Worker {
    const worker = this.options.start();
    // What a former thread still says is nobody's answer.
    const mine = (act: () => void) => () => {
      if (this.#worker === worker) act();
    };
    worker.on('message', (answer: PaperAnswer) => mine(() => this.#answered(answer))());
    worker.on('error', (error) => mine(() => this.#drop(refusal('failed', textOf(error))))());
    worker.on('exit', (code) => mine(() => this.#drop(refusal('failed', `its thread ended with ${code}`)))());
    // Waiting for work it keeps no process alive.
    worker.unref();
    return worker;
  }

  #answered(answer: PaperAnswer): void {
    this.#settle('bytes' in answer ? { ok: true, bytes: asBuffer(answer.bytes) } : refusal('failed', answer.error));
  }

  #late(): void {
    const worker = this.#worker;
    this.#drop(refusal('late', `no page within ${this.options.timeoutMs} ms`));
    // What it was busy with is over with it; there is nobody to tell.
    void worker?.terminate().catch(() => undefined);
  }

  /** Without its thread a page is not made. */
  #drop(outcome: PaperOutcome): void {
    this.#worker = null;
    this.#settle(outcome);
  }

  #settle(outcome: PaperOutcome): void {
    const job = this.#job;
    this.#job = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    job?.settle(outcome);
    if (!this.#ended) this.#next();
  }
}

function refusal(
  reason: Extract<PaperOutcome, { ok: false }>['reason'],
  detail: string,
): Extract<PaperOutcome, { ok: false }> {
  return { ok: false, reason, detail };
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);
