/**
 * Tells whether messages that were held up are arriving: after a time in which we could not see, or at the start, until they
 * are as young as they usually are, or until they get no younger. Times are real, monotonic ms; ages are of our clock.
 */
export class Backlog {
  #draining = true;
  readonly #ages: number[] = [];
  #quietSeconds = 0;
  #stuckSeconds = 0;
  #lastMedianMs = Number.POSITIVE_INFINITY;

  /** `youngMs`: how old a message may be that was not held up. */
  constructor(private readonly youngMs: number) {}

  get draining(): boolean {
    return this.#draining;
  }

  /** We can see again, or for the first time. */
  begin(): void {
    this.#draining = true;
    this.#ages.length = 0;
    this.#quietSeconds = 0;
    this.#stuckSeconds = 0;
    this.#lastMedianMs = Number.POSITIVE_INFINITY;
  }

  onAge(ageMs: number): void {
    if (this.#draining && this.#ages.length < AGES_PER_S) this.#ages.push(ageMs);
  }

  /** Once a second of real time. */
  second(): void {
    if (!this.#draining) return;
    if (this.#ages.length === 0) {
      this.#quietSeconds += 1;
      if (this.#quietSeconds >= QUIET_S) this.#draining = false;
      return;
    }
    this.#quietSeconds = 0;
    const sorted = this.#ages.toSorted((a, b) => a - b);
    const medianMs = sorted[Math.floor(sorted.length / 2)] ?? 0;
    this.#ages.length = 0;
    // A backlog that drains gets younger; devices with slow clocks do not.
    this.#stuckSeconds = medianMs < this.#lastMedianMs - GETS_YOUNGER_MS ? 0 : this.#stuckSeconds + 1;
    if (this.#stuckSeconds === 0) this.#lastMedianMs = medianMs;
    if (medianMs <= this.youngMs || this.#stuckSeconds >= STUCK_S) this.#draining = false;
  }
}

/** Ages looked at in one second. */
const AGES_PER_S = 500;
/** Nothing for so long: nothing is waiting. */
const QUIET_S = 2;
const STUCK_S = 10;
const GETS_YOUNGER_MS = 1_000;
