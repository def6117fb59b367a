import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './password-hash.js';

test('a password is kept as argon2id with the recommended parameters and its own salt', async () => {
  const first = await hashPassword('mật khẩu rất dài');
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hashPassword('mật khẩu rất dài')).not.toBe(first);
  expect(await verifyPassword(first, 'mật khẩu rất dài')).toBe('right');
  expect(await verifyPassword(first, 'mật khẩu rất dà')).toBe('wrong');
});

test('a flood of checks is turned away instead of queueing without bound', async () => {
  const hashed = await hashPassword('mật khẩu rất dài');
  const verdicts = await Promise.all(Array.from({ length: 60 }, () => verifyPassword(hashed, 'sai')));
  expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(28);
  expect(await verifyPassword(hashed, 'mật khẩu rất dài')).toBe('right');
});
