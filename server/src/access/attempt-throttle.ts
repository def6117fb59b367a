/** How often one may fail before waiting: the first `free` failures cost nothing, then the wait doubles from `firstWaitMs`. */
export interface AttemptPolicy {
  readonly free: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A key that has not failed for so long is forgotten. */
  readonly forgetAfterMs: number;
}

export interface AttemptKey {
  readonly key: string;
  readonly policy: AttemptPolicy;
}

interface Failures {
  count: number;
  lastAtMs: number;
  blockedUntilMs: number;
}

/**
 * Slows down guessing. An attempt counts as a failure from its beginning, so that many at once are no way around it, and is
 * taken back when it succeeds. Holds at most `capacity` keys: beyond it the ones that failed longest ago are forgotten.
 */
export class AttemptThrottle {
  readonly #failures = new Map<string, Failures>();

  constructor(private readonly capacity: number) {}

  /** Begins an attempt under all keys. Answers 0, or how many milliseconds to wait when any of them is blocked; then nothing is counted. */
  begin(keys: readonly AttemptKey[], nowMs: number): number {
    const waitMs = Math.max(
      0,
      ...keys.map(({ key, policy }) => (this.#current(key, policy, nowMs)?.blockedUntilMs ?? 0) - nowMs),
    );
    if (waitMs > 0) return waitMs;
    for (const { key, policy } of keys) {
      const count = (this.#current(key, policy, nowMs)?.count ?? 0) + 1;
      const over = count - policy.free;
      const waitAfterMs = over < 0 ? 0 : Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** Math.min(over, 30));
      // Deleting first moves the key to the end: the map's order is the order of the last failure.
      this.#failures.delete(key);
      this.#failures.set(key, { count, lastAtMs: nowMs, blockedUntilMs: nowMs + waitAfterMs });
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= this.capacity) break;
      this.#failures.delete(key);
    }
    return 0;
  }

  /** The attempt succeeded: what was counted under these keys is forgotten. */
  succeed(keys: readonly AttemptKey[]): void {
    for (const { key } of keys) this.#failures.delete(key);
  }

  get size(): number {
    return this.#failures.size;
  }

  #current(key: string, policy: AttemptPolicy, nowMs: number): Failures | undefined {
    const failures = this.#failures.get(key);
    if (failures === undefined) return undefined;
    const idle = nowMs - failures.lastAtMs;
    // A clock that jumped back counts as idle too: otherwise a block would last until it has caught up.
    if (idle < 0 || (idle > policy.forgetAfterMs && failures.blockedUntilMs <= nowMs)) {
      this.#failures.delete(key);
      return undefined;
    }
    return failures;
  }
}
