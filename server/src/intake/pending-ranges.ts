/** A part of a batch, by index: from, up to and without to. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface RefusedItem {
  readonly index: number;
  readonly error: unknown;
}

/**
 * What is left to commit of a batch of `length` items. First the whole; a range whose data the database refuses is halved,
 * until the item at fault stands alone. An empty batch is one empty range: it carries rejections only.
 */
export class PendingRanges {
  #ranges: Range[];
  #refused: RefusedItem[] = [];
  #committedAny = false;

  constructor(length: number) {
    this.#ranges = [{ from: 0, to: length }];
  }

  /** The next range to commit; null when all are done. */
  get next(): Range | null {
    return this.#ranges[0] ?? null;
  }

  /** Whether the next range is all that there is left. */
  get last(): boolean {
    return this.#ranges.length === 1 && this.#refused.length === 0;
  }

  get refused(): readonly RefusedItem[] {
    return this.#refused;
  }

  /** Whether the database took any item: only then are those that it refused at fault. */
  get committedAny(): boolean {
    return this.#committedAny;
  }

  onCommitted(): void {
    const range = this.#ranges.shift();
    if (range !== undefined && range.to > range.from) this.#committedAny = true;
  }

  onRefused(error: unknown): void {
    const range = this.#ranges[0];
    if (range === undefined) return;
    const { from, to } = range;
    if (to - from > 1) {
      this.halve();
      return;
    }
    this.#ranges.shift();
    if (to > from) this.#refused.push({ index: from, error });
  }

  /** The next range is tried in two halves; it has two items or more. */
  halve(): void {
    const range = this.#ranges.shift();
    if (range === undefined) return;
    const { from, to } = range;
    const middle = Math.floor((from + to) / 2);
    this.#ranges.unshift({ from, to: middle }, { from: middle, to });
  }

  /** The refused items are dealt with; their rejections are still to be written. */
  settleRefused(): void {
    this.#refused = [];
    this.#ranges.push({ from: 0, to: 0 });
  }

  /** From the beginning, with more items. */
  restart(length: number): void {
    this.#refused = [];
    this.#ranges = [{ from: 0, to: length }];
  }
}
