import {
  meetingBody,
  MEETING_MAX_AHEAD_MS,
  MEETING_MAX_MS,
  type Meeting,
  type MeetingBody,
  type Problem,
} from '@ioc/contract';
import { fromLocalInput, toLocalInput } from '../../ui/local-moment.js';

/** What a person has typed so far; moments as values of `datetime-local` fields in the province's time. */
export interface MeetingDraft {
  readonly title: string;
  readonly startsAt: string;
  readonly endsAt: string;
  /** Every commune takes part; else those of `codes`. */
  readonly all: boolean;
  readonly codes: readonly string[];
}

export const DRAFT_FIELDS = ['title', 'startsAt', 'endsAt', 'participants'] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];
export type DraftFault = 'title' | 'start' | 'far' | 'end' | 'order' | 'long' | 'over' | 'communes';

const HOUR_MS = 3_600_000;

/** A new meeting: an hour, from the next full hour that is at least half an hour away. */
export function emptyDraft(nowMs: number): MeetingDraft {
  const startsMs = Math.ceil((nowMs + HOUR_MS / 2) / HOUR_MS) * HOUR_MS;
  return {
    title: '',
    startsAt: toLocalInput(startsMs),
    endsAt: toLocalInput(startsMs + HOUR_MS),
    all: true,
    codes: [],
  };
}

export function draftOf({ title, startsAt, endsAt, participants }: Meeting): MeetingDraft {
  return {
    title,
    startsAt: toLocalInput(startsAt),
    endsAt: toLocalInput(endsAt),
    all: participants.kind === 'all',
    codes: participants.kind === 'all' ? [] : participants.codes,
  };
}

/** What is wrong, by field; empty when nothing is. */
export function faultsOf(draft: MeetingDraft, nowMs: number): Partial<Record<DraftField, DraftFault>> {
  const faults: Partial<Record<DraftField, DraftFault>> = {};
  if (draft.title.trim() === '') faults.title = 'title';
  const starts = fromLocalInput(draft.startsAt);
  const ends = fromLocalInput(draft.endsAt);
  if (starts === null) faults.startsAt = 'start';
  else if (Date.parse(starts) - nowMs > MEETING_MAX_AHEAD_MS) faults.startsAt = 'far';
  if (ends === null) faults.endsAt = 'end';
  else if (starts !== null) {
    const lastsMs = Date.parse(ends) - Date.parse(starts);
    if (lastsMs <= 0) faults.endsAt = 'order';
    else if (lastsMs > MEETING_MAX_MS) faults.endsAt = 'long';
    else if (Date.parse(ends) <= nowMs) faults.endsAt = 'over';
  }
  if (!draft.all && draft.codes.length === 0) faults.participants = 'communes';
  return faults;
}

/** The body to send; null while something is missing or wrong. */
export function bodyOf(draft: MeetingDraft): MeetingBody | null {
  const parsed = meetingBody.safeParse({
    title: draft.title,
    startsAt: fromLocalInput(draft.startsAt),
    endsAt: fromLocalInput(draft.endsAt),
    participants: draft.all ? { kind: 'all' } : { kind: 'communes', codes: [...draft.codes] },
  });
  return parsed.success ? parsed.data : null;
}

/** What the server says of single fields, in the language of the screen; null when it says something else as well. */
export function fieldErrors({ errors }: Problem): Partial<Record<DraftField, string>> | null {
  if (errors === undefined || errors.length === 0) return null;
  const found: Partial<Record<DraftField, string>> = {};
  for (const { path, message } of errors) {
    const field = DRAFT_FIELDS.find((name) => path === `body.${name}` || path.startsWith(`body.${name}.`));
    if (field === undefined) return null;
    found[field] = message;
  }
  return found;
}
