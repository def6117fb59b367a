import { expect, test } from 'vitest';
import { isWorthWriting, seenAgain } from './endpoint-activity.js';

test('an endpoint is seen by every reading and in a call by those inside one; nothing goes back in time', () => {
  const first = seenAgain(undefined, 1_000, false);
  expect(first).toEqual({ seenAtMs: 1_000, callAtMs: null });
  const calling = seenAgain(first, 2_000, true);
  expect(calling).toEqual({ seenAtMs: 2_000, callAtMs: 2_000 });
  expect(seenAgain(calling, 3_000, false)).toEqual({ seenAtMs: 3_000, callAtMs: 2_000 });
  expect(seenAgain(calling, 500, true)).toEqual({ seenAtMs: 2_000, callAtMs: 2_000 });
});

test('what is new, first in a call, or ten minutes ahead is written; the rest can wait', () => {
  const written = { seenAtMs: 0, callAtMs: null };
  expect(isWorthWriting(undefined, written)).toBe(true);
  expect(isWorthWriting(written, { seenAtMs: 599_999, callAtMs: null })).toBe(false);
  expect(isWorthWriting(written, { seenAtMs: 600_000, callAtMs: null })).toBe(true);
  expect(isWorthWriting(written, { seenAtMs: 1_000, callAtMs: 1_000 })).toBe(true);
  expect(isWorthWriting({ seenAtMs: 1_000, callAtMs: 1_000 }, { seenAtMs: 2_000, callAtMs: 2_000 })).toBe(false);
});
