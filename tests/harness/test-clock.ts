import type { Clock } from '@ioc/contract';

/** A clock that runs as the real one does, and jumps ahead when told: nothing is waited for. */
export class TestClock implements Clock {
  readonly speed = 1;
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}
