import type { Visibility } from '../connectivity/visibility.js';

/** What our sight depends on. Real times are monotonic ms. */
export interface SightFacts {
  readonly connected: boolean;
  readonly databaseAnswers: boolean;
  /** Real time for which the present commit has been running; null when none is. */
  readonly committingForMs: number | null;
  /** Real time for which the oldest message has waited for its commit. */
  readonly waitingForMs: number;
  readonly backlogDrains: boolean;
}

/** A commit that takes longer says that the database does not answer. */
const HANGING_COMMIT_MS = 3_000;
const LONGEST_WAIT_MS = 10_000;

/** Why we cannot see, the first cause first; null when we can. */
export function blindReason(facts: SightFacts): 'broker' | 'database' | 'lag' | null {
  if (!facts.connected) return 'broker';
  if (!facts.databaseAnswers || (facts.committingForMs ?? 0) > HANGING_COMMIT_MS) return 'database';
  return facts.backlogDrains || facts.waitingForMs > LONGEST_WAIT_MS ? 'lag' : null;
}

/** The next visibility: its moment is kept while only the reason differs, because what we did not see is one span. */
export function nextVisibility(present: Visibility, reason: Visibility['reason'], sinceMs: number): Visibility {
  const seeing = reason === null;
  if (seeing === present.seeing) return reason === present.reason ? present : { ...present, reason };
  return { seeing, reason, sinceMs };
}
