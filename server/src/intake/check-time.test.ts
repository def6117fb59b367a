import { describe, expect, test } from 'vitest';
import { createCheckTime, type TimedInput } from './check-time.js';
import { newClockTrack } from './clock-offset.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Date.parse('2026-11-18T00:00:00Z');
const checkTime = createCheckTime(7 * DAY);

function input(given: Partial<TimedInput> = {}): TimedInput {
  return {
    atMs: NOW,
    receivedAtMs: NOW,
    historical: false,
    inBatch: false,
    redelivered: false,
    backlog: false,
    ...given,
  };
}

describe('The time of a reading', () => {
  test.each([
    ['now', 0, true],
    ['10 minutes ago', -10 * MINUTE, true],
    ['longer ago', -10 * MINUTE - 1, false],
    ['as long ago as may be', -7 * DAY, false],
    ['5 minutes ahead', 5 * MINUTE, true],
  ])('%s is taken', (_name, offsetMs, live) => {
    expect(checkTime(newClockTrack(null), input({ atMs: NOW + offsetMs }))).toEqual({
      kind: 'ok',
      value: { effectiveAtMs: NOW + offsetMs, live, clockOffsetMs: null },
    });
  });

  test('what is declared historical is history, however new', () => {
    expect(checkTime(newClockTrack(null), input({ historical: true }))).toMatchObject({ value: { live: false } });
  });

  test.each([
    ['in 2099', Date.UTC(2099, 0, 1), 'time-future', '2099-01-01T00:00:00.000Z'],
    ['just too far ahead', NOW + 5 * MINUTE + 1, 'time-future', null],
    ['in 1970', 0, 'time-too-old', '1970-01-01T00:00:00.000Z'],
    ['just too old', NOW - 7 * DAY - 1, 'time-too-old', null],
    ['beyond any calendar', Number.MAX_SAFE_INTEGER, 'time-future', String(Number.MAX_SAFE_INTEGER)],
  ])('%s is rejected', (_name, atMs, reason, detail) => {
    const outcome = checkTime(newClockTrack(null), input({ atMs }));
    expect(outcome).toMatchObject({ kind: 'reject', reason });
    if (detail !== null) expect(outcome).toMatchObject({ detail });
  });
});

/** Sends `count` readings of one device, `everyMs` apart, whose clock is off by `offsetMs`; gives the outcomes. */
function run(
  track: ReturnType<typeof newClockTrack>,
  offsets: readonly number[],
  everyMs: number,
  given: Partial<TimedInput> = {},
  from = NOW,
) {
  return offsets.map((offsetMs, index) => {
    const receivedAtMs = from + index * everyMs;
    return checkTime(track, input({ atMs: receivedAtMs + offsetMs, receivedAtMs, ...given }));
  });
}

describe('A clock that is steadily off', () => {
  const HOUR = 60 * MINUTE;

  test('by an hour ahead: rejected until 5 messages over 5 minutes agree, then taken live by arrival, with its offset', () => {
    const outcomes = run(newClockTrack(null), [HOUR, HOUR + 20_000, HOUR - 20_000, HOUR, HOUR, HOUR, HOUR], MINUTE);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['reject', 'reject', 'reject', 'reject', 'reject', 'ok', 'ok']);
    expect(outcomes[5]).toEqual({
      kind: 'ok',
      value: { effectiveAtMs: NOW + 5 * MINUTE, live: true, clockOffsetMs: HOUR },
    });
  });

  test('by an hour behind: history until then, and live by arrival afterwards', () => {
    const outcomes = run(newClockTrack(null), Array(7).fill(-HOUR) as number[], MINUTE);
    expect(outcomes.map((outcome) => outcome.kind === 'ok' && outcome.value.live)).toEqual([
      ...Array<boolean>(5).fill(false),
      true,
      true,
    ]);
  });

  test('5 messages within a minute are not enough', () => {
    const outcomes = run(newClockTrack(null), Array(20).fill(HOUR) as number[], 3_000);
    expect(outcomes.every(({ kind }) => kind === 'reject')).toBe(true);
  });

  test('offsets that wander by more than 30 s are not one offset', () => {
    const offsets = Array.from({ length: 20 }, (_, index) => HOUR + index * 31_000);
    expect(run(newClockTrack(null), offsets, MINUTE).every(({ kind }) => kind === 'reject')).toBe(true);
  });

  test.each(['historical', 'redelivered', 'backlog'] as const)('%s readings say nothing of the clock', (what) => {
    const track = newClockTrack(null);
    run(track, Array(20).fill(-HOUR) as number[], MINUTE, { [what]: true });
    expect(track.steadyMs).toBeNull();
  });

  test('a backlog that drains is not mistaken for one: its offsets shrink', () => {
    const track = newClockTrack(null);
    // An hour of readings, one a minute, that arrive within six minutes.
    const offsets = Array.from({ length: 60 }, (_, index) => -HOUR + index * (MINUTE - 6_000));
    run(track, offsets, 6_000);
    expect(track.steadyMs).toBeNull();
  });

  test('never so far that the sample time could not be stored', () => {
    for (const offsetMs of [-NOW, Date.UTC(2099, 0, 1) - NOW, 2 * DAY, -8 * DAY]) {
      const outcomes = run(newClockTrack(null), Array(10).fill(offsetMs) as number[], MINUTE);
      expect(outcomes.every(({ kind }) => kind === 'reject')).toBe(true);
    }
  });

  test('less than 2 minutes off is right enough', () => {
    const track = newClockTrack(null);
    const outcomes = run(track, Array(20).fill(-90_000) as number[], MINUTE);
    expect(track.steadyMs).toBeNull();
    expect(outcomes.at(-1)).toMatchObject({ value: { clockOffsetMs: null } });
  });

  test('a drift is followed', () => {
    const track = newClockTrack(null);
    const offsets = Array.from({ length: 60 }, (_, index) => HOUR + index * 5_000);
    const outcomes = run(track, offsets, MINUTE);
    expect(outcomes.slice(5).every(({ kind }) => kind === 'ok')).toBe(true);
  });

  test('once put right it is taken by its own time at once, and forgotten after three good messages', () => {
    const track = newClockTrack(HOUR);
    const outcomes = run(track, [HOUR, 0, 0, 0], MINUTE);
    expect(outcomes.map((outcome) => outcome.kind === 'ok' && outcome.value.clockOffsetMs)).toEqual([
      HOUR,
      null,
      null,
      null,
    ]);
    expect(track.steadyMs).toBeNull();
  });

  test('is known again after a restart', () => {
    expect(run(newClockTrack(HOUR), [HOUR + 10_000], MINUTE)[0]).toMatchObject({
      kind: 'ok',
      value: { live: true, clockOffsetMs: HOUR + 10_000 },
    });
  });

  test('is found behind a gateway too, whose batches bring several readings of a device at a time', () => {
    const track = newClockTrack(null);
    let last: unknown;
    for (let batch = 0; batch < 8; batch += 1) {
      const receivedAtMs = NOW + batch * MINUTE;
      // Six readings, 10 s apart, the newest as old as the way is long.
      for (let age = 50_000; age >= 0; age -= 10_000) {
        last = checkTime(track, input({ atMs: receivedAtMs + HOUR - age, receivedAtMs, inBatch: true }));
      }
    }
    expect(last).toMatchObject({ kind: 'ok', value: { live: true, clockOffsetMs: HOUR } });
  });
});
