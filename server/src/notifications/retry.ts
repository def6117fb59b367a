/** How long an attempt waits after so many failures: quick at first, because most troubles are short. */
const WAITS_MS = [15, 30, 60, 120, 300, 600, 1_200, 1_800].map((seconds) => seconds * 1_000);
/** After so long a message is given up. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/**
 * When to try again; null: no more.
 * @param attempts how many have failed, at least 1
 * @param asked how long the other side asks to wait; ms
 */
export function nextAttemptAtMs(
  createdAtMs: number,
  attempts: number,
  nowMs: number,
  asked: number | null = null,
): number | null {
  const wait = WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? 0;
  const at = nowMs + Math.max(wait, asked ?? 0);
  return at - createdAtMs > GIVE_UP_AFTER_MS ? null : at;
}
