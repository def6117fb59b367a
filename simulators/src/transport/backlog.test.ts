import { describe, expect, it } from 'vitest';
import { Backlog } from './backlog.js';

describe('what could not be sent', () => {
  it('leaves in the order in which it came', () => {
    const backlog = new Backlog<number>(10_000);
    for (let i = 0; i < 5_000; i++) backlog.push(i);
    expect(Array.from({ length: 5_000 }, () => backlog.take())).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    expect(backlog.take()).toBeUndefined();
    expect(backlog.size).toBe(0);
  });

  it('never grows beyond its limit and counts what it had to forget, oldest first', () => {
    const backlog = new Backlog<number>(100);
    for (let i = 0; i < 5_000; i++) backlog.push(i);
    expect(backlog.size).toBe(100);
    expect(backlog.dropped).toBe(4_900);
    expect(backlog.take()).toBe(4_900);
  });
});
