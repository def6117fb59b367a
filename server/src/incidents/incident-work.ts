import {
  CAUSE_LABELS,
  type CauseCode,
  type IncidentChange,
  type LocalizedText,
  type OrganisationRequest,
  type Severity,
} from '@ioc/contract';
import { isOpen, type IncidentRecord, type PersonRef } from './incident-record.js';

/** Who wants something of which incident. */
export interface IncidentWork {
  readonly incidentId: string;
  /** The version they saw; null when they did not say. */
  readonly version: number | null;
  readonly person: PersonRef;
  /** They may work on what somebody else holds. */
  readonly administrator: boolean;
  /** The same request is carried out once; null: it will not come again. */
  readonly requestId: string | null;
}

/** What somebody wants to do with one incident. Moments are epoch ms. */
export type WorkAction =
  | { readonly kind: 'acknowledge'; readonly untilMs: number | null; readonly note: string | null }
  | { readonly kind: 'release'; readonly note: string | null }
  | { readonly kind: 'assign'; readonly to: PersonRef; readonly note: string | null }
  | { readonly kind: 'start'; readonly note: string | null }
  | { readonly kind: 'comment'; readonly note: string }
  | { readonly kind: 'estimate'; readonly expectedAtMs: number | null; readonly note: string | null }
  | { readonly kind: 'nameCause'; readonly code: CauseCode; readonly note: string | null }
  | { readonly kind: 'request'; readonly request: OrganisationRequest }
  | { readonly kind: 'resolve'; readonly code: CauseCode; readonly resolution: string }
  | { readonly kind: 'close'; readonly note: string | null }
  | { readonly kind: 'reopen'; readonly note: string };

export type IncidentRefusal =
  | { readonly ok: false; readonly reason: 'not-found' | 'version-required' }
  | {
      readonly ok: false;
      readonly reason: 'already-taken';
      readonly holder: { readonly name: string; readonly atMs: number; readonly note: string | null };
    }
  | { readonly ok: false; readonly reason: 'version-stale'; readonly version: number }
  /** It cannot be done with the incident as it is. */
  | { readonly ok: false; readonly reason: 'conflict'; readonly detail: LocalizedText }
  /** It could never be done: a field of the body is wrong. */
  | { readonly ok: false; readonly reason: 'bad-field'; readonly path: string; readonly detail: LocalizedText };

/** How long an acknowledgement holds when it is not taken to work; ms. */
export interface WorkSettings {
  readonly acknowledgeCriticalMs: number;
  readonly acknowledgeOtherMs: number;
}

/** What becomes of the incident, and what is noted; `change` null: nothing happens, it is so already. */
export type WorkDecision =
  | {
      readonly ok: true;
      readonly after: IncidentRecord;
      readonly change: {
        readonly action: IncidentChange['action'];
        readonly note: string | null;
        readonly text: LocalizedText | null;
      } | null;
    }
  | IncidentRefusal;

/** The longest that somebody may keep an incident without working on it; ms. */
export const LONGEST_ACKNOWLEDGEMENT_MS = 7 * 86_400_000;

/**
 * Whether somebody may do something, and what becomes of it. In this order: somebody else has it; the state forbids it; the
 * version that was seen is missing or older than the last change that people decide on. A comment never conflicts.
 */
export function decideWork(
  incident: IncidentRecord,
  work: IncidentWork,
  action: WorkAction,
  settings: WorkSettings,
  nowMs: number,
): WorkDecision {
  const taken = checkHolder(incident, work, action.kind);
  if (taken !== null) return taken;
  const forbidden = checkState(incident, action);
  if (forbidden !== null) return forbidden;
  if (isDone(incident, work, action)) return { ok: true, after: incident, change: null };
  return (
    checkVersion(incident, work) ?? checkMoment(action, nowMs) ?? carryOut(incident, work, action, settings, nowMs)
  );
}

/** Somebody else's hold comes first, whatever version was seen. */
export function checkHolder(
  incident: IncidentRecord,
  work: IncidentWork,
  action: WorkAction['kind'] | 'regroup',
): IncidentRefusal | null {
  const { holder } = incident;
  if (holder === null || holder.personId === work.person.personId || !isOpen(incident) || action === 'comment')
    return null;
  if (work.administrator && action !== 'acknowledge' && action !== 'start') return null;
  return {
    ok: false,
    reason: 'already-taken',
    holder: { name: holder.name, atMs: incident.acknowledgedAtMs ?? incident.detectedAtMs, note: incident.note },
  };
}

/**
 * Whoever saw the last change by a person, or of state, or a later one, has seen what people decide on: the figures of an
 * incident that grows in a storm change every second, and must not refuse everybody who takes it.
 */
export function checkVersion({ version, workVersion }: IncidentRecord, work: IncidentWork): IncidentRefusal | null {
  if (work.version === null) return { ok: false, reason: 'version-required' };
  const seen = work.version >= workVersion && work.version <= version;
  return seen ? null : { ok: false, reason: 'version-stale', version };
}

/** When an acknowledgement of now runs out. */
export function acknowledgedUntil(severity: Severity, settings: WorkSettings, nowMs: number): number {
  return nowMs + (severity === 'critical' ? settings.acknowledgeCriticalMs : settings.acknowledgeOtherMs);
}

export const OVER: LocalizedText = { vi: 'Sự cố đã kết thúc', en: 'The incident is over' };

function conflict(detail: LocalizedText): IncidentRefusal {
  return { ok: false, reason: 'conflict', detail };
}

function checkState(incident: IncidentRecord, action: WorkAction): IncidentRefusal | null {
  const { state, mergedInto } = incident;
  if (mergedInto !== null && action.kind !== 'comment') {
    return conflict({
      vi: `Sự cố đã được gộp vào sự cố ${mergedInto}`,
      en: `The incident was merged into incident ${mergedInto}`,
    });
  }
  switch (action.kind) {
    case 'comment':
      return null;
    case 'close':
      if (state === 'resolved') return null;
      return state === 'closed'
        ? conflict(OVER)
        : conflict({ vi: 'Chỉ đóng được sự cố đã khắc phục', en: 'Only what is resolved can be closed' });
    case 'reopen':
      return isOpen(incident) ? conflict({ vi: 'Sự cố chưa kết thúc', en: 'The incident is not over' }) : null;
    case 'nameCause':
    case 'request':
      return state === 'closed' ? conflict(OVER) : null;
    case 'release':
      if (!isOpen(incident)) return conflict(OVER);
      return incident.holder === null
        ? conflict({ vi: 'Chưa ai tiếp nhận sự cố', en: 'Nobody holds the incident' })
        : null;
    default:
      return isOpen(incident) ? null : conflict(OVER);
  }
}

/** A repeated click is answered as the first was, whatever version it saw. */
function isDone({ holder, state }: IncidentRecord, { person }: IncidentWork, action: WorkAction): boolean {
  const mine = holder !== null && holder.personId === person.personId;
  if (action.kind === 'acknowledge') return mine && (state === 'inProgress' || action.untilMs === null);
  return action.kind === 'start' && mine && state === 'inProgress';
}

function checkMoment(action: WorkAction, nowMs: number): IncidentRefusal | null {
  if (action.kind === 'acknowledge' && action.untilMs !== null) {
    if (action.untilMs <= nowMs) return past('until');
    if (action.untilMs - nowMs <= LONGEST_ACKNOWLEDGEMENT_MS) return null;
    return badField('until', { vi: 'Tối đa 7 ngày', en: 'At most 7 days' });
  }
  const expected = action.kind === 'estimate' ? action.expectedAtMs : null;
  return expected !== null && expected <= nowMs ? past('expectedAt') : null;
}

function past(path: string): IncidentRefusal {
  return badField(path, { vi: 'Thời điểm đã qua', en: 'The moment has passed' });
}

export function badField(path: string, detail: LocalizedText): IncidentRefusal {
  return { ok: false, reason: 'bad-field', path, detail };
}

function carryOut(
  incident: IncidentRecord,
  { person }: IncidentWork,
  action: WorkAction,
  settings: WorkSettings,
  nowMs: number,
): WorkDecision {
  const version = incident.version + 1;
  const changed = (
    fields: Partial<IncidentRecord>,
    done: IncidentChange['action'],
    note: string | null,
    text: LocalizedText | null = null,
  ): WorkDecision => ({
    ok: true,
    after: { ...incident, ...fields, version, workVersion: version },
    change: { action: done, note, text },
  });
  const until = acknowledgedUntil(incident.severity, settings, nowMs);
  const held = { holder: person, acknowledgedAtMs: nowMs };
  switch (action.kind) {
    case 'acknowledge': {
      const { note, untilMs } = action;
      return changed(
        { ...held, state: 'acknowledged', acknowledgedUntilMs: untilMs ?? until, note },
        'acknowledged',
        note,
        untilText(untilMs ?? until),
      );
    }
    case 'release':
      return changed(
        { state: 'open', holder: null, acknowledgedAtMs: null, acknowledgedUntilMs: null, note: null },
        'released',
        action.note,
      );
    case 'assign':
      return changed(
        {
          state: 'acknowledged',
          holder: action.to,
          acknowledgedAtMs: nowMs,
          acknowledgedUntilMs: until,
          note: action.note,
        },
        'assigned',
        action.note,
        { vi: `Giao cho ${action.to.name}`, en: `Assigned to ${action.to.name}` },
      );
    case 'start':
      return changed(
        {
          ...(incident.holder === null ? held : {}),
          state: 'inProgress',
          acknowledgedUntilMs: null,
          note: action.note ?? incident.note,
        },
        'started',
        action.note,
      );
    case 'comment':
      // Nobody's decision depends on it: whoever looked before it may still act.
      return {
        ok: true,
        after: { ...incident, version },
        change: { action: 'commented', note: action.note, text: null },
      };
    case 'estimate':
      return changed(
        { expectedAtMs: action.expectedAtMs },
        'estimated',
        action.note,
        expectedText(action.expectedAtMs),
      );
    case 'nameCause':
      return changed(
        { cause: { code: action.code, evidence: incident.cause?.evidence ?? null, namedBy: person } },
        'causeNamed',
        action.note,
        CAUSE_LABELS[action.code],
      );
    case 'request':
      return changed({ request: action.request }, 'requested', action.request.ticket, {
        vi: `Đã hỏi ${action.request.organisationName}`,
        en: `Asked ${action.request.organisationName}`,
      });
    case 'resolve':
      return changed(
        {
          ...(incident.holder === null ? held : {}),
          state: 'resolved',
          resolvedAtMs: nowMs,
          endedAtMs: incident.endedAtMs ?? nowMs,
          acknowledgedUntilMs: null,
          judgeAgainAtMs: null,
          resolution: action.resolution,
          cause: { code: action.code, evidence: incident.cause?.evidence ?? null, namedBy: person },
        },
        'resolved',
        action.resolution,
      );
    case 'close':
      return changed({ state: 'closed', closedAtMs: nowMs }, 'closed', action.note);
    case 'reopen':
      return changed(reopenedFields(incident, settings, nowMs), 'reopened', action.note);
  }
}

/** What comes back comes back to whoever had it; the time of the acknowledgement is that of the return. */
export function reopenedFields(
  incident: IncidentRecord,
  settings: WorkSettings,
  nowMs: number,
): Partial<IncidentRecord> {
  const held = incident.holder !== null;
  return {
    state: held ? 'acknowledged' : 'open',
    acknowledgedAtMs: held ? nowMs : null,
    acknowledgedUntilMs: held ? acknowledgedUntil(incident.severity, settings, nowMs) : null,
    reopenings: incident.reopenings + 1,
    endedAtMs: null,
    resolvedAtMs: null,
    closedAtMs: null,
    resolution: null,
  };
}

const CLOCK = new Intl.DateTimeFormat('vi-VN', {
  timeZone: 'Asia/Ho_Chi_Minh',
  hour: '2-digit',
  minute: '2-digit',
  day: '2-digit',
  month: '2-digit',
});

function untilText(untilMs: number): LocalizedText {
  const until = CLOCK.format(untilMs);
  return { vi: `Đến ${until}`, en: `Until ${until}` };
}

function expectedText(expectedAtMs: number | null): LocalizedText {
  if (expectedAtMs === null) return { vi: 'Bỏ dự kiến', en: 'Estimate taken back' };
  const at = CLOCK.format(expectedAtMs);
  return { vi: `Dự kiến xong ${at}`, en: `Expected by ${at}` };
}
