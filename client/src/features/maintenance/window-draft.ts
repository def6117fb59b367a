import { maintenanceWindowBody } from '@ioc/contract';
import type { WindowBody } from './api.js';
import { fromLocalInput } from '../../ui/local-moment.js';

export const SUBJECT_KINDS = ['device', 'site', 'commune', 'owner', 'class'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** What a person has typed so far; moments as values of moment fields. */
export interface WindowDraft {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly kind: 'once' | 'weekly';
  readonly from: string;
  readonly until: string;
  readonly days: readonly number[];
  readonly at: string;
  readonly minutes: number;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly reason: string;
}

export type DraftFault = 'order' | 'days' | 'at' | 'minutes';

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAY_MINUTES = 1_440;

/** What is wrong with the schedule; null when nothing is. Empty fields are not wrong yet. */
export function faultOf(draft: WindowDraft): DraftFault | null {
  if (draft.kind === 'once') {
    const from = fromLocalInput(draft.from);
    const until = fromLocalInput(draft.until);
    return from !== null && until !== null && Date.parse(until) <= Date.parse(from) ? 'order' : null;
  }
  if (!TIME_OF_DAY.test(draft.at)) return 'at';
  if (draft.days.length === 0) return 'days';
  if (!Number.isInteger(draft.minutes) || draft.minutes < 5 || draft.minutes > 7 * DAY_MINUTES) return 'minutes';
  const from = fromLocalInput(draft.validFrom);
  const until = fromLocalInput(draft.validUntil);
  return from !== null && until !== null && Date.parse(until) <= Date.parse(from) ? 'order' : null;
}

/** The body to send; null while something is missing or wrong. */
export function bodyOf(draft: WindowDraft): WindowBody | null {
  if (faultOf(draft) !== null) return null;
  const schedule =
    draft.kind === 'once'
      ? { kind: 'once', from: fromLocalInput(draft.from), until: fromLocalInput(draft.until) }
      : {
          kind: 'weekly',
          days: [...draft.days].sort((a, b) => a - b),
          at: draft.at,
          minutes: draft.minutes,
          validFrom: fromLocalInput(draft.validFrom),
          validUntil: fromLocalInput(draft.validUntil),
        };
  const parsed = maintenanceWindowBody.safeParse({
    subject: { kind: draft.subjectKind, id: draft.subjectId.trim() },
    schedule,
    reason: draft.reason,
  });
  return parsed.success ? parsed.data : null;
}

/** When a weekly window that begins at a time of day ends, `HH:MM`, if that is on the next day; else null. */
export function endsOverMidnight({
  kind,
  at,
  minutes: lasts,
}: Pick<WindowDraft, 'kind' | 'at' | 'minutes'>): string | null {
  if (kind !== 'weekly' || !TIME_OF_DAY.test(at)) return null;
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const end = hours * 60 + minutes + lasts;
  if (end < DAY_MINUTES || end >= 2 * DAY_MINUTES) return null;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor((end % DAY_MINUTES) / 60))}:${two(end % 60)}`;
}
