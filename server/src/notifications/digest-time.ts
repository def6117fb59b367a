import { MESSAGES_PER_HOUR } from './decision.js';

/** At most one digest in so long. */
export const DIGEST_EVERY_MS = 15 * 60_000;
/** What is held first waits so long for company. */
export const COLLECT_MS = 3 * 60_000;

export interface HeldFor {
  readonly firstHeldAtMs: number;
  /** The digest before; null: none within the last 15 minutes. */
  readonly digestAtMs: number | null;
  /** Messages of the last hour that count. */
  readonly lastHour: number;
}

/** Whether what is held for a recipient goes out now. */
export function isDigestDue({ firstHeldAtMs, digestAtMs, lastHour }: HeldFor, nowMs: number): boolean {
  if (nowMs < firstHeldAtMs + COLLECT_MS) return false;
  if (digestAtMs !== null && nowMs < digestAtMs + DIGEST_EVERY_MS) return false;
  return lastHour < MESSAGES_PER_HOUR;
}
