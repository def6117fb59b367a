import { describe, expect, test } from 'vitest';
import { Backlog } from './backlog.js';

const YOUNG_MS = 30_000;
const MINUTE = 60_000;

function second(backlog: Backlog, ageMs: number): void {
  for (let count = 0; count < 20; count += 1) backlog.onAge(ageMs + count);
  backlog.second();
}

describe('A backlog', () => {
  test('is taken to drain at the start, until the messages are young', () => {
    const backlog = new Backlog(YOUNG_MS);
    for (const ageMs of [20 * MINUTE, 10 * MINUTE, MINUTE]) {
      second(backlog, ageMs);
      expect(backlog.draining).toBe(true);
    }
    second(backlog, 500);
    expect(backlog.draining).toBe(false);
  });

  test('is over when nothing comes for two seconds', () => {
    const backlog = new Backlog(YOUNG_MS);
    backlog.second();
    expect(backlog.draining).toBe(true);
    backlog.second();
    expect(backlog.draining).toBe(false);
  });

  test('is none when messages stay old: their clocks are slow', () => {
    const backlog = new Backlog(YOUNG_MS);
    for (let count = 0; count < 11; count += 1) second(backlog, 60 * MINUTE);
    expect(backlog.draining).toBe(false);
  });

  test('one fast clock among many does not end it, nor one slow clock keep it', () => {
    const backlog = new Backlog(YOUNG_MS);
    backlog.onAge(-MINUTE);
    second(backlog, 20 * MINUTE);
    expect(backlog.draining).toBe(true);
    backlog.onAge(60 * MINUTE);
    second(backlog, 500);
    expect(backlog.draining).toBe(false);
  });

  test('begins again with every time in which we could not see', () => {
    const backlog = new Backlog(YOUNG_MS);
    second(backlog, 0);
    expect(backlog.draining).toBe(false);
    second(backlog, 20 * MINUTE);
    expect(backlog.draining).toBe(false);
    backlog.begin();
    second(backlog, 20 * MINUTE);
    expect(backlog.draining).toBe(true);
  });
});
