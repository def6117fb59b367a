import { describe, expect, test, vi } from 'vitest';
import type { Tx } from '../platform/database/database.js';
import { overlapped } from './overlapped-write.js';

/** A transaction whose statements end when the test says so; `log` tells what happened in which order. */
function stand() {
  const log: string[] = [];
  const waiting = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  const tx: Tx = {
    query: () => Promise.reject(new Error('only execute is used here')),
    execute: (statement) => {
      log.push(`${statement} begins`);
      return new Promise((resolve, reject) => {
        const end = (how: string, go: () => void) => () => {
          log.push(`${statement} ${how}`);
          waiting.delete(statement);
          go();
        };
        waiting.set(statement, {
          resolve: end('ends', () => resolve(1)),
          reject: (error) => end('fails', () => reject(error))(),
        });
      });
    },
  };
  const ends = (statement: string, error?: Error) =>
    vi.waitFor(() => {
      const found = waiting.get(statement);
      if (found === undefined) throw new Error(`${statement} has not begun`);
      if (error === undefined) found.resolve();
      else found.reject(error);
    });
  const computes = (what: string) => () => void log.push(what);
  return { log, tx, ends, computes };
}

describe('What follows the readings of a batch', () => {
  test('is computed while they are being written, and written after them', async () => {
    const { log, tx, ends, computes } = stand();
    const result = overlapped(
      tx,
      (first) => first.execute('readings'),
      async (then) => {
        computes('judged')();
        await then.execute('state');
        return 'followed';
      },
    );
    await vi.waitFor(() => expect(log).toEqual(['readings begins', 'judged']));
    await ends('readings');
    await ends('state');
    expect(await result).toEqual([1, 'followed']);
    expect(log).toEqual(['readings begins', 'judged', 'readings ends', 'state begins', 'state ends']);
  });

  test('is not written when they are refused, and the refusal is what is told', async () => {
    const { log, tx, ends } = stand();
    const refused = new Error('out of range');
    const result = overlapped(
      tx,
      (first) => first.execute('readings'),
      (then) => then.execute('state'),
    );
    const told = expect(result).rejects.toBe(refused);
    await ends('readings', refused);
    await told;
    expect(log).toEqual(['readings begins', 'readings fails']);
  });

  test('fails without anything going on behind the end of the transaction', async () => {
    const { log, tx, ends } = stand();
    const fault = new TypeError('a fault in the judgement');
    const result = overlapped(
      tx,
      async (first) => {
        await first.execute('readings of links');
        return await first.execute('readings of stations');
      },
      () => Promise.reject(fault),
    ).catch((error: unknown) => {
      log.push('told');
      return error;
    });
    await ends('readings of links');
    await ends('readings of stations');
    expect(await result).toBe(fault);
    expect(log.at(-1)).toBe('told');
    expect(log).toContain('readings of stations ends');
  });

  test('a failure of what follows is told rather than what comes of it', async () => {
    const { tx, ends } = stand();
    const refused = new Error('violates a constraint');
    const result = overlapped(
      tx,
      () => Promise.resolve(0),
      (then) => then.execute('state'),
    );
    const told = expect(result).rejects.toBe(refused);
    await ends('state', refused);
    await told;
  });
});
