/**
 * The sample times that could not be sent, oldest first. Because a reading is a function of its time, times are all that has
 * to be kept. Bounded: beyond `limit` the oldest go, as in a device whose memory is full.
 */
export class Backlog<T> {
  private items: T[] = [];
  private head = 0;
  dropped = 0;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
    if (this.size > this.limit) {
      this.head++;
      this.dropped++;
    }
    this.compact();
  }

  take(): T | undefined {
    const item = this.items[this.head];
    if (this.size > 0) this.head++;
    this.compact();
    return item;
  }

  private compact(): void {
    if (this.head < 1_024 || this.head * 2 < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
