import { expect, it } from 'vitest';
import { fromLocalInput, toLocalInput } from './local-moment.js';

it('a moment is shown and read in the province’s time, over midnight too', () => {
  expect(toLocalInput('2026-11-22T17:30:00Z')).toBe('2026-11-23T00:30');
  expect(fromLocalInput('2026-11-23T00:30')).toBe('2026-11-23T00:30:00+07:00');
  expect(Date.parse(fromLocalInput(toLocalInput('2026-11-22T17:30:00Z')) ?? '')).toBe(
    Date.parse('2026-11-22T17:30:00Z'),
  );
});

it('nothing, and what is no moment, is null', () => {
  expect(toLocalInput(null)).toBe('');
  expect(fromLocalInput('')).toBeNull();
  expect(fromLocalInput('2026-13-45T99:99')).toBeNull();
});
