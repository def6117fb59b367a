import {
  causeCode,
  localizedText,
  problem,
  type ENDPOINTS,
  type Incident,
  type Problem,
  type ResponseOf,
} from '@ioc/contract';
import { z } from 'zod';

/** A photo as it was taken and made smaller; its id is chosen here, so that a repeated upload is one photo. */
const queuedPhoto = z.object({ id: z.uuid(), content: z.instanceof(Blob), uploaded: z.boolean() });
export type QueuedPhoto = z.infer<typeof queuedPhoto>;

const workAction = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('acknowledge') }),
  z.object({ kind: z.literal('release') }),
  z.object({ kind: z.literal('start') }),
  z.object({ kind: z.literal('comment'), note: z.string(), photos: z.array(queuedPhoto) }),
  z.object({ kind: z.literal('resolve'), code: causeCode, resolution: z.string() }),
]);
export type WorkAction = z.infer<typeof workAction>;
export type WorkKind = WorkAction['kind'];

const whoWasFirst = z.object({ name: z.string(), at: z.string(), note: z.string().nullable() });
export type WhoWasFirst = z.infer<typeof whoWasFirst>;

/**
 * Why something that was tapped was not done and waits for a decision. `taken`: somebody else has it · `changed`: a person
 * did something to it that had not been seen here · `over`: it is resolved or closed · `refused`: anything else.
 */
const workStop = z.discriminatedUnion('reason', [
  z.object({ reason: z.literal('taken'), first: whoWasFirst }),
  z.object({ reason: z.literal('changed'), first: whoWasFirst, version: z.number() }),
  z.object({ reason: z.literal('over'), first: whoWasFirst.nullable() }),
  z.object({ reason: z.literal('refused'), problem }),
]);
export type WorkStop = z.infer<typeof workStop>;

/** What was tapped and is not yet known to be done. */
export const queuedWork = z.object({
  /** The order of tapping. */
  seq: z.number().int(),
  /** The server carries out one request once, however often it is sent. */
  requestId: z.uuid(),
  /** Whose work it is: it is sent under their session only. */
  personId: z.string(),
  incidentId: z.string(),
  title: localizedText,
  action: workAction,
  /** The version that it was tapped against, or that an earlier one of the same person made of it. */
  version: z.number().int(),
  /** When what was seen was known to be so; the server's epoch ms. */
  seenAtMs: z.number(),
  tappedAtMs: z.number(),
  /** How often it was sent without a clear answer. */
  attempts: z.number().int(),
  /** Null: it waits to be sent. */
  stop: workStop.nullable(),
});
export type QueuedWork = z.infer<typeof queuedWork>;
export type NewWork = Omit<QueuedWork, 'seq' | 'attempts' | 'stop'>;

export type IncidentDetail = ResponseOf<typeof ENDPOINTS.getIncident>;

export type StaleDecision =
  | { readonly kind: 'resend'; readonly version: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'stop'; readonly stop: WorkStop };

/**
 * What to do with work whose version is no longer the newest. Nothing that a person did unseen is passed over: only what adds
 * to an incident (a comment), gives one's own back, or meets changes by the system alone is sent again.
 */
export function decideStale(work: QueuedWork, fresh: IncidentDetail): StaleDecision {
  const { version } = fresh;
  const mine = fresh.acknowledgedBy?.personId === work.personId;
  switch (work.action.kind) {
    case 'comment':
      return { kind: 'resend', version };
    case 'release':
      return mine ? { kind: 'resend', version } : { kind: 'done' };
    case 'acknowledge':
      if (mine) return { kind: 'done' };
      break;
    case 'start':
      if (mine && fresh.state === 'inProgress') return { kind: 'done' };
      break;
    case 'resolve':
      break;
  }
  const stop = isOver(fresh) ? overBy(fresh) : (takenBy(work, fresh) ?? changedBy(work, fresh));
  return stop === null ? { kind: 'resend', version } : { kind: 'stop', stop };
}

/** What a refusal means, with the incident as it is when it could be asked for. */
export function stopOf(work: QueuedWork, refusal: Problem, fresh: IncidentDetail | null): WorkStop | 'done' {
  if (refusal.holder !== undefined) return { reason: 'taken', first: refusal.holder };
  // Nobody has it, or somebody else: there is nothing left to give back.
  if (work.action.kind === 'release' && (refusal.code === 'conflict' || refusal.code === 'forbidden')) return 'done';
  if (refusal.code === 'conflict' && fresh !== null && isOver(fresh)) return overBy(fresh);
  return { reason: 'refused', problem: refusal };
}

function isOver({ state }: Incident): boolean {
  return state === 'resolved' || state === 'closed';
}

function overBy(fresh: IncidentDetail): WorkStop {
  const end = fresh.changes.findLast(
    ({ action }) => action === 'resolved' || action === 'closed' || action === 'merged',
  );
  const first =
    end === undefined || end.personName === null ? null : { name: end.personName, at: end.at, note: end.note };
  return { reason: 'over', first };
}

function takenBy(work: QueuedWork, { acknowledgedBy, acknowledgedAt, detectedAt, note }: Incident): WorkStop | null {
  if (acknowledgedBy === null || acknowledgedBy.personId === work.personId) return null;
  return { reason: 'taken', first: { name: acknowledgedBy.name, at: acknowledgedAt ?? detectedAt, note } };
}

function changedBy(work: QueuedWork, { changes, version }: IncidentDetail): WorkStop | null {
  // A comment decides nothing; the system's own changes are what the technician drives to anyway.
  const unseen = changes.findLast(
    ({ at, personName, action }) => personName !== null && action !== 'commented' && Date.parse(at) > work.seenAtMs,
  );
  if (unseen === undefined || unseen.personName === null) return null;
  return { reason: 'changed', first: { name: unseen.personName, at: unseen.at, note: unseen.note }, version };
}
