import { describe, expect, it } from 'vitest';
import { COLLECT_MS, DIGEST_EVERY_MS, isDigestDue } from './digest-time.js';

const MINUTE_MS = 60_000;

describe('a digest', () => {
  it('waits for company first, then goes at most every 15 minutes', () => {
    const held = { firstHeldAtMs: 0, digestAtMs: null, lastHour: 0 };
    expect(isDigestDue(held, COLLECT_MS - 1)).toBe(false);
    expect(isDigestDue(held, COLLECT_MS)).toBe(true);
    const after = { ...held, digestAtMs: 1 * MINUTE_MS };
    expect(isDigestDue(after, DIGEST_EVERY_MS)).toBe(false);
    expect(isDigestDue(after, DIGEST_EVERY_MS + MINUTE_MS)).toBe(true);
  });

  it('counts as a message, and waits while there were six in the hour', () => {
    expect(isDigestDue({ firstHeldAtMs: 0, digestAtMs: null, lastHour: 6 }, COLLECT_MS)).toBe(false);
    expect(isDigestDue({ firstHeldAtMs: 0, digestAtMs: null, lastHour: 5 }, COLLECT_MS)).toBe(true);
  });
});
