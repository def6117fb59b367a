import type { NotificationRuleBody } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { ruleFault } from './settings-fault.js';

const PERSON = '00000000-0000-4000-8000-000000000001';
const body: NotificationRuleBody = {
  name: 'Trực',
  enabled: true,
  roles: ['operator'],
  personIds: [],
  channels: ['email'],
  webhookIds: [],
  communeCodes: [],
  owners: [],
  deviceClasses: [],
  kinds: [],
  minimumSeverity: 'critical',
  hours: null,
  afterMinutes: 0,
};
const fault = (overrides: Partial<NotificationRuleBody>) =>
  ruleFault({ ...body, ...overrides }, new Set([PERSON]), new Set(['3']))?.path ?? null;

describe('a rule', () => {
  it('is taken when it names people or webhooks, with a channel for each', () => {
    expect(fault({})).toBeNull();
    expect(fault({ roles: [], personIds: [PERSON] })).toBeNull();
    expect(fault({ roles: [], channels: ['webhook'], webhookIds: ['3'] })).toBeNull();
  });

  it('is refused at the field that is wrong', () => {
    expect(fault({ roles: [] })).toBe('roles');
    expect(fault({ personIds: ['00000000-0000-4000-8000-000000000009'] })).toBe('personIds');
    expect(fault({ channels: ['webhook'], webhookIds: ['4'] })).toBe('webhookIds');
    expect(fault({ channels: ['email', 'webhook'] })).toBe('webhookIds');
    expect(fault({ webhookIds: ['3'] })).toBe('channels');
    expect(fault({ channels: ['webhook'], webhookIds: ['3'] })).toBe('channels');
  });
});
