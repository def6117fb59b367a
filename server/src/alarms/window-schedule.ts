import type { WindowSchedule } from '@ioc/contract';

/*
 * When a maintenance window runs. Weekly ones are kept as their rule, in local time: Việt Nam is at UTC+7 all year round, so
 * a time of day is a fixed distance from midnight UTC.
 */

export const LOCAL_OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface WindowRun {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The run that contains a moment, or else the next one after it; null when there is none any more. */
export function runAt(schedule: WindowSchedule, nowMs: number): WindowRun | null {
  if (schedule.kind === 'once') {
    const run = { fromMs: Date.parse(schedule.from), untilMs: Date.parse(schedule.until) };
    return nowMs < run.untilMs ? run : null;
  }
  const validFromMs = Date.parse(schedule.validFrom);
  const validUntilMs = schedule.validUntil === null ? Number.POSITIVE_INFINITY : Date.parse(schedule.validUntil);
  const lengthMs = schedule.minutes * MINUTE_MS;
  // A run of up to a week may have begun on any of the days before.
  const first = localDay(Math.max(nowMs, validFromMs)) - Math.ceil(lengthMs / DAY_MS) - 1;
  for (let day = first; day <= first + 2 * 7 + Math.ceil(lengthMs / DAY_MS) + 1; day += 1) {
    if (!schedule.days.includes(weekday(day))) continue;
    const fromMs = day * DAY_MS - LOCAL_OFFSET_MS + timeOfDayMs(schedule.at);
    const untilMs = Math.min(fromMs + lengthMs, validUntilMs);
    if (fromMs < validFromMs || fromMs >= validUntilMs || untilMs <= nowMs) continue;
    return { fromMs, untilMs: joined(schedule, untilMs, validUntilMs) };
  }
  return null;
}

/** Runs that overlap or touch are one: a window every day of 24 hours never ends in between. */
function joined(schedule: Extract<WindowSchedule, { kind: 'weekly' }>, untilMs: number, validUntilMs: number): number {
  const lengthMs = schedule.minutes * MINUTE_MS;
  let endMs = untilMs;
  for (let day = localDay(untilMs) - Math.ceil(lengthMs / DAY_MS); day <= localDay(untilMs) + 7; day += 1) {
    if (!schedule.days.includes(weekday(day))) continue;
    const fromMs = day * DAY_MS - LOCAL_OFFSET_MS + timeOfDayMs(schedule.at);
    if (fromMs > endMs) break;
    endMs = Math.max(endMs, Math.min(fromMs + lengthMs, validUntilMs));
  }
  return endMs;
}

/** Why a schedule cannot be; null when it can. */
export function scheduleIssue(
  schedule: WindowSchedule,
  nowMs: number,
): 'ends-before-it-begins' | 'over-already' | 'too-long' | null {
  const fromMs = Date.parse(schedule.kind === 'once' ? schedule.from : schedule.validFrom);
  const until = schedule.kind === 'once' ? schedule.until : schedule.validUntil;
  const untilMs = until === null ? null : Date.parse(until);
  if (untilMs !== null && untilMs <= fromMs) return 'ends-before-it-begins';
  if (schedule.kind === 'once' && untilMs !== null && untilMs - fromMs > MOST_ONCE_MS) return 'too-long';
  return runAt(schedule, nowMs) === null ? 'over-already' : null;
}

/** Work that is announced for longer is not maintenance. */
const MOST_ONCE_MS = 31 * DAY_MS;

/** Days since the epoch, by the local calendar. */
function localDay(atMs: number): number {
  return Math.floor((atMs + LOCAL_OFFSET_MS) / DAY_MS);
}

/** 1 Monday … 7 Sunday; the epoch was a Thursday. */
function weekday(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

function timeOfDayMs(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':');
  return (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}
