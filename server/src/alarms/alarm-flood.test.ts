import { describe, expect, it } from 'vitest';
import { NewAlarms, nextFlood, NO_FLOOD } from './alarm-flood.js';

const MINUTE = 60_000;

describe('a flood of alarms', () => {
  it('begins above 10 new ones in 10 minutes', () => {
    expect(nextFlood(NO_FLOOD, 10, 0)).toBe(NO_FLOOD);
    expect(nextFlood(NO_FLOOD, 11, MINUTE)).toMatchObject({ sinceMs: MINUTE });
  });

  it('ends after half an hour with fewer than 5, and a single relapse counts it anew', () => {
    const on = nextFlood(NO_FLOOD, 50, 0);
    const quiet = nextFlood(on, 4, 10 * MINUTE);
    expect(quiet).toMatchObject({ sinceMs: 0, quietSinceMs: 10 * MINUTE });
    expect(nextFlood(quiet, 4, 39 * MINUTE)).toBe(quiet);
    expect(nextFlood(quiet, 4, 40 * MINUTE)).toEqual(NO_FLOOD);
    expect(nextFlood(quiet, 5, 39 * MINUTE)).toMatchObject({ sinceMs: 0, quietSinceMs: null });
  });

  it('takes all endpoints that are not ready for one meeting for one, until ten minutes later', () => {
    const alarms = new NewAlarms();
    const endpoints = (meeting: string, count: number) =>
      Array.from({ length: count }, () => ({ type: 'meetingNotReady' as const, qualifier: meeting }));
    alarms.noteAll(0, endpoints('7', 76));
    alarms.noteAll(MINUTE, [...endpoints('7', 20), ...endpoints('8', 2), { type: 'riverLevel', qualifier: '' }]);
    expect(alarms.count(MINUTE, null)).toBe(3);
    alarms.noteAll(10 * MINUTE, endpoints('7', 5));
    expect(alarms.count(10 * MINUTE + 10_000, null)).toBe(3);
  });

  it('that a person ended begins again only by what came since', () => {
    const alarms = new NewAlarms();
    alarms.note(0, 20);
    expect(alarms.count(MINUTE, null)).toBe(20);
    expect(alarms.count(MINUTE, 30_000)).toBe(0);
    alarms.note(MINUTE, 11);
    expect(alarms.count(MINUTE, 30_000)).toBe(11);
    expect(alarms.count(11 * MINUTE + 10_000, null)).toBe(0);
  });
});
