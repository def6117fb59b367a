/** How many messages and readings came to which end, since the start. */
export interface IntakeCount {
  readonly result: 'ok' | 'drop' | 'reject';
  readonly reason: string;
  readonly count: number;
}

const RATE_WINDOW_S = 10;
const MINUTES = 60;

/** Bounded counts and rates of the intake. The caller calls `second()` once a second of real time. */
export class IntakeCounters {
  readonly #results = {
    ok: new Map<string, Tally>(),
    drop: new Map<string, Tally>(),
    reject: new Map<string, Tally>(),
  };
  readonly #committedInSecond: number[] = [];
  readonly #rejectedInMinute: number[] = [0];
  #committed = 0;
  #seconds = 0;
  /** Metrics that their class does not have. */
  unknownMetrics = 0;
  /** Readings that were there already. */
  duplicates = 0;
  /** Observations that were committed without what they lead to. */
  leftOut = 0;
  /** Messages taken from the broker. */
  messages = 0;

  count(result: IntakeCount['result'], reason: string): void {
    const tallies = this.#results[result];
    const tally = tallies.get(reason);
    if (tally === undefined) tallies.set(reason, { count: 1 });
    else tally.count += 1;
    if (result === 'reject') this.#rejectedInMinute[0] = (this.#rejectedInMinute[0] ?? 0) + 1;
  }

  committed(readings: number): void {
    this.#committed += readings;
  }

  second(): void {
    this.#committedInSecond.push(this.#committed);
    this.#committed = 0;
    if (this.#committedInSecond.length > RATE_WINDOW_S) this.#committedInSecond.shift();
    this.#seconds += 1;
    if (this.#seconds % 60 === 0) {
      this.#rejectedInMinute.unshift(0);
      if (this.#rejectedInMinute.length > MINUTES) this.#rejectedInMinute.pop();
    }
  }

  /** Committed readings per second, mean of the last 10 s. */
  readingsPerS(): number {
    const seconds = this.#committedInSecond.length;
    return seconds === 0 ? 0 : this.#committedInSecond.reduce((sum, count) => sum + count, 0) / seconds;
  }

  rejectedInLastHour(): number {
    return this.#rejectedInMinute.reduce((sum, count) => sum + count, 0);
  }

  results(): readonly IntakeCount[] {
    return RESULTS.flatMap((result) =>
      Array.from(this.#results[result], ([reason, { count }]) => ({ result, reason, count })),
    );
  }
}

const RESULTS = ['ok', 'drop', 'reject'] as const;

interface Tally {
  count: number;
}
