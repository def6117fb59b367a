import type { FactBody, FactKind, FactSubject } from '@ioc/contract';
import { fromLocalInput, toLocalInput } from '../../ui/local-moment.js';

/** What a fact may be recorded of, in the order of how often it is needed. */
export const KINDS_OF_SUBJECT: Readonly<Record<FactSubject['kind'], readonly FactKind[]>> = {
  site: ['generatorRunning', 'powerExpected', 'roadCut', 'other'],
  commune: ['reached', 'roamingOn', 'powerExpected', 'roadCut', 'officeFlooded', 'other'],
  feed: ['powerExpected', 'other'],
};

const HOUR_MS = 3_600_000;
/** How long it counts unless somebody says otherwise. */
const LIFE_H: Readonly<Record<FactKind, number>> = {
  generatorRunning: 6,
  reached: 6,
  powerExpected: 4,
  roadCut: 24,
  officeFlooded: 24,
  roamingOn: 24,
  other: 12,
};
const MAX_LIFE_MS = 7 * 24 * HOUR_MS;

export type FactMeans = NonNullable<FactBody['means']>;

/** What stands in the form; moments are values of fields in the province's time. */
export interface FactDraft {
  readonly kind: FactKind;
  readonly at: string;
  readonly expiresAt: string;
  readonly note: string;
  readonly means: FactMeans;
  readonly host: string;
  readonly guests: readonly string[];
}

export const endOf = (kind: FactKind, nowMs: number): string => toLocalInput(nowMs + LIFE_H[kind] * HOUR_MS);

export function newDraft(kind: FactKind, nowMs: number): FactDraft {
  return {
    kind,
    at: toLocalInput(nowMs),
    expiresAt: endOf(kind, nowMs),
    note: '',
    means: 'satellitePhone',
    host: '',
    guests: [],
  };
}

export const DRAFT_FAULTS = ['at', 'expiresAt', 'note', 'host', 'guests'] as const;
export type DraftFault = (typeof DRAFT_FAULTS)[number];

/** The fields that cannot be sent as they are; the server judges once more. */
export function faultsOf(draft: FactDraft, nowMs: number): readonly DraftFault[] {
  const faults: DraftFault[] = [];
  const atMs = Date.parse(fromLocalInput(draft.at) ?? '');
  const expiresAtMs = Date.parse(fromLocalInput(draft.expiresAt) ?? '');
  if (Number.isNaN(atMs) || atMs > nowMs || nowMs - atMs > MAX_LIFE_MS) faults.push('at');
  // What has expired already would never count.
  if (!(expiresAtMs > Math.max(atMs, nowMs)) || expiresAtMs - atMs > MAX_LIFE_MS) faults.push('expiresAt');
  if (draft.kind === 'other' && draft.note.trim() === '') faults.push('note');
  if (draft.kind === 'roamingOn' && draft.host === '') faults.push('host');
  if (draft.kind === 'roamingOn' && (draft.guests.length === 0 || draft.guests.includes(draft.host))) {
    faults.push('guests');
  }
  return faults;
}

/** The body to send; null while a moment is none. */
export function bodyOf(draft: FactDraft, subject: FactSubject, requestId: string): FactBody | null {
  const at = fromLocalInput(draft.at);
  const expiresAt = fromLocalInput(draft.expiresAt);
  if (at === null || expiresAt === null) return null;
  return {
    subject,
    kind: draft.kind,
    note: draft.note.trim(),
    at,
    expiresAt,
    ...(draft.kind === 'reached' ? { means: draft.means } : {}),
    ...(draft.kind === 'roamingOn' ? { host: draft.host, guests: [...draft.guests] } : {}),
    requestId,
  };
}
