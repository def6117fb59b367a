/** When an endpoint was last heard, and last seen inside a call; sample times, epoch ms. */
export interface Activity {
  readonly seenAtMs: number;
  readonly callAtMs: number | null;
}

/** Less than this behind is not worth a write: what is judged from it is 14 days. */
const WORTH_WRITING_MS = 10 * 60_000;

/** What is known after one more look at an endpoint's newest reading. */
export function seenAgain(known: Activity | undefined, atMs: number, inCall: boolean): Activity {
  const seenAtMs = Math.max(known?.seenAtMs ?? atMs, atMs);
  const before = known?.callAtMs ?? null;
  return { seenAtMs, callAtMs: inCall ? Math.max(before ?? atMs, atMs) : before };
}

/** Whether what is known has gone far enough beyond what is written. */
export function isWorthWriting(written: Activity | undefined, known: Activity): boolean {
  if (written === undefined) return true;
  if (known.seenAtMs - written.seenAtMs >= WORTH_WRITING_MS) return true;
  return (
    known.callAtMs !== null && (written.callAtMs === null || known.callAtMs - written.callAtMs >= WORTH_WRITING_MS)
  );
}
