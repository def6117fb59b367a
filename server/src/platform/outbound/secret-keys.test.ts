import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECRET_KEY_TEXT } from '../../config/setting.js';
import { StartError } from '../start-error.js';
import { loadSecretKeys } from './secret-key-file.js';
import { makeSecretKey, SecretKeys } from './secret-keys.js';

describe('a secret at rest', () => {
  const [old, fresh] = [makeSecretKey(), makeSecretKey()];

  it('is read back with its key and for what it was sealed for, whatever its letters', () => {
    const keys = new SecretKeys([old]);
    for (const secret of ['Bearer khóa', '', 'x'.repeat(2_000)]) {
      const sealed = keys.seal(secret, 'webhook https://a.example');
      expect(keys.open(sealed, 'webhook https://a.example')).toEqual({ ok: true, secret });
      expect(keys.open(sealed, 'webhook https://b.example')).toEqual({ ok: false, reason: 'damaged' });
    }
  });

  it('tells nothing: the same secret is sealed differently each time', () => {
    const keys = new SecretKeys([old]);
    const [one, two] = [keys.seal('khoa-bi-mat', 'x'), keys.seal('khoa-bi-mat', 'x')];
    expect(one.sealed).not.toBe(two.sealed);
    expect(JSON.stringify(one)).not.toContain('khoa-bi-mat');
    expect(old).not.toContain(one.keyId);
  });

  it('is not opened with another key, or when a letter of it was changed', () => {
    const sealed = new SecretKeys([old]).seal('khoa', 'x');
    expect(new SecretKeys([fresh]).open(sealed, 'x')).toEqual({ ok: false, reason: 'unknown-key' });
    const changed = { ...sealed, sealed: sealed.sealed.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')) };
    expect(new SecretKeys([old]).open(changed, 'x')).toEqual({ ok: false, reason: 'damaged' });
    for (const broken of ['', '.', '..', 'AAAA.AAAA.AA']) {
      expect(new SecretKeys([old]).open({ ...sealed, sealed: broken }, 'x')).toMatchObject({ ok: false });
    }
  });

  it('is still opened after the key was changed, and sealed with the new one from then on', () => {
    const sealed = new SecretKeys([old]).seal('khoa', 'x');
    const both = new SecretKeys([fresh, old]);
    expect(both.open(sealed, 'x')).toEqual({ ok: true, secret: 'khoa' });
    expect(both.seal('khoa', 'x').keyId).toBe(new SecretKeys([fresh]).currentId);
  });
});

describe('the file of the key', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'ioc-secret-key-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  const file = () => path.join(dataDir, 'secret-key');

  it('is made at the first start, for its owner only, and stays', async () => {
    const keys = await loadSecretKeys(undefined, dataDir);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect((await readFile(file(), 'utf8')).trim()).toMatch(SECRET_KEY_TEXT);
    expect((await loadSecretKeys(undefined, dataDir)).currentId).toBe(keys.currentId);
  });

  it('is not made when the setting has a key; one that is there still opens', async () => {
    const key = makeSecretKey();
    await loadSecretKeys(key, dataDir);
    await expect(stat(file())).rejects.toThrow('ENOENT');
    const sealed = (await loadSecretKeys(undefined, dataDir)).seal('khoa', 'x');
    const both = await loadSecretKeys(key, dataDir);
    expect(both.currentId).toBe(new SecretKeys([key]).currentId);
    expect(both.open(sealed, 'x')).toMatchObject({ ok: true });
  });

  it('that holds no key ends the start with a sentence, and is not overwritten', async () => {
    await writeFile(file(), 'not a key\n');
    await expect(loadSecretKeys(undefined, dataDir)).rejects.toThrow(StartError);
    expect(await readFile(file(), 'utf8')).toBe('not a key\n');
  });
});
