import type { NotificationReason, Notification } from '@ioc/contract';
import type { Decision, Verdict } from './decision.js';
import { reasonText, type Reason } from './reason-text.js';

/** Recipients with the same answer, as kept with an incident. */
export interface DecisionGroup {
  readonly reason: Reason;
  readonly rule: string | null;
  readonly minutes: number | null;
  readonly recipients: readonly string[];
}

/** Decisions folded: of 2,000 people most have the same answer. */
export function groupDecisions(decisions: readonly Decision[]): readonly DecisionGroup[] {
  const groups = new Map<string, { group: Omit<DecisionGroup, 'recipients'>; recipients: string[] }>();
  for (const { recipient, verdict } of decisions) {
    const group = outlineOf(verdict);
    const key = JSON.stringify(group);
    const known = groups.get(key) ?? { group, recipients: [] };
    known.recipients.push(recipient.key);
    groups.set(key, known);
  }
  return [...groups.values()].map(({ group, recipients }) => ({ ...group, recipients }));
}

function outlineOf(verdict: Verdict): Omit<DecisionGroup, 'recipients'> {
  switch (verdict.kind) {
    case 'tell':
      return { reason: 'waiting', rule: verdict.rule, minutes: null };
    case 'hold':
      return { reason: verdict.why, rule: verdict.rule, minutes: null };
    case 'later':
      return { reason: 'escalation', rule: verdict.rule, minutes: verdict.minutes };
    case 'not':
      return { reason: verdict.why, rule: verdict.rule, minutes: null };
  }
}

/** What became of a message to one recipient about an incident; `digest`: of the digest that took it up. */
export interface Fate {
  readonly recipient: string;
  readonly state: Notification['state'];
  readonly digest: Notification['state'] | null;
  readonly sentAtMs: number | null;
}

interface Answer {
  readonly told: boolean;
  readonly atMs: number | null;
  readonly reason: Reason;
  readonly rule: string | null;
  readonly minutes: number | null;
}

/**
 * One answer per recipient: that it was told wherever that is so, else the latest reason why not.
 * @param decided in order of time, with the moment of each decision
 * @param names of recipients, in the order to show; who is not among them is left out
 */
export function explain(
  names: ReadonlyMap<string, string>,
  decided: readonly { readonly atMs: number; readonly groups: readonly DecisionGroup[] }[],
  fates: readonly Fate[],
): readonly NotificationReason[] {
  const answers = new Map<string, Answer>();
  for (const { atMs, groups } of decided) {
    for (const { reason, rule, minutes, recipients } of groups) {
      for (const key of recipients) {
        const before = answers.get(key);
        // What happens later and concerns somebody less does not hide what came of it before.
        const passesOver = reason === 'not-told-before' || reason === 'no-rule' || reason === 'own-act';
        if (before === undefined || !passesOver) answers.set(key, { told: false, atMs, reason, rule, minutes });
      }
    }
  }
  const came = new Map<string, Answer>();
  for (const fate of fates) {
    const before = came.get(fate.recipient);
    const answer = answerOf(fate, answers.get(fate.recipient));
    if (before === undefined || weight(answer) >= weight(before)) came.set(fate.recipient, answer);
  }
  // What came of a message says more than why it was written.
  for (const [key, answer] of came) answers.set(key, answer);
  return [...names].flatMap(([key, personName]) => {
    const answer = answers.get(key);
    return answer === undefined ? [] : [reasonOf(personName, answer)];
  });
}

function answerOf({ state, digest, sentAtMs }: Fate, decided: Answer | undefined): Answer {
  const base = { told: false, atMs: null, rule: decided?.rule ?? null, minutes: null };
  const held: Reason = decided !== undefined && isHeld(decided.reason) ? decided.reason : 'in-digest';
  switch (state) {
    case 'sent':
      return { ...base, told: true, atMs: sentAtMs, reason: 'sent' };
    case 'waiting':
    case 'sending':
      return { ...base, reason: 'waiting' };
    case 'failed':
      return { ...base, reason: 'failed' };
    case 'held':
      return { ...base, reason: held };
    case 'dropped':
      if (digest === null) return { ...base, reason: 'withdrawn' };
      return { ...base, told: digest === 'sent', atMs: sentAtMs, reason: held };
  }
}

function isHeld(reason: Reason): boolean {
  return reason === 'in-digest' || reason === 'over-limit' || reason === 'close-together';
}

function weight({ told, reason }: Answer): number {
  if (told) return reason === 'sent' ? 5 : 4;
  if (reason === 'waiting') return 3;
  return reason === 'failed' || isHeld(reason) ? 2 : 1;
}

function reasonOf(personName: string, { told, atMs, reason, rule, minutes }: Answer): NotificationReason {
  const at = atMs === null ? null : new Date(atMs).toISOString();
  return { personName, told, at, reason, text: reasonText(reason, rule, minutes) };
}

/** What a dry run says: nothing is sent, and nothing of what was sent before counts. */
export function foretell(decisions: readonly Decision[], atMs: number): readonly NotificationReason[] {
  return decisions.map(({ recipient, verdict }) => {
    const { reason, rule, minutes } = outlineOf(verdict);
    const told = verdict.kind === 'tell' || verdict.kind === 'later';
    const shown: Reason = verdict.kind === 'tell' ? 'would-be-told' : reason;
    const whenMs = told ? atMs + (minutes ?? 0) * 60_000 : null;
    return reasonOf(recipient.name, { told, atMs: whenMs, reason: shown, rule, minutes });
  });
}
