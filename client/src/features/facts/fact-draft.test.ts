import { describe, expect, test } from 'vitest';
import { bodyOf, faultsOf, newDraft } from './fact-draft.js';

const NOW = Date.parse('2026-11-17T22:10:30+07:00');

describe('a fact being written', () => {
  test('begins now, to the minute, counts as long as its kind usually does, and can be sent at once', () => {
    const draft = newDraft('generatorRunning', NOW);
    expect(draft).toMatchObject({ at: '2026-11-17T22:10', expiresAt: '2026-11-18T04:10' });
    expect(faultsOf(draft, NOW)).toEqual([]);
    expect(bodyOf(draft, { kind: 'site', id: 'SITE-1' }, 'r')).toEqual({
      subject: { kind: 'site', id: 'SITE-1' },
      kind: 'generatorRunning',
      note: '',
      at: '2026-11-17T22:10:00+07:00',
      expiresAt: '2026-11-18T04:10:00+07:00',
      requestId: 'r',
    });
  });

  test('says what is wrong: a future, an end before the beginning or over already, more than 7 days, nothing said', () => {
    const draft = newDraft('other', NOW);
    expect(faultsOf(draft, NOW)).toEqual(['note']);
    expect(faultsOf({ ...draft, note: 'x', at: '2026-11-17T23:00' }, NOW)).toEqual(['at']);
    expect(faultsOf({ ...draft, note: 'x', expiresAt: '2026-11-17T21:00' }, NOW)).toEqual(['expiresAt']);
    expect(faultsOf({ ...draft, note: 'x', expiresAt: '2026-12-17T21:00' }, NOW)).toEqual(['expiresAt']);
    expect(faultsOf({ ...draft, note: 'x', at: '', expiresAt: '' }, NOW)).toEqual(['at', 'expiresAt']);
  });

  test('of roaming needs a host and guests that are others', () => {
    const draft = newDraft('roamingOn', NOW);
    expect(faultsOf(draft, NOW)).toEqual(['host', 'guests']);
    expect(faultsOf({ ...draft, host: 'VNPT', guests: ['VNPT'] }, NOW)).toEqual(['guests']);
    expect(faultsOf({ ...draft, host: 'VNPT', guests: ['VIETTEL'] }, NOW)).toEqual([]);
    expect(
      bodyOf({ ...draft, host: 'VNPT', guests: ['VIETTEL'] }, { kind: 'commune', id: '21025' }, 'r'),
    ).toMatchObject({ host: 'VNPT', guests: ['VIETTEL'] });
  });
});
