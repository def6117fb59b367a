import { describe, expect, test } from 'vitest';
import { testMessage } from './intake.fixture.js';
import { createReadStatus } from './read-status.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-18T00:00:00Z');
const readStatus = createReadStatus(7 * DAY);
const message = testMessage({ topic: 'x', receivedAtMs: NOW, retained: true });

describe('A status', () => {
  test('is told as the device says it', () => {
    const status = { ts: NOW - 1_000, session: 5, state: 'offline', reason: 'shutdown' } as const;
    expect(readStatus(status, message, 5)).toEqual({
      kind: 'ok',
      value: { session: 5, state: 'offline', atMs: NOW - 1_000, receivedAtMs: NOW, reason: 'shutdown', retained: true },
    });
  });

  test('the last will of an older session is passed over, its birth is an error', () => {
    expect(readStatus({ ts: NOW, session: 4, state: 'offline' }, message, 5)).toEqual({
      kind: 'drop',
      reason: 'session-old',
    });
    expect(readStatus({ ts: NOW, session: 4, state: 'online' }, message, 5)).toEqual({
      kind: 'reject',
      reason: 'session-old',
      detail: '4 < 5',
    });
    expect(readStatus({ ts: NOW, session: 4, state: 'online' }, message, null)).toMatchObject({ kind: 'ok' });
  });

  test('is not rejected for its time: a birth without a believable one happened on arrival', () => {
    for (const ts of [0, Date.UTC(2099, 0, 1)]) {
      expect(readStatus({ ts, session: 1, state: 'online' }, message, null)).toMatchObject({ value: { atMs: NOW } });
    }
  });

  test('a last will may name a connect of long ago', () => {
    expect(readStatus({ ts: NOW - 30 * DAY, session: 1, state: 'offline' }, message, null)).toMatchObject({
      value: { atMs: NOW - 7 * DAY },
    });
    expect(readStatus({ ts: Date.UTC(2099, 0, 1), session: 1, state: 'offline' }, message, null)).toMatchObject({
      value: { atMs: NOW },
    });
  });
});
