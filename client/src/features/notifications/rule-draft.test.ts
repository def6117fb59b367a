import type { NotificationRule } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { bodyOf, draftOf, faultsOf } from './rule-draft.js';

const rule: NotificationRule = {
  id: '4',
  version: 2,
  name: 'Trực đêm',
  enabled: true,
  roles: ['operator'],
  personIds: [],
  channels: ['email', 'webhook'],
  webhookIds: ['3'],
  communeCodes: ['21025'],
  owners: ['VNPT'],
  deviceClasses: ['bts'],
  kinds: ['hubDown'],
  minimumSeverity: 'major',
  hours: { from: '18:00', until: '06:00', days: [1, 2, 7] },
  afterMinutes: 15,
};

describe('a rule that is edited', () => {
  it('comes out as it went in', () => {
    const { id: _id, version: _version, ...body } = rule;
    expect(bodyOf(draftOf(rule))).toEqual(body);
    expect(faultsOf(draftOf(rule))).toEqual([]);
  });

  it('that is new lacks a name and whom to tell, and nothing else', () => {
    expect(faultsOf(draftOf(null))).toEqual(['name', 'nobody']);
  });

  it('needs a channel for whom it tells, a webhook for the channel, days for its hours, and minutes of a day', () => {
    const draft = draftOf(rule);
    expect(faultsOf({ ...draft, channels: ['webhook'] })).toEqual(['channels']);
    expect(faultsOf({ ...draft, webhookIds: [] })).toEqual(['webhooks']);
    expect(faultsOf({ ...draft, days: [] })).toEqual(['days']);
    expect(faultsOf({ ...draft, always: true, days: [] })).toEqual([]);
    expect(faultsOf({ ...draft, afterMinutes: '1441' })).toEqual(['minutes']);
    expect(faultsOf({ ...draft, afterMinutes: '-1' })).toEqual(['minutes']);
  });
});
