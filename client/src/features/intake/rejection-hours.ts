import { REJECT_REASONS, type RejectReason } from '@ioc/contract';

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** The last 24 hours of one reason: a count per hour, the oldest first. */
export interface ReasonHours {
  readonly reason: RejectReason;
  readonly total: number;
  readonly hours: readonly { readonly atMs: number; readonly count: number }[];
}

/** Counts by reason and hour, the most frequent reason first; hours without rejections are zero. */
export function reasonHours(
  items: readonly { readonly hour: string; readonly reason: RejectReason; readonly count: number }[],
  nowMs: number,
): ReasonHours[] {
  const lastHourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const firstHourMs = lastHourMs - (HOURS - 1) * HOUR_MS;
  const byReason = new Map<RejectReason, Map<number, number>>();
  for (const { hour, reason, count } of items) {
    const atMs = Math.floor(Date.parse(hour) / HOUR_MS) * HOUR_MS;
    if (atMs < firstHourMs || atMs > lastHourMs) continue;
    const hours = byReason.get(reason) ?? new Map<number, number>();
    hours.set(atMs, (hours.get(atMs) ?? 0) + count);
    byReason.set(reason, hours);
  }
  return REJECT_REASONS.flatMap((reason) => {
    const counted = byReason.get(reason);
    if (counted === undefined) return [];
    const hours = Array.from({ length: HOURS }, (_, index) => {
      const atMs = firstHourMs + index * HOUR_MS;
      return { atMs, count: counted.get(atMs) ?? 0 };
    });
    return [{ reason, total: hours.reduce((sum, { count }) => sum + count, 0), hours }];
  }).sort((a, b) => b.total - a.total);
}
