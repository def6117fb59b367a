import type { FactBody } from '@ioc/contract';
import { describe, expect, test } from 'vitest';
import { checkFact, countsAt, type FactRecord } from './fact.js';

const NOW = Date.parse('2026-11-17T22:10:00+07:00');
const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

const register = {
  organisations: new Map([
    ['VNPT', { id: 'VNPT', name: 'VNPT' }],
    ['VIETTEL', { id: 'VIETTEL', name: 'Viettel' }],
  ]),
  feeds: new Map([['FEED-1', { id: 'FEED-1', name: 'Lộ 471', owner: 'EVNCPC' }]]),
  sites: new Map([
    [
      'SITE-1',
      {
        id: 'SITE-1',
        name: 'Vị trí 1',
        communeCode: '21025',
        lat: 15,
        lon: 108,
        hubId: null,
        feedId: 'FEED-1',
        hardened: false,
      },
    ],
  ]),
};
const generator: FactBody = {
  subject: { kind: 'site', id: 'SITE-1' },
  kind: 'generatorRunning',
  note: 'Dầu đến 03:00',
  at: iso(NOW - HOUR),
  expiresAt: iso(NOW + 5 * HOUR),
};
const check = (body: FactBody) =>
  checkFact(body, register, (code) => (code === '21025' ? 'Phường Cẩm Thành' : undefined), NOW);
const pathsOf = (body: FactBody) => {
  const checked = check(body);
  return checked.ok ? [] : checked.issues.map(({ path }) => path);
};

describe('a fact that is right', () => {
  test('takes the name of its subject, and of what was not said nothing', () => {
    expect(check(generator)).toEqual({
      ok: true,
      fact: {
        subject: { kind: 'site', id: 'SITE-1' },
        subjectName: 'Vị trí 1',
        kind: 'generatorRunning',
        note: 'Dầu đến 03:00',
        atMs: NOW - HOUR,
        expiresAtMs: NOW + 5 * HOUR,
        means: null,
        host: null,
        guests: [],
      },
    });
  });

  test('of a clock that is a little ahead began now, not in the future', () => {
    const checked = check({ ...generator, at: iso(NOW + 30_000) });
    expect(checked).toMatchObject({ ok: true, fact: { atMs: NOW } });
  });

  test('on a feed says when power is expected', () => {
    const body: FactBody = { ...generator, subject: { kind: 'feed', id: 'FEED-1' }, kind: 'powerExpected' };
    expect(check(body)).toMatchObject({ ok: true, fact: { subjectName: 'Lộ 471' } });
  });

  test('on roaming names whose network carries whom', () => {
    const body: FactBody = {
      ...generator,
      subject: { kind: 'commune', id: '21025' },
      kind: 'roamingOn',
      host: 'VIETTEL',
      guests: ['VNPT'],
    };
    expect(check(body)).toMatchObject({ ok: true, fact: { host: 'VIETTEL', guests: ['VNPT'] } });
    expect(pathsOf({ ...body, guests: ['VIETTEL'] })).toEqual(['guests']);
    expect(pathsOf({ ...body, guests: [] })).toEqual(['guests']);
    expect(pathsOf({ ...body, guests: ['NOBODY'] })).toEqual(['guests']);
    expect(pathsOf({ ...body, host: 'NOBODY' })).toEqual(['host']);
  });
});

describe('a fact that is refused', () => {
  test.each<[string, Partial<FactBody>, string[]]>([
    ['in the future', { at: iso(NOW + 2 * HOUR) }, ['at']],
    ['of two weeks ago', { at: iso(NOW - 14 * 24 * HOUR) }, ['at', 'expiresAt']],
    ['that ends before it begins', { expiresAt: iso(NOW - 2 * HOUR) }, ['expiresAt']],
    ['that counts for a month', { expiresAt: iso(NOW + 30 * 24 * HOUR) }, ['expiresAt']],
    ['of a site that is not registered', { subject: { kind: 'site', id: 'SITE-9' } }, ['subject.id']],
    ['of a commune that is none', { kind: 'reached', subject: { kind: 'commune', id: '99999' } }, ['subject.id']],
    ['of a generator in a whole commune', { subject: { kind: 'commune', id: '21025' } }, ['kind']],
    ['of a site that was reached', { kind: 'reached' }, ['kind']],
    ['that is something else and says nothing', { kind: 'other', note: '' }, ['note']],
    ['of a generator by radio', { means: 'radio' }, ['means']],
    ['of a generator that roams', { host: 'VNPT' }, ['host']],
  ])('%s', (_name, change, paths) => {
    expect(pathsOf({ ...generator, ...change })).toEqual(paths);
  });
});

test('it counts from its beginning until it expires or is withdrawn', () => {
  const fact: FactRecord = {
    id: 1,
    subject: generator.subject,
    subjectName: 'Vị trí 1',
    kind: 'generatorRunning',
    note: '',
    atMs: 1_000,
    expiresAtMs: 5_000,
    means: null,
    host: null,
    guests: [],
    author: { personId: 'p', name: 'P' },
    recordedAtMs: 1_000,
    withdrawnAtMs: null,
    withdrawnBy: null,
  };
  expect([999, 1_000, 4_999, 5_000].map((nowMs) => countsAt(fact, nowMs))).toEqual([false, true, true, false]);
  const withdrawn = { ...fact, withdrawnAtMs: 3_000 };
  expect([2_999, 3_000].map((nowMs) => countsAt(withdrawn, nowMs))).toEqual([true, false]);
});
