/** Calls back in a later turn of the event loop, passed in so that tests need not wait. */
export type NextTurn = (call: () => void) => void;

/**
 * Work that is done one piece per turn of the event loop, in the order in which it came: however many screens come back at
 * once, everything else has its turn between two of their answers. Whoever adds to it bounds how much.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly nextTurn: NextTurn) {}

  add(work: () => void): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) this.nextTurn(() => this.#take());
  }

  #take(): void {
    const work = this.#waiting[0];
    try {
      work?.();
    } finally {
      this.#waiting.shift();
      if (this.#waiting.length > 0) this.nextTurn(() => this.#take());
    }
  }
}
