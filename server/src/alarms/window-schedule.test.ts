import type { WindowSchedule } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { runAt, scheduleIssue } from './window-schedule.js';

const at = (text: string) => Date.parse(`${text}+07:00`);
const iso = (text: string) => new Date(at(text)).toISOString();
const weekly = (overrides: Partial<Extract<WindowSchedule, { kind: 'weekly' }>> = {}): WindowSchedule => ({
  kind: 'weekly',
  days: [5],
  at: '22:00',
  minutes: 240,
  validFrom: iso('2026-11-01T00:00:00'),
  validUntil: null,
  ...overrides,
});

describe('a weekly window', () => {
  it('runs across midnight on the days on which it begins, in local time', () => {
    const friday = { fromMs: at('2026-11-20T22:00:00'), untilMs: at('2026-11-21T02:00:00') };
    expect(runAt(weekly(), at('2026-11-20T21:59:59'))).toEqual(friday);
    expect(runAt(weekly(), at('2026-11-21T01:59:59'))).toEqual(friday);
    expect(runAt(weekly(), at('2026-11-21T02:00:00'))).toEqual({
      fromMs: at('2026-11-27T22:00:00'),
      untilMs: at('2026-11-28T02:00:00'),
    });
  });

  it('of every day and a whole day never ends in between', () => {
    const always = weekly({ days: [1, 2, 3, 4, 5, 6, 7], at: '00:00', minutes: 1_440 });
    const run = runAt(always, at('2026-11-20T12:00:00'));
    expect(run?.fromMs).toBeLessThanOrEqual(at('2026-11-20T12:00:00'));
    expect(run?.untilMs).toBeGreaterThan(at('2026-11-22T00:00:00'));
  });

  it('runs only while it is valid, and is cut where that ends', () => {
    const ends = weekly({ validUntil: iso('2026-11-21T00:30:00') });
    expect(runAt(ends, at('2026-11-20T23:00:00'))?.untilMs).toBe(at('2026-11-21T00:30:00'));
    expect(runAt(ends, at('2026-11-21T00:30:00'))).toBeNull();
    expect(runAt(weekly({ validFrom: iso('2026-12-01T00:00:00') }), at('2026-11-20T12:00:00'))?.fromMs).toBe(
      at('2026-12-04T22:00:00'),
    );
  });
});

describe('a schedule', () => {
  const now = at('2026-11-20T12:00:00');

  it('that ends before it begins, is over, or never runs is refused', () => {
    const once = (from: string, until: string): WindowSchedule => ({
      kind: 'once',
      from: iso(from),
      until: iso(until),
    });
    expect(scheduleIssue(once('2026-11-21T10:00:00', '2026-11-21T10:00:00'), now)).toBe('ends-before-it-begins');
    expect(scheduleIssue(once('2026-11-19T10:00:00', '2026-11-19T12:00:00'), now)).toBe('over-already');
    expect(scheduleIssue(once('2026-11-21T10:00:00', '2027-11-21T10:00:00'), now)).toBe('too-long');
    expect(scheduleIssue(weekly({ validUntil: iso('2026-10-01T00:00:00') }), now)).toBe('ends-before-it-begins');
    expect(scheduleIssue(weekly({ validUntil: iso('2026-11-10T00:00:00') }), now)).toBe('over-already');
    // Its only days lie outside its validity.
    const never = weekly({ validFrom: iso('2026-11-22T00:00:00'), validUntil: iso('2026-11-25T00:00:00') });
    expect(scheduleIssue(never, now)).toBe('over-already');
  });

  it('that begins today is taken', () => {
    expect(scheduleIssue(weekly(), now)).toBeNull();
  });
});
