import { describe, expect, it } from 'vitest';
import { endsSession, hasExpired, isKeptRead } from './read-rules.js';

const ORIGIN = 'https://ioc.example.vn';
const asked = (path: string, from = '/technician?view=near', method = 'GET') =>
  isKeptRead({ method, url: `${ORIGIN}${path}`, referrer: `${ORIGIN}${from}` });

describe('what is kept for a time without connection', () => {
  it.each(['/api/v1/session', '/api/v1/incidents/12', '/api/v1/attachments/0a0b0c0d-0000-4000-8000-000000000000'])(
    'is %s, when the technician’s page reads it',
    (path) => {
      expect(asked(path)).toBe(true);
      expect(asked(path, '/')).toBe(false);
      expect(asked(path, '/technicians')).toBe(false);
      expect(asked(path, '/technician', 'POST')).toBe(false);
    },
  );

  it.each([
    '/api/v1/people',
    '/api/v1/incidents',
    '/api/v1/incidents/12/comment',
    '/api/v1/session/password',
    '/metrics',
  ])('is not %s', (path) => {
    expect(asked(path)).toBe(false);
  });

  it('is nothing when nobody says who asks', () => {
    expect(isKeptRead({ method: 'GET', url: `${ORIGIN}/api/v1/session`, referrer: '' })).toBe(false);
  });
});

describe('what was read is forgotten', () => {
  const ends = (method: string, path: string, status: number) =>
    endsSession({ method, url: `${ORIGIN}${path}` }, status);

  it('when its owner signs out, somebody signs in, or the session has ended', () => {
    expect(ends('DELETE', '/api/v1/session', 204)).toBe(true);
    expect(ends('DELETE', '/api/v1/session', 401)).toBe(true);
    expect(ends('POST', '/api/v1/session', 200)).toBe(true);
    expect(ends('POST', '/api/v1/session/display', 200)).toBe(true);
    expect(ends('GET', '/api/v1/session', 401)).toBe(true);
  });

  it('and not for anything else', () => {
    expect(ends('GET', '/api/v1/session', 200)).toBe(false);
    expect(ends('POST', '/api/v1/session', 401)).toBe(false);
    expect(ends('DELETE', '/api/v1/session', 503)).toBe(false);
    expect(ends('PUT', '/api/v1/session/password', 204)).toBe(false);
  });

  it('when the session itself would have run out', () => {
    expect(hasExpired({ expiresAt: '2026-11-22T10:00:00Z' }, Date.parse('2026-11-22T10:00:00Z'))).toBe(true);
    expect(hasExpired({ expiresAt: '2026-11-22T10:00:01Z' }, Date.parse('2026-11-22T10:00:00Z'))).toBe(false);
    expect(hasExpired({ expiresAt: null }, 0)).toBe(false);
  });
});
