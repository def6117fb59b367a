import { IMPACTS, SEVERITIES, type IncidentChange, type LocalizedText } from '@ioc/contract';
import type { AlarmAttachment, AlarmRecord } from '../alarms/alarm.js';
import type { IncidentDraft, Member } from './incident-draft.js';
import type { NotableKind } from './incident-outcome.js';
import { isOpen, type IncidentPortrait, type IncidentRecord } from './incident-record.js';
import { reopenedFields, type WorkSettings } from './incident-work.js';
import { bearerOf, portrayIncident, type PortraitWorld } from './portrait.js';
import { proposeCause, type ProposedCause } from './proposed-cause.js';

/** What the system notes of an incident. */
export interface SystemChange {
  readonly action: IncidentChange['action'];
  readonly text: LocalizedText | null;
}

/** A draft as it is to be written. */
export interface FinishedIncident {
  readonly record: IncidentRecord;
  /** Nothing of its row differs from before. */
  readonly same: boolean;
  /** Its alarms, as they will be. */
  readonly members: ReadonlyMap<number, AlarmRecord>;
  readonly changes: readonly SystemChange[];
  readonly attachments: readonly AlarmAttachment[];
  readonly notable: NotableKind | null;
  /** Another cause than the one that a person named. */
  readonly otherCause: ProposedCause | null;
}

export interface FinishingWorld extends PortraitWorld {
  readonly nowMs: number;
  readonly settings: WorkSettings;
}

/** A new incident that lost all its alarms again before it was written: there is nothing to write. */
export function isStillborn(draft: IncidentDraft): boolean {
  return draft.before === null && draft.members.size === 0;
}

/**
 * What becomes of a draft: its state, its picture, what is noted, and which alarms are its own or its symptoms.
 * @param id its id; given beforehand to a new one
 * @param into the id of the incident that it was merged into; null when it was not
 */
export function finishIncident(
  draft: IncidentDraft,
  id: number,
  into: number | null,
  world: FinishingWorld,
): FinishedIncident {
  const before = draft.before?.record ?? null;
  const members = [...draft.members.values()];
  const former = before;
  const portrait = members.length > 0 ? portrayIncident(members, former, world) : emptied(former);
  const cause = members.length > 0 ? proposeCause(members, portrait, world) : null;
  const named = before?.cause?.namedBy ?? null;
  const kept: IncidentRecord = before ?? newborn(id, draft.beganAtMs, portrait, world.nowMs);
  const next: IncidentRecord = {
    ...kept,
    ...portrait,
    ...stateOf(draft, kept, portrait, into, world),
    beganAtMs: draft.beganAtMs,
    cause: named !== null || cause === null ? kept.cause : { ...cause, namedBy: null },
  };
  const same = before !== null && JSON.stringify(next) === JSON.stringify(before);
  const version = before === null ? 1 : before.version + (same ? 0 : 1);
  const decided = before === null || before.state !== next.state || before.mergedInto !== next.mergedInto;
  const record = { ...next, version, workVersion: decided ? version : kept.workVersion };
  return {
    record,
    same,
    ...attached(members, record),
    changes: changesOf(draft, before, record, into),
    notable: notableOf(draft, before, record),
    otherCause:
      named !== null && cause !== null && isOpen(record) && cause.code !== kept.cause?.code && cause.code !== 'unknown'
        ? cause
        : null,
  };
}

function newborn(id: number, beganAtMs: number, portrait: IncidentPortrait, nowMs: number): IncidentRecord {
  return {
    ...portrait,
    id,
    version: 1,
    workVersion: 1,
    state: 'open',
    cause: null,
    proposals: 0,
    beganAtMs,
    detectedAtMs: nowMs,
    endedAtMs: null,
    holder: null,
    acknowledgedAtMs: null,
    acknowledgedUntilMs: null,
    note: null,
    expectedAtMs: null,
    request: null,
    resolution: null,
    resolvedAtMs: null,
    closedAtMs: null,
    judgeAgainAtMs: null,
    reopenings: 0,
    mergedInto: null,
    madeByHand: false,
  };
}

/** When nothing of it stands any more it keeps its picture, but for the figures of now. */
function emptied(former: IncidentPortrait | null): IncidentPortrait {
  if (former === null) throw new Error('an incident without an alarm cannot be made');
  return { ...former, counts: { ...former.counts, alarms: 0, symptoms: 0, devicesDown: 0 } };
}

function stateOf(
  draft: IncidentDraft,
  kept: IncidentRecord,
  portrait: IncidentPortrait,
  into: number | null,
  { nowMs, settings }: FinishingWorld,
): Partial<IncidentRecord> {
  if (into !== null) {
    return {
      state: 'closed',
      mergedInto: into,
      closedAtMs: nowMs,
      endedAtMs: nowMs,
      acknowledgedUntilMs: null,
      judgeAgainAtMs: null,
    };
  }
  const reopened = draft.reopened ? reopenedFields({ ...kept, severity: portrait.severity }, settings, nowMs) : {};
  if (!draft.open) return {};
  if (draft.members.size > 0) return { ...reopened, judgeAgainAtMs: draft.judgeAgainAtMs };
  const endedAtMs = draft.cleared.reduce(
    (latest, { clearedAtMs }) => Math.max(latest, clearedAtMs ?? 0),
    draft.beganAtMs,
  );
  return {
    ...reopened,
    state: 'resolved',
    endedAtMs: draft.cleared.length > 0 ? endedAtMs : nowMs,
    resolvedAtMs: nowMs,
    acknowledgedUntilMs: null,
    judgeAgainAtMs: null,
  };
}

function attached(
  members: readonly Member[],
  record: IncidentRecord,
): Pick<FinishedIncident, 'members' | 'attachments'> {
  const bearer = record.kind === 'siteDown' ? bearerOf(members) : null;
  const after = new Map<number, AlarmRecord>();
  const attachments: AlarmAttachment[] = [];
  for (const { alarm, underHub } of members) {
    // What a window or flapping mutes already stays as it is.
    const muted = alarm.suppression === 'maintenance' || alarm.suppression === 'flapping';
    const symptom = !muted && (underHub || (bearer !== null && bearer.alarm.id !== alarm.id));
    const differs = alarm.incidentId !== record.id || (alarm.suppression === 'symptom') !== symptom;
    if (differs) attachments.push({ alarmId: alarm.id, incidentId: record.id, symptom });
    const suppression = muted ? alarm.suppression : symptom ? ('symptom' as const) : null;
    const asBefore = alarm.incidentId === record.id && alarm.suppression === suppression;
    after.set(alarm.id, asBefore ? alarm : { ...alarm, incidentId: record.id, suppression });
  }
  return { members: after, attachments };
}

function changesOf(
  draft: IncidentDraft,
  before: IncidentRecord | null,
  record: IncidentRecord,
  into: number | null,
): readonly SystemChange[] {
  const changes: SystemChange[] = [];
  if (before === null) changes.push({ action: 'opened', text: record.title });
  if (draft.reopened) changes.push({ action: 'reopened', text: record.title });
  if (before !== null && !draft.reopened && draft.joined.length > 0)
    changes.push({ action: 'alarmAdded', text: listOf(draft.joined) });
  if (draft.cleared.length > 0 && record.state !== 'resolved')
    changes.push({ action: 'alarmCleared', text: listOf(draft.cleared) });
  if (before !== null && before.severity !== record.severity) {
    const text = `${before.severity} → ${record.severity}`;
    changes.push({ action: 'severityChanged', text: { vi: text, en: text } });
  }
  if (record.cause !== null && record.cause.namedBy === null && record.cause.code !== before?.cause?.code) {
    changes.push({ action: 'causeProposed', text: record.cause.evidence });
  }
  if (into !== null)
    changes.push({ action: 'merged', text: { vi: `Gộp vào sự cố ${into}`, en: `Merged into incident ${into}` } });
  else if (record.state === 'resolved' && before?.state !== 'resolved')
    changes.push({ action: 'resolved', text: null });
  return changes;
}

function notableOf(draft: IncidentDraft, before: IncidentRecord | null, record: IncidentRecord): NotableKind | null {
  if (before === null) return isOpen(record) ? 'opened' : null;
  if (record.mergedInto !== null) return null;
  if (draft.reopened) return 'reopened';
  if (record.state !== before.state) return record.state === 'resolved' ? 'resolved' : null;
  if (!isOpen(record)) return null;
  const worse =
    SEVERITIES.indexOf(record.severity) < SEVERITIES.indexOf(before.severity) ||
    IMPACTS.indexOf(record.impact) < IMPACTS.indexOf(before.impact);
  return worse ? 'worsened' : null;
}

const NAMED = 5;
function listOf(alarms: readonly AlarmRecord[]): LocalizedText {
  const names = alarms
    .slice(0, NAMED)
    .map(({ resource }) => resource.name)
    .join(', ');
  const more = alarms.length - NAMED;
  return more <= 0
    ? { vi: names, en: names }
    : { vi: `${names} và ${more} cảnh báo khác`, en: `${names} and ${more} other alarms` };
}

/** A record of which something differs that is not drawn from its alarms. */
export function unworked(
  record: IncidentRecord,
  members: ReadonlyMap<number, AlarmRecord>,
  notable: FinishedIncident['notable'],
  action?: 'closed' | 'acknowledgementExpired',
  text: FinishedIncident['changes'][number]['text'] = null,
): FinishedIncident {
  const changes = action === undefined ? [] : [{ action, text }];
  return { record, same: false, members, changes, attachments: [], notable, otherCause: null };
}
