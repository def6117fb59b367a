import type { ChannelKind, NotificationRule } from '@ioc/contract';
import type { Recipient, Target } from './recipient.js';
import { MISMATCHES, mismatchOf, type Mismatch, type RuleSubject } from './rule-matching.js';

/** ISA-18.2 asks for so few that a person can still act on each. */
export const MESSAGES_PER_HOUR = 6;
/**
 * Messages of their own within a quarter of an hour; what comes closer together goes into a digest. Of six an hour this
 * leaves four: one digest each quarter, so that a flood that begins with messages of their own leaves nobody in the dark.
 */
export const SINGLES_PER_QUARTER = 2;

/** Messages that a recipient got and that count, digests among them. */
export interface Received {
  readonly lastHour: number;
  /** Of the last 15 minutes, without digests. */
  readonly singlesLastQuarter: number;
}

export const NOTHING_RECEIVED: Received = { lastHour: 0, singlesLastQuarter: 0 };

/** `assigned`: a person gave it to another one, who is its holder now. */
export type EventKind = 'opened' | 'reopened' | 'worsened' | 'resolved' | 'escalated' | 'assigned';

/** What happened, to be decided on. */
export interface NotableEvent {
  readonly kind: EventKind;
  readonly subject: RuleSubject;
  /** Of an escalation: the rule whose time has come. */
  readonly ruleId: string | null;
  /** Who has the incident, as a recipient; null: nobody. */
  readonly holder: string | null;
  /** Who did it, as a recipient; null: the system. */
  readonly by: string | null;
}

/** What else counts at that moment. */
export interface Circumstances {
  readonly atMs: number;
  /** Alarms come in a flood: what can wait goes into a digest. */
  readonly flood: boolean;
  readonly received: (recipientKey: string) => Received;
  /** Whether the recipient was told of this incident before, or its message is held. */
  readonly toldBefore: (recipientKey: string) => boolean;
}

export type WhyNot = Mismatch | 'no-rule' | 'no-address' | 'not-told-before' | 'own-act';

export type WhyHeld = 'in-digest' | 'over-limit' | 'close-together';

export type Verdict =
  /** `rule` null: it concerns them without one. */
  | { readonly kind: 'tell'; readonly targets: readonly Target[]; readonly rule: string | null }
  | {
      readonly kind: 'hold';
      readonly why: WhyHeld;
      readonly targets: readonly Target[];
      readonly rule: string | null;
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
  circumstances: Circumstances,
): Verdict {
  if (recipient.key === event.by) return { kind: 'not', why: 'own-act', rule: null };
  const before = circumstances.toldBefore(recipient.key);
  const named = rules.filter((rule) => (event.ruleId === null || rule.id === event.ruleId) && names(rule, recipient));
  if (concernsWithoutRule(event, recipient, named.length > 0, before)) {
    return dispatched(event, recipient, recipient.targets, null, circumstances);
  }
  if (named.length === 0 || event.kind === 'assigned') return { kind: 'not', why: 'no-rule', rule: null };
  if (event.kind === 'resolved' && !before) return { kind: 'not', why: 'not-told-before', rule: null };

  // It may have become lesser before; whoever was told of it hears that it is over, or back.
  const follows = event.kind === 'resolved' || (event.kind === 'reopened' && before);
  const subject: RuleSubject = follows ? { ...event.subject, severity: 'critical' } : event.subject;
  const looked = named.map((rule) => ({ rule, mismatch: mismatchOf(rule, subject, circumstances.atMs) }));
  const matching = looked.filter(({ mismatch }) => mismatch === null).map(({ rule }) => rule);
  const [nearest] = looked.toSorted((a, b) => progress(b.mismatch) - progress(a.mismatch));
  if (matching.length === 0 && nearest?.mismatch) {
    return { kind: 'not', why: nearest.mismatch, rule: nearest.rule.name };
  }

  const now = matching.filter(({ afterMinutes }) => afterMinutes === 0 || event.kind === 'escalated' || follows);
  const [first] = now;
  if (first !== undefined) {
    return dispatched(event, recipient, targetsOf(recipient, now), first.name, circumstances);
  }
  const [soonest] = matching.toSorted((a, b) => a.afterMinutes - b.afterMinutes);
  if (soonest === undefined) return { kind: 'not', why: 'no-rule', rule: null };
  if (targetsOf(recipient, matching).length === 0) return { kind: 'not', why: 'no-address', rule: soonest.name };
  return { kind: 'later', minutes: soonest.afterMinutes, rule: soonest.name };
}

/**
 * Whoever has an incident, or gets it, is told what becomes of it, whatever the rules say of them; so is a person who was
 * told of it as its holder, and has it no more.
 */
function concernsWithoutRule({ kind, holder }: NotableEvent, recipient: Recipient, isNamed: boolean, before: boolean) {
  if (kind === 'assigned') return recipient.key === holder;
  if (kind !== 'resolved' && kind !== 'reopened') return false;
  return recipient.key === holder || (before && !isNamed && recipient.personId !== null);
}

/** At once, or into the digest. */
function dispatched(
  { kind, subject }: NotableEvent,
  { key }: Recipient,
  targets: readonly Target[],
  rule: string | null,
  { flood, received }: Circumstances,
): Verdict {
  if (targets.length === 0) return { kind: 'not', why: 'no-address', rule };
  if (bypassesLimits(subject)) return { kind: 'tell', targets, rule };
  const why = whyHeld(kind, received(key), flood);
  return why === null ? { kind: 'tell', targets, rule } : { kind: 'hold', why, targets, rule };
}

function whyHeld(kind: EventKind, { lastHour, singlesLastQuarter }: Received, flood: boolean): WhyHeld | null {
  // A colleague who gives work away is no part of the flood.
  const canWait = kind !== 'assigned';
  if (flood && canWait) return 'in-digest';
  if (lastHour >= MESSAGES_PER_HOUR) return 'over-limit';
  return singlesLastQuarter >= SINGLES_PER_QUARTER && canWait ? 'close-together' : null;
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
