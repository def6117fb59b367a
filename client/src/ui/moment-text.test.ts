import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partAt, momentText, readMomentText, stepMoment, withSeparators } from './moment-text.js';

describe('a moment as it is written here', () => {
  it('is day, month, year and 24 hours', () => {
    expect(momentText('2026-12-31T22:30')).toBe('31/12/2026 22:30');
    expect(momentText('')).toBe('');
  });

  it.each(['31/12/2026 22:30', '31-12-2026 22:30', '31.12.2026, 22h30', ' 31/12/2026  22g30 ', '311220262230'])(
    'is read from %j',
    (text) => {
      expect(readMomentText(text)).toEqual({ ok: true, value: '2026-12-31T22:30' });
    },
  );

  it('is read with single digits, and from what a program wrote', () => {
    expect(readMomentText('1/2/2026 6:05')).toEqual({ ok: true, value: '2026-02-01T06:05' });
    expect(readMomentText('2026-02-01T06:05')).toEqual({ ok: true, value: '2026-02-01T06:05' });
  });

  it.each([
    '31/12',
    '31/12/2026',
    '31/02/2026 10:00',
    '12/31/2026 10:00',
    '01/01/2026 24:00',
    '01/01/2026 10:60',
    'mai',
  ])('is not read from %j', (text) => {
    expect(readMomentText(text)).toEqual({ ok: false });
  });

  it('may be empty', () => {
    expect(readMomentText(' ')).toEqual({ ok: true, value: '' });
  });

  it('comes back from its text, whichever it is', () => {
    const anyMinute = fc.date({ min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(anyMinute, (date) => {
        const local = date.toISOString().slice(0, 16);
        expect(readMomentText(momentText(local))).toEqual({ ok: true, value: local });
      }),
    );
  });
});

it('digits alone are enough: the separators come by themselves', () => {
  let text = '';
  for (const digit of '311220262230') text = withSeparators(text + digit);
  expect(text).toBe('31/12/2026 22:30');
});

it('separators that somebody types are left to them', () => {
  let text = '';
  for (const key of '1/2/2026 6:05') text = withSeparators(text + key);
  expect(text).toBe('1/2/2026 6:05');
});

describe('the part under the caret', () => {
  it.each([
    [0, 'day'],
    [2, 'day'],
    [3, 'month'],
    [8, 'year'],
    [11, 'hour'],
    [16, 'minute'],
  ] as const)('at %i is the %s', (caret, part) => {
    expect(partAt(caret)).toBe(part);
  });

  it('is stepped, and what is larger follows', () => {
    expect(stepMoment('2026-12-31T23:59', 'minute', 1)).toBe('2027-01-01T00:00');
    expect(stepMoment('2026-03-01T00:30', 'hour', -1)).toBe('2026-02-28T23:30');
    expect(stepMoment('2026-01-31T10:00', 'month', 1)).toBe('2026-02-28T10:00');
    expect(stepMoment('2028-02-29T10:00', 'year', 1)).toBe('2029-02-28T10:00');
    expect(stepMoment('2026-01-15T10:00', 'month', -1)).toBe('2025-12-15T10:00');
    expect(stepMoment('', 'day', 1)).toBe('');
  });
});
