import { describe, expect, it } from 'vitest';
import { HOLD_KEYS, PROPOSAL_KEYS, WORK_ACTIONS, WORK_KEYS, workActionsOf } from './work-actions.js';

const holder = { personId: 'lan', name: 'Lan' };

describe('what may be done with an incident', () => {
  it('nobody holds: anybody who works incidents may start it', () => {
    expect(workActionsOf({ state: 'open', acknowledgedBy: null, mergedInto: null }, 'lan', false)).toContain('start');
  });

  it('somebody else holds: comment, cause and the organisation’s answers, and nothing that takes it out of their hands', () => {
    const actions = workActionsOf({ state: 'acknowledged', acknowledgedBy: holder, mergedInto: null }, 'minh', false);
    expect(actions).toEqual(['comment', 'request', 'cause']);
  });

  it('an administrator may do what the holder may', () => {
    const held = { state: 'inProgress', acknowledgedBy: holder, mergedInto: null } as const;
    expect(workActionsOf(held, 'minh', true)).toEqual(workActionsOf(held, 'lan', false));
  });

  it('resolved: close or reopen, and never resolve again', () => {
    const actions = workActionsOf({ state: 'resolved', acknowledgedBy: holder, mergedInto: null }, 'lan', false);
    expect(actions).toContain('close');
    expect(actions).toContain('reopen');
    expect(actions).not.toContain('resolve');
  });

  it('merged into another one, or seen by nobody in particular: nothing', () => {
    expect(workActionsOf({ state: 'open', acknowledgedBy: null, mergedInto: '7' }, 'lan', true)).toEqual([]);
    expect(workActionsOf({ state: 'open', acknowledgedBy: null, mergedInto: null }, null, true)).toEqual([]);
  });
});

it('every action has a key of its own, and none that the list uses to move, show new ones or filter', () => {
  const keys = [
    ...WORK_ACTIONS.map((action) => WORK_KEYS[action]),
    ...Object.values(HOLD_KEYS),
    ...Object.values(PROPOSAL_KEYS),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).not.toContain('n');
  expect(keys).not.toContain('f');
});
