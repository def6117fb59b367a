import { describe, expect, it } from 'vitest';
import { explain, type DecisionGroup, type Fate } from './explanation.js';

const names = new Map([
  ['person.a', 'An'],
  ['person.b', 'Bình'],
]);
const group = (reason: DecisionGroup['reason'], recipients: string[], rule: string | null = null): DecisionGroup => ({
  reason,
  rule,
  minutes: 15,
  recipients,
});
const fate = (overrides: Partial<Fate>): Fate => ({
  recipient: 'person.a',
  state: 'sent',
  digest: null,
  sentAtMs: 5_000,
  ...overrides,
});
const reasonOf = (decided: Parameters<typeof explain>[1], fates: Fate[] = []) => explain(names, decided, fates)[0];

describe('why somebody was, or was not, told', () => {
  it('says that it was told once a message was sent, whatever was decided later', () => {
    const decided = [
      { atMs: 1, groups: [group('waiting', ['person.a'], 'Trực')] },
      { atMs: 2, groups: [group('over-limit', ['person.a'])] },
    ];
    expect(reasonOf(decided, [fate({}), fate({ state: 'held', sentAtMs: null })])).toMatchObject({
      personName: 'An',
      told: true,
      at: '1970-01-01T00:00:05.000Z',
      reason: 'sent',
    });
  });

  it('gives the latest reason why not, with the rule', () => {
    const decided = [
      { atMs: 1, groups: [group('escalation', ['person.a'], 'Quản trị')] },
      { atMs: 2, groups: [group('not-told-before', ['person.a'])] },
    ];
    const told = reasonOf(decided);
    expect(told).toMatchObject({ told: false, reason: 'escalation' });
    expect(told?.text.vi).toBe('Sẽ báo nếu sau 15 phút chưa ai tiếp nhận (quy tắc “Quản trị”)');
    const later = [...decided, { atMs: 3, groups: [group('acknowledged-in-time', ['person.a'], 'Quản trị')] }];
    expect(reasonOf(later)).toMatchObject({ reason: 'acknowledged-in-time' });
  });

  it('follows a held message into its digest', () => {
    const decided = [{ atMs: 1, groups: [group('in-digest', ['person.a'])] }];
    expect(reasonOf(decided, [fate({ state: 'held', sentAtMs: null })])).toMatchObject({
      told: false,
      reason: 'in-digest',
    });
    expect(reasonOf(decided, [fate({ state: 'dropped', digest: 'sent' })])).toMatchObject({
      told: true,
      reason: 'in-digest',
    });
    expect(reasonOf(decided, [fate({ state: 'dropped', digest: 'failed', sentAtMs: null })])).toMatchObject({
      told: false,
    });
  });

  it('says that a message waits, could not be sent, or that its address is gone', () => {
    const decided = [{ atMs: 1, groups: [group('waiting', ['person.a'])] }];
    expect(reasonOf(decided, [fate({ state: 'failed', sentAtMs: null })])).toMatchObject({
      told: false,
      reason: 'failed',
    });
    expect(reasonOf(decided, [fate({ state: 'dropped', sentAtMs: null })])).toMatchObject({ reason: 'withdrawn' });
    expect(
      reasonOf(decided, [fate({ state: 'waiting', sentAtMs: null }), fate({ state: 'failed', sentAtMs: null })]),
    ).toMatchObject({ reason: 'waiting' });
  });

  it('leaves out whom nobody decided about', () => {
    expect(explain(names, [{ atMs: 1, groups: [group('no-rule', ['person.b'])] }], [])).toHaveLength(1);
  });
});
