import { describe, expect, it } from 'vitest';
import { IncidentBook, SHOWN_AFTER_END_MS } from './incident-book.js';
import type { IncidentRecord } from './incident-record.js';
import { incidentRecord } from './incident.fixture.js';

const entry = (overrides: Partial<IncidentRecord>) => ({ record: incidentRecord(overrides), members: null });

describe('the incidents in memory', () => {
  it('never go back to an older version, in whatever order commits are told', () => {
    const book = new IncidentBook();
    book.take([entry({ version: 6, state: 'acknowledged' })], 0);
    expect(book.take([entry({ version: 5 })], 0)).toEqual([]);
    expect(book.shown()).toMatchObject([{ version: 6, state: 'acknowledged' }]);
  });

  it('show a resolved one for ten minutes, and keep it until it is closed: it may come back', () => {
    const book = new IncidentBook();
    book.take([entry({})], 0);
    book.take([entry({ version: 5, state: 'resolved', resolvedAtMs: 1_000 })], 1_000);
    expect(book.expire(1_000 + SHOWN_AFTER_END_MS - 1)).toEqual([]);
    expect(book.shown()).toHaveLength(1);
    expect(book.expire(1_000 + SHOWN_AFTER_END_MS)).toEqual(['1']);
    expect(book.expire(2_000 + SHOWN_AFTER_END_MS)).toEqual([]);
    expect(book.shown()).toEqual([]);
    expect([...book.grouped()]).toHaveLength(1);
    book.take([entry({ version: 6, state: 'open', reopenings: 1 })], 5_000 + SHOWN_AFTER_END_MS);
    expect(book.shown()).toMatchObject([{ state: 'open', reopenings: 1 }]);
  });

  it('forget a closed one ten minutes after its end', () => {
    const book = new IncidentBook();
    book.take([entry({ version: 5, state: 'resolved', resolvedAtMs: 0 })], 0);
    book.take([entry({ version: 6, state: 'closed', resolvedAtMs: 0, closedAtMs: 9_000 })], 9_000);
    expect([...book.grouped()]).toEqual([]);
    expect(book.expire(SHOWN_AFTER_END_MS)).toEqual(['1']);
    expect(book.get(1)).toBeNull();
  });

  it('count what is open, and what of that is critical and held by nobody', () => {
    const book = new IncidentBook();
    book.take([entry({}), entry({ id: 2, severity: 'minor' })], 0);
    expect(book.counts).toEqual({ open: 2, unheldCritical: 1 });
    book.take([entry({ version: 5, state: 'acknowledged' })], 0);
    expect(book.counts).toEqual({ open: 2, unheldCritical: 0 });
    book.take([entry({ id: 2, version: 5, severity: 'critical' })], 0);
    expect(book.counts).toEqual({ open: 2, unheldCritical: 1 });
    book.take([entry({ id: 2, version: 6, severity: 'critical', state: 'resolved' })], 0);
    expect(book.counts).toEqual({ open: 1, unheldCritical: 0 });
  });
});
