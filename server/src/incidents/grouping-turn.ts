/**
 * Who groups now: the intake's committer, from the beginning of its transaction until what it wrote is current, or a person
 * who splits or merges. One waits for the other before it touches the database, so that neither works with alarms that the
 * other is moving, and neither holds rows while it waits.
 */
export class GroupingTurn {
  #owner: 'committer' | 'person' | null = null;
  readonly #waiting: (() => void)[] = [];

  /** The committer's. Its turn after a failed transaction goes on with the next one. */
  async begin(): Promise<void> {
    while (this.#owner === 'person') await this.#next();
    this.#owner = 'committer';
  }

  /** The committer's transaction is current. */
  end(): void {
    if (this.#owner === 'committer') this.#free();
  }

  /** Whether the committer began a turn that has not ended: after a failed transaction it must come again. */
  get begun(): boolean {
    return this.#owner === 'committer';
  }

  /** A person's. `work` makes what it wrote current before it resolves. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#owner !== null) await this.#next();
    this.#owner = 'person';
    try {
      return await work();
    } finally {
      this.#free();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Wakes all: whoever comes first takes the turn, and the others wait again. */
  #free(): void {
    this.#owner = null;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
