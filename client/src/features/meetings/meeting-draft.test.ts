import type { Problem } from '@ioc/contract';
import { expect, it, test } from 'vitest';
import { bodyOf, emptyDraft, faultsOf, fieldErrors, type MeetingDraft } from './meeting-draft.js';

const NOW = Date.parse('2026-11-22T18:33:00+07:00');
const draft: MeetingDraft = {
  title: ' Họp giao ban ',
  startsAt: '2026-11-22T19:00',
  endsAt: '2026-11-22T20:30',
  all: false,
  codes: ['21025'],
};

it('a meeting is sent with the province’s offset', () => {
  expect(faultsOf(draft, NOW)).toEqual({});
  expect(bodyOf(draft)).toEqual({
    title: 'Họp giao ban',
    startsAt: '2026-11-22T19:00:00+07:00',
    endsAt: '2026-11-22T20:30:00+07:00',
    participants: { kind: 'communes', codes: ['21025'] },
  });
  expect(bodyOf({ ...draft, all: true })?.participants).toEqual({ kind: 'all' });
});

it('a new one lasts an hour, from a full hour that people can still get ready for', () => {
  expect(emptyDraft(NOW)).toMatchObject({ startsAt: '2026-11-22T20:00', endsAt: '2026-11-22T21:00', all: true });
});

test.each<[string, Partial<MeetingDraft>, object]>([
  ['no title', { title: ' ' }, { title: 'title' }],
  ['no beginning', { startsAt: '' }, { startsAt: 'start' }],
  ['in two years', { startsAt: '2028-11-22T19:00', endsAt: '2028-11-22T20:00' }, { startsAt: 'far' }],
  ['no end', { endsAt: '' }, { endsAt: 'end' }],
  ['an end before the beginning', { endsAt: '2026-11-22T18:50' }, { endsAt: 'order' }],
  ['longer than a day', { endsAt: '2026-11-23T19:01' }, { endsAt: 'long' }],
  ['over already', { startsAt: '2026-11-22T17:00', endsAt: '2026-11-22T18:30' }, { endsAt: 'over' }],
  ['no communes', { codes: [] }, { participants: 'communes' }],
])('%s is told at its field', (_, change, faults) => {
  expect(faultsOf({ ...draft, ...change }, NOW)).toEqual(faults);
});

it('what the server says of fields is told at them, anything else is not', () => {
  const problem: Problem = { type: 'about:blank', title: '', status: 400, code: 'bad-request' };
  expect(fieldErrors({ ...problem, errors: [{ path: 'body.endsAt', message: 'Đã qua rồi' }] })).toEqual({
    endsAt: 'Đã qua rồi',
  });
  expect(fieldErrors({ ...problem, errors: [{ path: 'body', message: 'x' }] })).toBeNull();
  expect(fieldErrors(problem)).toBeNull();
});
