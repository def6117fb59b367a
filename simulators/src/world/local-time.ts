/** Asia/Ho_Chi_Minh is UTC+7 all year: no time-zone table is needed. */
const OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Hour of the local day with its fraction, [0, 24). */
export function localHour(atMs: number): number {
  return ((((atMs + OFFSET_MS) % DAY_MS) + DAY_MS) % DAY_MS) / HOUR;
}

/** Number of the local day, counted from 1 January 1970. */
export function localDay(atMs: number): number {
  return Math.floor((atMs + OFFSET_MS) / DAY_MS);
}

/** Monday to Friday. */
export function isWorkday(atMs: number): boolean {
  // 1 January 1970 was a Thursday: weekday 3 when Monday is 0.
  return (((localDay(atMs) + 3) % 7) + 7) % 7 < 5;
}

/** 07:00–17:00 on workdays, when commune offices are open. */
export function isOfficeTime(atMs: number): boolean {
  const hour = localHour(atMs);
  return isWorkday(atMs) && hour >= 7 && hour < 17;
}

/** Epoch ms of a local hour of the day that contains `atMs`. */
export function atLocalHour(atMs: number, hour: number): number {
  return localDay(atMs) * DAY_MS - OFFSET_MS + hour * HOUR;
}
