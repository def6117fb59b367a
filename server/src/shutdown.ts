import type { Logger } from 'pino';

interface Step {
  readonly what: string;
  readonly stop: () => Promise<void> | void;
}

/** A step that takes longer is left behind: a console that does not end is worse than one that ends hard. */
const STEP_TIMEOUT_MS = 20_000;

/**
 * What has to be undone, last begun first: filled while the console starts, run once when it stops or when the start fails.
 * A step that fails is logged and does not keep the others from running.
 */
export class Shutdown {
  readonly #steps: Step[] = [];
  #done: Promise<void> | null = null;

  constructor(private readonly logger: Logger) {}

  add(what: string, stop: () => Promise<void> | void): void {
    this.#steps.push({ what, stop });
  }

  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    for (const { what, stop } of this.#steps.reverse()) {
      this.logger.debug(`Stopping: ${what}`);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`not within ${STEP_TIMEOUT_MS / 1_000} s`)), STEP_TIMEOUT_MS);
      });
      try {
        await Promise.race([stop(), late]);
      } catch (error) {
        this.logger.error({ err: error }, `Could not stop: ${what}`);
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
