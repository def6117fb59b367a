import { expect, it } from 'vitest';
import { fittedSize } from './photo.js';
import { newId } from './new-id.js';

it('a photo is never enlarged and never longer than 1,600 pixels', () => {
  expect(fittedSize(3_000, 2_000)).toEqual({ width: 1_600, height: 1_067 });
  expect(fittedSize(2_000, 4_000)).toEqual({ width: 800, height: 1_600 });
  expect(fittedSize(640, 480)).toEqual({ width: 640, height: 480 });
  expect(fittedSize(20_000, 1)).toEqual({ width: 1_600, height: 1 });
});

it('ids are random UUIDs of version 4', () => {
  const ids = new Set(Array.from({ length: 100 }, newId));
  expect(ids.size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
