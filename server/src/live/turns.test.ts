import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

function turns() {
  const planned: (() => void)[] = [];
  return { work: new Turns((call) => planned.push(call)), turn: () => planned.shift()?.(), planned };
}

describe('work in turns', () => {
  it('is done one piece a turn, in order, also what is added meanwhile', () => {
    const { work, turn, planned } = turns();
    const done: string[] = [];
    work.add(() => {
      done.push('a');
      work.add(() => done.push('c'));
    });
    work.add(() => done.push('b'));
    expect(done).toEqual([]);
    turn();
    expect(done).toEqual(['a']);
    turn();
    turn();
    expect(done).toEqual(['a', 'b', 'c']);
    expect(planned).toEqual([]);
    work.add(() => done.push('d'));
    turn();
    expect(done.at(-1)).toBe('d');
  });

  it('goes on after a piece that failed', () => {
    const { work, turn } = turns();
    const done: string[] = [];
    work.add(() => {
      throw new Error('broken');
    });
    work.add(() => done.push('b'));
    expect(turn).toThrow('broken');
    turn();
    expect(done).toEqual(['b']);
  });
});
