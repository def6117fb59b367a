import { expect, it } from 'vitest';
import { bodyOf, endsOverMidnight, faultOf, type WindowDraft } from './window-draft.js';

const draft: WindowDraft = {
  subjectKind: 'commune',
  subjectId: '21025',
  kind: 'once',
  from: '2026-11-22T22:00',
  until: '2026-11-23T02:00',
  days: [1],
  at: '22:30',
  minutes: 240,
  validFrom: '2026-11-22T00:00',
  validUntil: '',
  reason: 'Thay ắc quy',
};

it('a window over midnight is sent with the province’s offset', () => {
  expect(bodyOf(draft)?.schedule).toEqual({
    kind: 'once',
    from: '2026-11-22T22:00:00+07:00',
    until: '2026-11-23T02:00:00+07:00',
  });
});

it('one that ends before it begins is not sent, and says why', () => {
  const wrong = { ...draft, until: '2026-11-22T21:00' };
  expect(faultOf(wrong)).toBe('order');
  expect(bodyOf(wrong)).toBeNull();
});

it('a recurring one is the rule, and says when it ends on the next day', () => {
  const weekly = { ...draft, kind: 'weekly' as const, days: [7, 1] };
  expect(bodyOf(weekly)?.schedule).toMatchObject({ kind: 'weekly', days: [1, 7], at: '22:30', validUntil: null });
  expect(endsOverMidnight(weekly)).toBe('02:30');
  expect(endsOverMidnight({ ...weekly, minutes: 60 })).toBeNull();
  expect(faultOf({ ...weekly, days: [] })).toBe('days');
  expect(faultOf({ ...weekly, at: '25:00' })).toBe('at');
  expect(faultOf({ ...weekly, minutes: 4 })).toBe('minutes');
});

it('nothing is sent without a reason or a subject', () => {
  expect(bodyOf({ ...draft, reason: ' ' })).toBeNull();
  expect(bodyOf({ ...draft, subjectId: '' })).toBeNull();
});
