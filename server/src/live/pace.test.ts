import { describe, expect, it } from 'vitest';
import { Pace, type Timer } from './pace.js';

/** Time that passes only where a test says so. */
class HandTimer implements Timer {
  #nowMs = 0;
  #calls: { readonly atMs: number; readonly call: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  pass(ms: number): void {
    for (const end = this.#nowMs + ms; this.#nowMs <= end; this.#nowMs += 1) {
      const due = this.#calls.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#calls = this.#calls.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { call } of due) call();
    }
    this.#nowMs -= 1;
  }
}

function paced() {
  const timer = new HandTimer();
  const flushes: number[] = [];
  return { timer, flushes, pace: new Pace(timer, () => flushes.push(timer.nowMs())) };
}

describe('a pace', () => {
  it('answers the first ask after a quiet time at once, and later ones together when the interval is over', () => {
    const { timer, flushes, pace } = paced();
    pace.ask(50);
    timer.pass(0);
    for (let asks = 0; asks < 10; asks += 1) {
      pace.ask(50);
      timer.pass(3);
    }
    timer.pass(100);
    expect(flushes).toEqual([0, 50]);
  });

  it('lets what is urgent bring forward what is not', () => {
    const { timer, flushes, pace } = paced();
    pace.ask(250);
    timer.pass(0);
    pace.ask(250);
    timer.pass(20);
    pace.ask(50);
    timer.pass(300);
    expect(flushes).toEqual([0, 50]);
  });

  it('does nothing more once it is stopped', () => {
    const { timer, flushes, pace } = paced();
    pace.ask(50);
    pace.stop();
    timer.pass(100);
    expect(flushes).toEqual([]);
  });
});
