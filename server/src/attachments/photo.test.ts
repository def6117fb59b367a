import { expect, test } from 'vitest';
import { MAX_PHOTO_BYTES, refusePhoto } from './photo.js';

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]);
const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
const webp = Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1');

test('a photo is taken when its first bytes are those of its type', () => {
  expect(refusePhoto('image/jpeg', jpeg)).toBeNull();
  expect(refusePhoto('image/png', png)).toBeNull();
  expect(refusePhoto('image/webp', webp)).toBeNull();
});

test.each([
  ['image/jpeg', png],
  ['image/png', webp],
  ['image/webp', jpeg],
  ['image/jpeg', Buffer.from('<svg onload="alert(1)"/>')],
  ['image/webp', Buffer.from('RIFF\x10\0\0\0WAVEfmt ', 'latin1')],
  ['image/jpeg', Buffer.from([0xff])],
] as const)('%s with the bytes of something else is refused', (mediaType, content) => {
  expect(refusePhoto(mediaType, content)).toBe('not-its-type');
});

test('nothing is no photo, and more than two MiB is too much', () => {
  expect(refusePhoto('image/jpeg', Buffer.alloc(0))).toBe('empty');
  expect(refusePhoto('image/jpeg', Buffer.concat([jpeg], MAX_PHOTO_BYTES))).toBeNull();
  expect(refusePhoto('image/jpeg', Buffer.concat([jpeg], MAX_PHOTO_BYTES + 1))).toBe('too-large');
});
