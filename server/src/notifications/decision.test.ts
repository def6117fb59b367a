import type { NotificationRule } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import {
  bypassesLimits,
  decide,
  MESSAGES_PER_HOUR,
  NOTHING_RECEIVED,
  type Circumstances,
  type NotableEvent,
} from './decision.js';
import { personRecipient, webhookRecipient, type Recipient } from './recipient.js';
import type { RuleSubject } from './rule-matching.js';

const MONDAY_NOON_MS = Date.parse('2026-01-12T12:00:00+07:00');

const rule = (overrides: Partial<NotificationRule> = {}): NotificationRule => ({
  id: '1',
  version: 1,
  name: 'Người trực',
  enabled: true,
  roles: ['operator'],
  personIds: [],
  channels: ['email'],
  webhookIds: [],
  communeCodes: [],
  owners: [],
  deviceClasses: [],
  kinds: [],
  minimumSeverity: 'warning',
  hours: null,
  afterMinutes: 0,
  ...overrides,
});

const person = (overrides: Partial<Parameters<typeof personRecipient>[0]> = {}): Recipient =>
  personRecipient({
    id: 'lan',
    name: 'Lan',
    role: 'operator',
    email: 'lan@example.vn',
    subscriptions: [],
    ...overrides,
  });

const subject = (overrides: Partial<RuleSubject> = {}): RuleSubject => ({
  kind: 'single',
  severity: 'major',
  communeCodes: ['21025'],
  owner: 'VNPT',
  deviceClass: 'bts',
  ...overrides,
});

const calm: Circumstances = {
  atMs: MONDAY_NOON_MS,
  flood: false,
  received: () => NOTHING_RECEIVED,
  toldBefore: () => false,
};
const receivedOf = (lastHour: number, singlesLastQuarter = 0) => ({
  received: () => ({ lastHour, singlesLastQuarter }),
});

function verdictOf(
  given: Partial<NotableEvent> & {
    rules?: NotificationRule[];
    who?: Recipient;
    circumstances?: Partial<Circumstances>;
  },
) {
  const event: NotableEvent = {
    kind: 'opened',
    subject: subject(),
    ruleId: null,
    holder: null,
    by: null,
    ...given,
  };
  const circumstances = { ...calm, ...given.circumstances };
  return decide(event, given.rules ?? [rule()], [given.who ?? person()], circumstances)[0]?.verdict;
}

describe('who is told', () => {
  it('tells the people of a role through every address that the rules ask for', () => {
    const who = person({ subscriptions: [{ id: '7', endpoint: 'https://push.example/abc' }] });
    const both = [rule(), rule({ id: '2', roles: [], personIds: ['lan'], channels: ['webPush'] })];
    expect(verdictOf({ who, rules: both })).toMatchObject({
      kind: 'tell',
      targets: [
        { channel: 'email', address: 'lan@example.vn' },
        { channel: 'webPush', id: '7', lane: 'push https://push.example' },
      ],
    });
  });

  it('posts to a webhook that a rule names, and to no other', () => {
    const rules = [rule({ roles: [], channels: ['webhook'], webhookIds: ['3'] })];
    expect(verdictOf({ rules, who: webhookRecipient({ id: '3', name: 'Zalo' }) })).toMatchObject({ kind: 'tell' });
    expect(verdictOf({ rules, who: webhookRecipient({ id: '4', name: 'LGSP' }) })).toEqual({
      kind: 'not',
      why: 'no-rule',
      rule: null,
    });
  });

  it.each([
    ['no-rule', { rules: [rule({ roles: ['technician'] })] }],
    ['no-rule', { rules: [rule({ enabled: false })] }],
    ['other-kind', { rules: [rule({ kinds: ['flood'] })] }],
    ['other-kind', { rules: [rule({ deviceClasses: ['flood'] })] }],
    ['other-kind', { rules: [rule({ owners: ['VIETTEL'] })] }],
    ['other-area', { rules: [rule({ communeCodes: ['21115'] })] }],
    ['below-severity', { rules: [rule({ minimumSeverity: 'critical' })] }],
    ['outside-hours', { rules: [rule({ hours: { from: '18:00', until: '06:00', days: [1, 2, 3, 4, 5, 6, 7] } })] }],
    ['no-address', { who: person({ email: null }) }],
  ] as const)('says why not: %s', (why, given) => {
    expect(verdictOf({ ...given, rules: 'rules' in given ? [...given.rules] : [rule()] })).toMatchObject({
      kind: 'not',
      why,
    });
  });

  it('names of several rules the one that came nearest', () => {
    const rules = [
      rule({ name: 'Vùng khác', communeCodes: ['21115'] }),
      rule({ id: '2', name: 'Nặng', minimumSeverity: 'critical' }),
    ];
    expect(verdictOf({ rules })).toEqual({ kind: 'not', why: 'below-severity', rule: 'Nặng' });
  });

  it('takes an incident without a known commune as outside every area, and one about many devices by its kind', () => {
    const area = [rule({ communeCodes: ['21025'] })];
    expect(verdictOf({ rules: area, subject: subject({ communeCodes: [] }) })).toMatchObject({ why: 'other-area' });
    const hub = subject({ kind: 'hubDown', deviceClass: null, owner: null });
    expect(verdictOf({ rules: [rule({ deviceClasses: ['bts'] })], subject: hub })).toMatchObject({ kind: 'tell' });
    expect(verdictOf({ rules: [rule({ deviceClasses: ['vcs'] })], subject: hub })).toMatchObject({ why: 'other-kind' });
  });

  it('tells later by a rule that waits, and at once when its time has come', () => {
    const rules = [rule({ afterMinutes: 30 }), rule({ id: '2', name: 'Sớm', afterMinutes: 10 })];
    expect(verdictOf({ rules })).toEqual({ kind: 'later', minutes: 10, rule: 'Sớm' });
    expect(verdictOf({ rules, who: person({ email: null }) })).toMatchObject({ kind: 'not', why: 'no-address' });
    expect(verdictOf({ rules, kind: 'escalated', ruleId: '2' })).toMatchObject({ kind: 'tell', rule: 'Sớm' });
  });

  it('tells the end to whoever was told before, however little is left, and to nobody else', () => {
    const rules = [rule({ minimumSeverity: 'critical' })];
    const over = { kind: 'resolved', rules, subject: subject({ severity: 'minor' }) } as const;
    expect(verdictOf({ ...over, circumstances: { toldBefore: () => true } })).toMatchObject({ kind: 'tell' });
    expect(verdictOf(over)).toMatchObject({ why: 'not-told-before' });
  });
});

describe('what people do', () => {
  const nobody = [rule({ roles: ['viewer'] })];

  it('tells whoever is given an incident, by every address, whatever the rules say; and nobody else', () => {
    const given = { kind: 'assigned', holder: 'person.lan', by: 'person.an', rules: nobody } as const;
    expect(verdictOf({ ...given, rules: [...nobody] })).toMatchObject({ kind: 'tell', rule: null });
    expect(verdictOf({ ...given, rules: [rule()], holder: 'person.binh' })).toMatchObject({ why: 'no-rule' });
    expect(verdictOf({ ...given, rules: [...nobody], who: person({ email: null }) })).toMatchObject({
      why: 'no-address',
    });
  });

  it.each(['assigned', 'resolved', 'reopened'] as const)('tells nobody of what they did themselves: %s', (kind) => {
    const mine = { kind, holder: 'person.lan', by: 'person.lan', circumstances: { toldBefore: () => true } };
    expect(verdictOf(mine)).toEqual({ kind: 'not', why: 'own-act', rule: null });
  });

  it.each(['resolved', 'reopened'] as const)('tells the holder, and whoever was its holder before: %s', (kind) => {
    expect(verdictOf({ kind, rules: nobody, holder: 'person.lan' })).toMatchObject({ kind: 'tell', rule: null });
    expect(verdictOf({ kind, rules: nobody, circumstances: { toldBefore: () => true } })).toMatchObject({
      kind: 'tell',
      rule: null,
    });
    expect(verdictOf({ kind, rules: nobody })).toMatchObject({ why: 'no-rule' });
  });

  it('says that it is back to whoever was told of it, however little it is now', () => {
    const rules = [rule({ minimumSeverity: 'critical' })];
    const back = { kind: 'reopened', rules, subject: subject({ severity: 'minor' }) } as const;
    expect(verdictOf({ ...back, circumstances: { toldBefore: () => true } })).toMatchObject({ kind: 'tell' });
    expect(verdictOf(back)).toMatchObject({ why: 'below-severity' });
  });

  it('holds no work that is given away because of a flood, but keeps to the hourly limit', () => {
    const given = { kind: 'assigned', holder: 'person.lan', by: 'person.an' } as const;
    expect(verdictOf({ ...given, circumstances: { flood: true } })).toMatchObject({ kind: 'tell' });
    expect(verdictOf({ ...given, circumstances: receivedOf(5, 5) })).toMatchObject({ kind: 'tell' });
    expect(verdictOf({ ...given, circumstances: receivedOf(MESSAGES_PER_HOUR, 6) })).toMatchObject({
      kind: 'hold',
      why: 'over-limit',
    });
    const over = { kind: 'resolved', holder: 'person.lan', circumstances: { flood: true } } as const;
    expect(verdictOf(over)).toMatchObject({ kind: 'hold', why: 'in-digest' });
  });
});

describe('a flood and the hourly limit', () => {
  it('hold what can wait, and say which of them it was', () => {
    expect(verdictOf({ circumstances: { flood: true } })).toMatchObject({ kind: 'hold', why: 'in-digest' });
    expect(verdictOf({ circumstances: receivedOf(MESSAGES_PER_HOUR - 1) })).toMatchObject({ kind: 'tell' });
    expect(verdictOf({ circumstances: receivedOf(MESSAGES_PER_HOUR) })).toMatchObject({
      kind: 'hold',
      why: 'over-limit',
    });
    expect(verdictOf({ circumstances: receivedOf(1, 1) })).toMatchObject({ kind: 'tell' });
    expect(verdictOf({ circumstances: receivedOf(2, 2) })).toMatchObject({ kind: 'hold', why: 'close-together' });
  });

  it('never hold isolated communes, hubs and gauges at alarm level 3', () => {
    const urgent = [
      subject({ kind: 'communeIsolated', severity: 'critical' }),
      subject({ kind: 'hubDown', severity: 'critical' }),
      subject({ kind: 'flood', severity: 'critical', deviceClass: 'flood' }),
    ];
    const flooded = { flood: true, ...receivedOf(50, 50) };
    for (const each of urgent) {
      expect(bypassesLimits(each)).toBe(true);
      expect(verdictOf({ subject: each, circumstances: flooded })).toMatchObject({ kind: 'tell' });
    }
    expect(bypassesLimits(subject({ kind: 'flood', severity: 'major' }))).toBe(false);
    expect(bypassesLimits(subject({ kind: 'communeNearlyIsolated', severity: 'critical' }))).toBe(false);
  });
});
