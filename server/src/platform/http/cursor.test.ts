import { expect, test } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.js';

const position = z.tuple([z.string(), z.int()]);

test('a cursor comes back as it was given, and none is the beginning', () => {
  const cursor = encodeCursor(['Trạm', 7]);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(decodeCursor(cursor, position)).toEqual(['Trạm', 7]);
  expect(decodeCursor(undefined, position)).toBeNull();
});

test.each([
  '',
  'x',
  '%%%',
  encodeCursor(null),
  encodeCursor(['a']),
  encodeCursor(['a', 1.5]),
  encodeCursor(['a\u0000', 1]),
  encodeCursor({}),
])('the cursor %j is refused', (cursor) => {
  expect(() => decodeCursor(cursor, position)).toThrow(expect.objectContaining({ code: 'bad-cursor' }));
});
