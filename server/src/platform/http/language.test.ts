import { expect, test } from 'vitest';
import { preferredLanguage } from './language.js';

test.each([
  [undefined, 'vi'],
  ['', 'vi'],
  ['fr-FR,fr', 'vi'],
  ['en', 'en'],
  ['en-GB,en;q=0.9', 'en'],
  ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
  ['en;q=0.8,vi;q=0.9', 'vi'],
  ['fr,en;q=0.5', 'en'],
  ['en;q=0', 'vi'],
])('Accept-Language %j is answered in %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});
