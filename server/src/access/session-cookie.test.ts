import { describe, expect, test } from 'vitest';
import { clearSessionCookie, formatSessionCookie, readSessionToken, sessionCookie } from './session-cookie.js';

const token = 'a'.repeat(43);
const plain = sessionCookie(undefined);

describe('the session cookie', () => {
  test('is out of reach of scripts and of other sites', () => {
    expect(formatSessionCookie(plain, token, null)).toBe(`ioc_session=${token}; Path=/; HttpOnly; SameSite=Strict`);
  });

  test('is Secure and bound to the host when the public origin is https', () => {
    const secure = sessionCookie('https://ioc.example.vn');
    expect(formatSessionCookie(secure, token, 60)).toBe(
      `__Host-ioc_session=${token}; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60`,
    );
    expect(sessionCookie('http://ioc.example.vn').secure).toBe(false);
  });

  test('is found among others', () => {
    expect(readSessionToken(plain, `theme=dark; ioc_session=${token}; other=1`)).toBe(token);
  });

  test.each([
    undefined,
    '',
    'ioc_session=',
    'ioc_session=short',
    `xioc_session=${token}`,
    `ioc_session=${token}x`,
    ';;;=',
  ])('is not found in %j', (header) => {
    expect(readSessionToken(plain, header)).toBeNull();
  });

  test('is taken away by one that has expired', () => {
    expect(clearSessionCookie(plain)).toContain('Max-Age=0');
  });
});
