import type { NotificationRuleBody } from '@ioc/contract';

export type LocalHours = NonNullable<NotificationRuleBody['hours']>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Asia/Ho_Chi_Minh is UTC+7 all year. */
const OFFSET_MS = 7 * 3_600_000;

/**
 * Whether a moment lies in the hours of a rule. `until` is not in it any more. `from` after `until` runs over midnight and
 * belongs to the day on which it began; `from` equal to `until` is the whole day.
 */
export function isWithinHours({ from, until, days }: LocalHours, atMs: number): boolean {
  const local = atMs + OFFSET_MS;
  const day = Math.floor(local / DAY_MS);
  const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS);
  const [begins, ends] = [minuteOf(from), minuteOf(until)];
  // 1 January 1970 was a Thursday; 1 is Monday.
  const weekday = (of: number) => ((((of + 3) % 7) + 7) % 7) + 1;
  if (begins < ends) return minute >= begins && minute < ends && days.includes(weekday(day));
  return minute >= begins
    ? days.includes(weekday(day))
    : (minute < ends || begins === ends) && days.includes(weekday(day - (begins === ends ? 0 : 1)));
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** "14:03 22/11/2026" in Asia/Ho_Chi_Minh. */
export function localTime(atMs: number): string {
  const iso = new Date(atMs + OFFSET_MS).toISOString();
  const [, year = '', month = '', day = '', time = ''] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(iso) ?? [];
  return `${time} ${day}/${month}/${year}`;
}
