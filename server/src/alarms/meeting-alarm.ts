import { SEVERITIES, type AlarmRule, type LocalizedText, type RuleCondition, type Severity } from '@ioc/contract';
import type { MeetingRecord } from '../meetings/meeting.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { AlarmKey, WantedAlarm } from './alarm.js';
import { ofDevice } from './loss-alarm.js';

export type MeetingCondition = Extract<RuleCondition, { kind: 'meeting' }>;

/** An endpoint that is not registered. Epoch ms. */
export interface Unregistered {
  readonly sinceMs: number;
  /** It is not heard either. */
  readonly lost: boolean;
}

/** An alarm for each meeting: what is put aside for one is told again of the next. */
export function meetingKey(device: Pick<RegisteredDevice, 'id'>, meetingId: number): AlarmKey {
  return { resource: { kind: 'device', id: device.id }, type: 'meetingNotReady', qualifier: String(meetingId) };
}

/** How bad it is now that an endpoint is not registered; null: the meeting is still far, or over. */
export function severityAt(
  { minutes }: MeetingCondition,
  { startsAtMs, endsAtMs }: Pick<MeetingRecord, 'startsAtMs' | 'endsAtMs'>,
  nowMs: number,
): Severity | null {
  if (nowMs >= endsAtMs) return null;
  const given = SEVERITIES.filter((severity) => minutes[severity] !== undefined);
  if (nowMs >= startsAtMs) return given[0] ?? null;
  return given.find((severity) => startsAtMs - nowMs <= (minutes[severity] ?? 0) * MINUTE_MS) ?? null;
}

/** When the passing of time alone changes how bad it is; epoch ms, in no order. */
export function edgesOf(
  { minutes }: MeetingCondition,
  { startsAtMs, endsAtMs }: Pick<MeetingRecord, 'startsAtMs' | 'endsAtMs'>,
): readonly number[] {
  const leads = SEVERITIES.flatMap((severity) => minutes[severity] ?? []);
  return [...leads.map((lead) => startsAtMs - lead * MINUTE_MS), startsAtMs, endsAtMs];
}

/** The alarm of an endpoint that is not registered. Its text tells the minutes left at the moment at which it was written. */
export function meetingAlarm(
  device: RegisteredDevice,
  rule: AlarmRule,
  meeting: MeetingRecord,
  severity: Severity,
  state: Unregistered,
  nowMs: number,
): WantedAlarm {
  const { condition } = rule;
  const { startsAtMs, version } = meeting;
  const firstMs = condition.kind === 'meeting' ? Math.min(...edgesOf(condition, meeting)) : startsAtMs;
  return {
    ...ofDevice(device),
    ...meetingKey(device, meeting.id),
    resource: { kind: 'device', id: device.id, name: device.name },
    severity,
    probableCause: rule.probableCause,
    text: textOf(meeting, state, nowMs),
    action: rule.action,
    estimated: false,
    // An endpoint that rests at night does not matter before the meeting is near; one that is lost has been so since it was.
    beganAtMs: state.lost ? state.sinceMs : Math.max(state.sinceMs, firstMs),
    ruleId: rule.id,
    detail: {
      meeting: meetingName(meeting, nowMs),
      startsAtMs,
      lost: state.lost,
      told: `${version} ${stepOf(meeting, nowMs)}`,
    },
  };
}

/** `Họp giao ban 19:00` */
export function meetingName({ title, startsAtMs }: MeetingRecord, nowMs: number): string {
  const day = dayOf(startsAtMs);
  return day === dayOf(nowMs) ? `${title} ${timeOf(startsAtMs)}` : `${title} ${timeOf(startsAtMs)} ${day}`;
}

function textOf(meeting: MeetingRecord, { sinceMs }: Unregistered, nowMs: number): LocalizedText {
  const name = meetingName(meeting, nowMs);
  if (stepOf(meeting, nowMs) === 'before') {
    const left = Math.ceil((meeting.startsAtMs - nowMs) / MINUTE_MS);
    const at = timeOf(nowMs);
    return {
      vi: `${name}: thiết bị chưa đăng ký, còn ${left} phút (lúc ${at})`,
      en: `${name}: endpoint not registered, ${left} min left (at ${at})`,
    };
  }
  return sinceMs >= meeting.startsAtMs
    ? { vi: `${name}: thiết bị rớt khi đang họp`, en: `${name}: endpoint dropped in the meeting` }
    : { vi: `${name}: đang họp, thiết bị chưa đăng ký`, en: `${name}: the meeting runs, endpoint not registered` };
}

function stepOf({ startsAtMs }: MeetingRecord, nowMs: number): 'before' | 'running' {
  return nowMs >= startsAtMs ? 'running' : 'before';
}

// The province keeps one offset the whole year.
const OFFSET_MS = 7 * 3_600_000;
const MINUTE_MS = 60_000;

function timeOf(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(11, 16);
}

function dayOf(ms: number): string {
  const [, month = '', day = ''] = new Date(ms + OFFSET_MS).toISOString().slice(0, 10).split('-');
  return `${day}/${month}`;
}
