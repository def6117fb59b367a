import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptDemoPassword } from './demo-password.js';
import { makePassword } from './secret.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'demo-password-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('the demo password is made once, readable by its owner only, and found again', async () => {
  const dataDir = path.join(folder, 'data');
  const made = await keptDemoPassword(dataDir, makePassword);
  expect(made).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  expect((await stat(path.join(dataDir, 'demo-password'))).mode & 0o777).toBe(0o600);
  expect(await readFile(path.join(dataDir, 'demo-password'), 'utf8')).toBe(`${made}\n`);
  expect(await keptDemoPassword(dataDir, makePassword)).toBe(made);
});
