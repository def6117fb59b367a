import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeLibraryLinks } from './library-links.js';

let root: string;
const lib = (name: string) => path.join(root, 'native', 'lib', name);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ioc-test-links-'));
  await mkdir(path.join(root, 'native', 'lib'), { recursive: true });
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('links that are missing are made, relative to their folder, and those that are there are left alone', async () => {
  await writeFile(lib('libpq.so.5.18'), 'library');
  const source = 'native/lib/libpq.so.5.18';
  const listed = [
    { source, target: 'native/lib/libpq.so' },
    { source, target: 'native/lib/libpq.so.5' },
  ];
  await writeFile(path.join(root, 'native', 'pg-symlinks.json'), JSON.stringify(listed));
  await makeLibraryLinks(root);
  await makeLibraryLinks(root);
  expect(await readlink(lib('libpq.so'))).toBe('libpq.so.5.18');
  expect(await readFile(lib('libpq.so.5'), 'utf8')).toBe('library');
});

test('a platform whose binaries need no links has none made', async () => {
  await expect(makeLibraryLinks(root)).resolves.toBeUndefined();
});
