import type { RejectReason } from '@ioc/contract';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import type { Reject } from './outcome.js';
import { TokenBucket } from './token-bucket.js';

/** A rejected message, or one reading of a batch, as it is kept for a person to look at. */
export interface Letter {
  readonly receivedAtMs: number;
  readonly topic: string;
  readonly reason: RejectReason;
  readonly detail: string | null;
  /** The first 1 KiB. */
  readonly payload: Buffer;
  readonly payloadBytes: number;
}

export const KEPT_PAYLOAD_BYTES = 1_024;
const LONGEST_TOPIC = 512;
const LONGEST_DETAIL = 500;
/** Kept per reason; beyond it a rejection is only counted, so that a flood neither fills the list nor slows what is good. */
const LETTERS_PER_S = 20;
const LETTERS_AT_ONCE = 200;

/** Makes letters, at a bounded rate for each reason; null when this one is only counted. */
export function createLetterWriter(
  monotonicMs: () => number,
): (message: IncomingMessage, rejection: Reject, reading?: unknown) => Letter | null {
  const buckets = new Map<RejectReason, TokenBucket>();

  return (message, { reason, detail }, reading) => {
    const nowMs = monotonicMs();
    const bucket = buckets.get(reason) ?? new TokenBucket(LETTERS_PER_S, LETTERS_AT_ONCE, nowMs);
    buckets.set(reason, bucket);
    if (!bucket.take(nowMs)) return null;
    const payload = reading === undefined ? message.payload : Buffer.from(JSON.stringify(reading));
    return {
      receivedAtMs: message.receivedAtMs,
      topic: storable(message.topic, LONGEST_TOPIC),
      reason,
      detail: detail === null ? null : storable(detail, LONGEST_DETAIL),
      // A copy: a slice would keep the whole payload in memory.
      payload: Buffer.from(payload.subarray(0, KEPT_PAYLOAD_BYTES)),
      payloadBytes: reading === undefined ? message.payloadBytes : payload.length,
    };
  };
}

/** PostgreSQL keeps no NUL in a text. */
function storable(text: string, longest: number): string {
  return text.slice(0, longest).replaceAll('\u0000', '␀');
}
