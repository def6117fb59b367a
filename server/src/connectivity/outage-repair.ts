import type { OutageBasis } from '@ioc/contract';

/** An outage as it stands. Times are epoch ms; `endedAtMs` null: open. */
export interface OutageInterval {
  readonly beganAtMs: number;
  readonly endedAtMs: number | null;
  readonly basis: OutageBasis;
}

/** A time in which we could not see. `endedAtMs` null: still. */
export interface BlindInterval {
  readonly beganAtMs: number;
  readonly endedAtMs: number | null;
}

export interface Evidence {
  readonly atMs: number;
  readonly provesService: boolean;
}

export interface Piece {
  readonly beganAtMs: number;
  readonly endedAtMs: number | null;
  /** `inferred` for what begins with a proof of service: whoever said that it was down spoke of an earlier moment. */
  readonly basis: OutageBasis;
}

export interface Repair {
  /** What is left of the outage, in order; empty when nothing is. An open outage keeps its open end as the last piece. */
  readonly pieces: readonly Piece[];
  /** The reading that the repair rests on: the newest. */
  readonly readingAtMs: number;
  readonly kind: 'shortened' | 'split' | 'removed';
}

/** An outage that was repaired, as others follow it. */
export interface RepairedOutage {
  readonly outageId: string;
  readonly deviceId: string;
  /** When what is left of its row begins, epoch ms; null: nothing is left, there was no outage. */
  readonly beganAtMs: number | null;
  readonly open: boolean;
}

/**
 * What late readings leave of an outage, or null when they change nothing. A reading counts when it proves service, or when
 * the way to us had failed at its moment (inside a blind span), for then its silence was ours. Readings not further apart
 * than `toleranceMs` prove the time between them; an inferred outage that begins within the tolerance before the first did
 * not begin, and an outage that ends within it after the last had ended before.
 */
export function repairOutage(
  outage: OutageInterval,
  evidence: readonly Evidence[],
  blind: readonly BlindInterval[],
  toleranceMs: number,
): Repair | null {
  const ends = outage.endedAtMs ?? Number.POSITIVE_INFINITY;
  const moments = evidence
    .filter(({ atMs }) => atMs > outage.beganAtMs && atMs < ends)
    .filter(({ atMs, provesService }) => provesService || blind.some((span) => within(span, atMs)))
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  const newest = moments.at(-1);
  if (newest === undefined) return null;

  const pieces: Piece[] = [];
  let from = outage.beganAtMs;
  let basis = outage.basis;
  // An inferred outage begins with the last proof of service before it.
  let previous: number | null = basis === 'inferred' ? from : null;
  for (const moment of moments) {
    const bridged = previous !== null && moment - previous <= toleranceMs;
    if (!bridged && moment > from) pieces.push({ beganAtMs: from, endedAtMs: moment, basis });
    from = moment;
    basis = 'inferred';
    previous = moment;
  }
  if (outage.endedAtMs === null) pieces.push({ beganAtMs: from, endedAtMs: null, basis });
  else if (outage.endedAtMs - from > toleranceMs) {
    pieces.push({ beganAtMs: from, endedAtMs: outage.endedAtMs, basis });
  }

  const kind = pieces.length === 0 ? 'removed' : pieces.length === 1 ? 'shortened' : 'split';
  return { pieces, readingAtMs: newest, kind };
}

function within(span: BlindInterval, atMs: number): boolean {
  return atMs >= span.beganAtMs && (span.endedAtMs === null || atMs <= span.endedAtMs);
}
