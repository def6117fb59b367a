import { describe, expect, it } from 'vitest';
import { dueRules } from './escalation.js';

const MINUTE_MS = 60_000;

describe('an escalation', () => {
  const rule = { id: '2', afterMinutes: 15, changedAtMs: 0 };

  it('is due when nobody has held the incident for so long, and once', () => {
    const unheld = { sinceMs: 100 * MINUTE_MS, toldRuleIds: [] };
    expect(dueRules([rule], unheld, 115 * MINUTE_MS - 1)).toEqual([]);
    expect(dueRules([rule], unheld, 115 * MINUTE_MS)).toEqual([rule]);
    expect(dueRules([rule], { ...unheld, toldRuleIds: ['2'] }, 200 * MINUTE_MS)).toEqual([]);
  });

  it('by a rule that was just made counts from then', () => {
    const fresh = { ...rule, changedAtMs: 600 * MINUTE_MS };
    expect(dueRules([fresh], { sinceMs: 0, toldRuleIds: [] }, 614 * MINUTE_MS)).toEqual([]);
    expect(dueRules([fresh], { sinceMs: 0, toldRuleIds: [] }, 615 * MINUTE_MS)).toEqual([fresh]);
  });
});
