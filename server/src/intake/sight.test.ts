import { describe, expect, test } from 'vitest';
import { blindReason, nextVisibility, type SightFacts } from './sight.js';

const well: SightFacts = {
  connected: true,
  databaseAnswers: true,
  committingForMs: null,
  waitingForMs: 0,
  backlogDrains: false,
};

describe('We are blind', () => {
  test.each<[string, Partial<SightFacts>, string | null]>([
    ['not when all is well', {}, null],
    ['not while an ordinary commit runs', { committingForMs: 200, waitingForMs: 200 }, null],
    ['without the broker, whatever else', { connected: false, databaseAnswers: false }, 'broker'],
    ['without the database', { databaseAnswers: false }, 'database'],
    ['when a commit hangs', { committingForMs: 3_001 }, 'database'],
    ['when messages wait too long', { waitingForMs: 10_001 }, 'lag'],
    ['while what was held up arrives', { backlogDrains: true }, 'lag'],
  ])('%s', (_name, facts, reason) => {
    expect(blindReason({ ...well, ...facts })).toBe(reason);
  });

  test('from one moment on, however its reason changes', () => {
    const seeing = { seeing: true, reason: null, sinceMs: 1 } as const;
    const blind = nextVisibility(seeing, 'database', 100);
    expect(blind).toEqual({ seeing: false, reason: 'database', sinceMs: 100 });
    const draining = nextVisibility(blind, 'lag', 200);
    expect(draining).toEqual({ seeing: false, reason: 'lag', sinceMs: 100 });
    expect(nextVisibility(draining, 'lag', 300)).toBe(draining);
    expect(nextVisibility(draining, null, 400)).toEqual({ seeing: true, reason: null, sinceMs: 400 });
  });
});
