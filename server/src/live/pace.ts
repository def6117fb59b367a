/** Real time, passed in so that tests need not wait. */
export interface Timer {
  nowMs(): number;
  /** Calls back once; returns what calls it off. */
  after(delayMs: number, call: () => void): () => void;
}

/**
 * Calls `flush` soon after `ask`, but never twice within an interval: the first ask after a quiet time is answered in the
 * same turn of the event loop's timers, later ones together when the interval is over. Nothing is queued.
 */
export class Pace {
  #lastMs = Number.NEGATIVE_INFINITY;
  #dueAtMs: number | null = null;
  #callOff: () => void = () => undefined;

  constructor(
    private readonly timer: Timer,
    private readonly flush: () => void,
  ) {}

  /** Asks for a flush that may follow the one before after `intervalMs`; the sooner of several asks counts. */
  ask(intervalMs: number): void {
    const nowMs = this.timer.nowMs();
    const dueAtMs = Math.max(nowMs, this.#lastMs + intervalMs);
    if (this.#dueAtMs !== null && this.#dueAtMs <= dueAtMs) return;
    this.#callOff();
    this.#dueAtMs = dueAtMs;
    this.#callOff = this.timer.after(dueAtMs - nowMs, () => {
      this.#dueAtMs = null;
      this.#lastMs = this.timer.nowMs();
      this.flush();
    });
  }

  stop(): void {
    this.#callOff();
    this.#dueAtMs = null;
  }
}
