import type { ChannelKind, NotificationRule } from '@ioc/contract';
import type { Recipient, Target } from './recipient.js';
import { MISMATCHES, mismatchOf, type Mismatch, type RuleSubject } from './rule-matching.js';

/** ISA-18.2 asks for so few that a person can still act on each. */
export const MESSAGES_PER_HOUR = 6;

export type EventKind = 'opened' | 'reopened' | 'worsened' | 'resolved' | 'escalated';

/** What happened, to be decided on. */
export interface NotableEvent {
  readonly kind: EventKind;
  readonly subject: RuleSubject;
  /** Of an escalation: the rule whose time has come. */
  readonly ruleId: string | null;
}

/** What else counts at that moment. */
export interface Circumstances {
  readonly atMs: number;
  /** Alarms come in a flood: what can wait goes into a digest. */
  readonly flood: boolean;
  /** Messages of the last hour that count, by recipient. */
  readonly lastHour: (recipientKey: string) => number;
  /** Whether the recipient was told of this incident before, or its message is held. */
  readonly toldBefore: (recipientKey: string) => boolean;
}

export type WhyNot = Mismatch | 'no-rule' | 'no-address' | 'not-told-before';

export type Verdict =
  | { readonly kind: 'tell'; readonly targets: readonly Target[]; readonly rule: string }
  | {
      readonly kind: 'hold';
      readonly why: 'in-digest' | 'over-limit';
      readonly targets: readonly Target[];
      readonly rule: string;
    }
  | { readonly kind: 'later'; readonly minutes: number; readonly rule: string }
  | { readonly kind: 'not'; readonly why: WhyNot; readonly rule: string | null };

export interface Decision {
  readonly recipient: Recipient;
  readonly verdict: Verdict;
}

/**
 * Cut-off communes, hubs and gauges at alarm level 3 (whose alarm is the critical one) are told of at once, whatever the
 * flood and the hourly limit; and they do not use that limit up.
 */
export function bypassesLimits({ kind, severity }: RuleSubject): boolean {
  return kind === 'communeIsolated' || kind === 'hubDown' || (kind === 'flood' && severity === 'critical');
}

/** Who is told what about an event, and why; one decision per recipient. Nothing is read or sent. */
export function decide(
  event: NotableEvent,
  rules: readonly NotificationRule[],
  recipients: readonly Recipient[],
  circumstances: Circumstances,
): readonly Decision[] {
  const enabled = rules.filter(({ enabled: on }) => on);
  return recipients.map((recipient) => ({ recipient, verdict: judge(event, enabled, recipient, circumstances) }));
}

function judge(
  event: NotableEvent,
  rules: readonly NotificationRule[],
  recipient: Recipient,
  { atMs, flood, lastHour, toldBefore }: Circumstances,
): Verdict {
  const named = rules.filter((rule) => (event.ruleId === null || rule.id === event.ruleId) && names(rule, recipient));
  if (named.length === 0) return { kind: 'not', why: 'no-rule', rule: null };
  if (event.kind === 'resolved' && !toldBefore(recipient.key))
    return { kind: 'not', why: 'not-told-before', rule: null };

  // An incident that is over may have become lesser before; whoever was told of it hears the end.
  const subject: RuleSubject = event.kind === 'resolved' ? { ...event.subject, severity: 'critical' } : event.subject;
  const looked = named.map((rule) => ({ rule, mismatch: mismatchOf(rule, subject, atMs) }));
  const matching = looked.filter(({ mismatch }) => mismatch === null).map(({ rule }) => rule);
  const [nearest] = looked.toSorted((a, b) => progress(b.mismatch) - progress(a.mismatch));
  if (matching.length === 0 && nearest?.mismatch) {
    return { kind: 'not', why: nearest.mismatch, rule: nearest.rule.name };
  }

  const now = matching.filter(
    ({ afterMinutes }) => afterMinutes === 0 || event.kind === 'escalated' || event.kind === 'resolved',
  );
  const [first] = now;
  if (first === undefined) {
    const [soonest] = matching.toSorted((a, b) => a.afterMinutes - b.afterMinutes);
    if (soonest === undefined) return { kind: 'not', why: 'no-rule', rule: null };
    if (targetsOf(recipient, matching).length === 0) return { kind: 'not', why: 'no-address', rule: soonest.name };
    return { kind: 'later', minutes: soonest.afterMinutes, rule: soonest.name };
  }
  const targets = targetsOf(recipient, now);
  if (targets.length === 0) return { kind: 'not', why: 'no-address', rule: first.name };
  if (bypassesLimits(event.subject)) return { kind: 'tell', targets, rule: first.name };
  if (flood) return { kind: 'hold', why: 'in-digest', targets, rule: first.name };
  if (lastHour(recipient.key) >= MESSAGES_PER_HOUR)
    return { kind: 'hold', why: 'over-limit', targets, rule: first.name };
  return { kind: 'tell', targets, rule: first.name };
}

function names(rule: NotificationRule, { personId, role, targets }: Recipient): boolean {
  if (personId !== null) {
    return rule.personIds.includes(personId) || (role !== null && rule.roles.includes(role));
  }
  return targets.some(({ id }) => rule.webhookIds.includes(id));
}

function targetsOf(recipient: Recipient, rules: readonly NotificationRule[]): readonly Target[] {
  const channels = new Set<ChannelKind>(rules.flatMap((rule) => rule.channels));
  return recipient.targets.filter(({ channel }) => channels.has(channel));
}

function progress(mismatch: Mismatch | null): number {
  return mismatch === null ? MISMATCHES.length : MISMATCHES.indexOf(mismatch);
}
