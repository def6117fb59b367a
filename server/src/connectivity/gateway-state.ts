import type { SessionState } from '@ioc/contract';
import { MISSED_INTERVALS } from './device-state.js';

/** What is known of one gateway. Immutable. Times are epoch ms. */
export interface GatewayState {
  readonly connectivity: 'up' | 'blind';
  readonly sinceMs: number;
  readonly reason: string | null;
  readonly session: number | null;
  readonly sessionState: SessionState | null;
  readonly sessionAtMs: number | null;
  /** Arrival of its last batch; null: none since the console started. */
  readonly batchAtMs: number | null;
  /** Arrival of the last live report of any of its devices; devices are inferred down against this, never against the wall clock. */
  readonly reportAtMs: number | null;
  /** Since when its devices report without a gap as long as its own silence limit. */
  readonly reportingSinceMs: number | null;
  /** Its batch interval as learned: the longest recent gap between batches. */
  readonly batchIntervalMs: number;
}

/** The wire allows a batch every 10–60 s; until a gateway has shown its rhythm the longest is assumed. */
export const MIN_BATCH_INTERVAL_MS = 10_000;
export const MAX_BATCH_INTERVAL_MS = 60_000;
/** Batches closer together than this belong to one round and tell nothing of the rhythm. */
const SAME_ROUND_MS = 2_000;
/** How fast a longer rhythm of the past is forgotten, per round. */
const FORGET = 0.9;

/** A gateway of which nothing has been heard yet. It counts as up, so that only its silence, once judged, blinds anything. */
export function unheardGateway(sinceMs: number): GatewayState {
  return {
    connectivity: 'up',
    sinceMs,
    reason: null,
    session: null,
    sessionState: null,
    sessionAtMs: null,
    batchAtMs: null,
    reportAtMs: null,
    reportingSinceMs: null,
    batchIntervalMs: MAX_BATCH_INTERVAL_MS,
  };
}

/** How long a gateway may be silent before its devices are blind; ms. */
export function gatewaySilenceLimitMs(gateway: GatewayState): number {
  return MISSED_INTERVALS * gateway.batchIntervalMs;
}

/** The interval after a batch that came `gapMs` after the one before: rises at once, falls slowly. */
export function learnedBatchInterval(intervalMs: number, gapMs: number): number {
  if (gapMs < SAME_ROUND_MS) return intervalMs;
  return Math.min(MAX_BATCH_INTERVAL_MS, Math.max(MIN_BATCH_INTERVAL_MS, gapMs, intervalMs * FORGET));
}
