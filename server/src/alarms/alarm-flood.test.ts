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
