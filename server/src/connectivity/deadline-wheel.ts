/**
 * When the silence of which device is to be looked at next: one entry per id, in buckets of a second, so that a second costs
 * what is due in it and not a walk over every device. Entries are lazy: a device that speaks does not move its entry; when
 * the entry comes due, the caller sees that it spoke and sets a later one.
 */
export class DeadlineWheel {
  readonly #buckets = new Map<number, Set<string>>();
  readonly #bucketOf = new Map<string, number>();
  /** Every bucket before this one is empty. */
  #floor = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#bucketOf.size;
  }

  /** Replaces the id's entry. */
  set(id: string, atMs: number): void {
    const bucket = Math.ceil(atMs / BUCKET_MS);
    const before = this.#bucketOf.get(id);
    if (before === bucket) return;
    if (before !== undefined) this.#remove(id, before);
    this.#bucketOf.set(id, bucket);
    const ids = this.#buckets.get(bucket);
    if (ids === undefined) this.#buckets.set(bucket, new Set([id]));
    else ids.add(id);
    this.#floor = Math.min(this.#floor, bucket);
  }

  delete(id: string): void {
    const bucket = this.#bucketOf.get(id);
    if (bucket === undefined) return;
    this.#remove(id, bucket);
    this.#bucketOf.delete(id);
  }

  /** Ids whose moment has come, at most `limit`, without taking them off. */
  due(nowMs: number, limit: number): string[] {
    const found: string[] = [];
    const last = Math.floor(nowMs / BUCKET_MS);
    // A clock that leapt far ahead must not cost a step for every second of the leap.
    const span = last - this.#floor;
    const buckets =
      span > this.#buckets.size
        ? [...this.#buckets.keys()].filter((bucket) => bucket <= last).sort((a, b) => a - b)
        : Array.from({ length: Math.max(0, span + 1) }, (_, step) => this.#floor + step);
    for (const bucket of buckets) {
      const ids = this.#buckets.get(bucket);
      if (ids === undefined) {
        if (bucket === this.#floor) this.#floor = bucket + 1;
        continue;
      }
      for (const id of ids) {
        if (found.length >= limit) return found;
        found.push(id);
      }
    }
    return found;
  }

  #remove(id: string, bucket: number): void {
    const ids = this.#buckets.get(bucket);
    if (ids === undefined) return;
    ids.delete(id);
    if (ids.size === 0) this.#buckets.delete(bucket);
  }
}

const BUCKET_MS = 1_000;
