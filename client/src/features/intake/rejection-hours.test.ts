import { describe, expect, it } from 'vitest';
import { reasonHours } from './rejection-hours.js';

const now = Date.parse('2026-10-01T10:30:00+07:00');

describe('rejections over 24 hours', () => {
  it('have 24 hours for each reason, the most frequent reason first', () => {
    const reasons = reasonHours(
      [
        { hour: '2026-10-01T09:00:00+07:00', reason: 'metric-type', count: 2 },
        { hour: '2026-10-01T10:00:00+07:00', reason: 'payload-not-json', count: 5 },
        { hour: '2026-10-01T03:00:00Z', reason: 'payload-not-json', count: 1 },
      ],
      now,
    );
    expect(reasons.map(({ reason, total }) => [reason, total])).toEqual([
      ['payload-not-json', 6],
      ['metric-type', 2],
    ]);
    expect(reasons[0]?.hours).toHaveLength(24);
    expect(reasons[0]?.hours.at(-1)).toEqual({ atMs: Date.parse('2026-10-01T10:00:00+07:00'), count: 6 });
    expect(reasons[1]?.hours.at(-2)?.count).toBe(2);
  });

  it('leave out what is older', () => {
    expect(reasonHours([{ hour: '2026-09-30T09:00:00+07:00', reason: 'metric-type', count: 2 }], now)).toEqual([]);
  });
});
