import type { DeviceClassId } from '@ioc/contract';
import { KEPT_PAYLOAD_BYTES } from './rejection.js';
import { TokenBucket } from './token-bucket.js';

/** What a device that is not registered said since the last commit. */
export interface QuarantineNote {
  readonly id: string;
  readonly communeCode: string | null;
  readonly deviceClass: DeviceClassId | null;
  readonly gatewayId: string | null;
  readonly firstSeenAtMs: number;
  lastSeenAtMs: number;
  messages: number;
  /** Its first payload of the batch, first 1 KiB. */
  readonly sample: Buffer;
}

export interface UnknownSpeaker {
  readonly id: string;
  readonly communeCode: string | null;
  readonly deviceClass: DeviceClassId | null;
  readonly gatewayId: string | null;
  readonly receivedAtMs: number;
}

/** Devices noted in a second; more are passed over until they speak again, so that invented ids cost little. */
const NOTES_PER_S = 50;
const NOTES_AT_ONCE = 1_000;

/** Notes an unknown device in the batch's notes, at a bounded rate. `payload` is asked for only when it is needed. */
export function createQuarantineWriter(
  monotonicMs: () => number,
): (notes: Map<string, QuarantineNote>, speaker: UnknownSpeaker, payload: () => Buffer) => void {
  const bucket = new TokenBucket(NOTES_PER_S, NOTES_AT_ONCE, monotonicMs());

  return (notes, speaker, payload) => {
    const note = notes.get(speaker.id);
    if (note !== undefined) {
      note.messages += 1;
      note.lastSeenAtMs = Math.max(note.lastSeenAtMs, speaker.receivedAtMs);
      return;
    }
    if (!bucket.take(monotonicMs())) return;
    const { receivedAtMs, ...identity } = speaker;
    notes.set(speaker.id, {
      ...identity,
      firstSeenAtMs: receivedAtMs,
      lastSeenAtMs: receivedAtMs,
      messages: 1,
      sample: Buffer.from(payload().subarray(0, KEPT_PAYLOAD_BYTES)),
    });
  };
}
