import { expect, test } from 'vitest';
import { demoMeetings } from './demo-meetings.js';

const startsOf = (now: string) => demoMeetings(Date.parse(now)).map(({ startsAt }) => startsAt);

test.each([
  ['a Monday', '2026-11-23T09:00:00+07:00', '2026-11-24'],
  ['a Monday just after midnight', '2026-11-23T00:10:00+07:00', '2026-11-24'],
  ['a Friday', '2026-11-20T23:59:00+07:00', '2026-11-23'],
  ['a Sunday', '2026-11-22T12:00:00+07:00', '2026-11-23'],
])('meetings of a demo that starts on %s are those of the next workday', (_, now, day) => {
  expect(startsOf(now)).toEqual(['08:00', '14:00'].map((time) => new Date(`${day}T${time}:00+07:00`).toISOString()));
});
