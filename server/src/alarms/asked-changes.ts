import type { Turn } from './turn.js';

interface Asked {
  readonly run: (turn: Turn) => void;
  readonly settle: () => void;
  readonly giveUp: (reason: Error) => void;
}

/**
 * What people ask of alarms is done in the next turn, in its transaction, so that it never meets a judgement half way. Whoever
 * asks is answered once that is committed; a turn that fails is done again.
 */
export class AskedChanges {
  #asked: readonly Asked[] = [];

  get size(): number {
    return this.#asked.length;
  }

  /** The answer of `change` once it counts. Rejects when the console stops first, or is too busy. */
  ask<R>(change: (turn: Turn) => R): Promise<R> {
    if (this.#asked.length >= MOST_ASKED) return Promise.reject(new Error('too many changes of alarms wait'));
    return new Promise<R>((resolve, reject) => {
      let answer: { readonly given: R } | null = null;
      const asked: Asked = {
        run: (turn) => {
          answer = { given: change(turn) };
        },
        settle: () => {
          if (answer !== null) resolve(answer.given);
        },
        giveUp: reject,
      };
      this.#asked = [...this.#asked, asked];
    });
  }

  /** Does what was asked so far. Returns what to call once the turn is committed. */
  run(turn: Turn): () => void {
    const done = this.#asked;
    for (const asked of done) asked.run(turn);
    return () => {
      this.#asked = this.#asked.filter((asked) => !done.includes(asked));
      for (const asked of done) asked.settle();
    };
  }

  stop(): void {
    for (const { giveUp } of this.#asked) giveUp(new Error('the console stops'));
    this.#asked = [];
  }
}

const MOST_ASKED = 1_000;
