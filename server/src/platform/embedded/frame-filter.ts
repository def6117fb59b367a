/** A PUBLISH beyond the limit, of which only the beginning was kept. */
export interface OversizedPublish {
  readonly topic: string;
  /** Null at QoS 0. */
  readonly packetId: number | null;
  readonly payloadStart: Buffer;
  readonly payloadBytes: number;
}

export type FilterResult =
  | { readonly ok: true; readonly pass: Buffer; readonly oversized: readonly OversizedPublish[] }
  /** Beyond the limit and not a PUBLISH, or no MQTT at all: the connection can only be closed. */
  | { readonly ok: false };

const PUBLISH = 3;
const NOTHING = Buffer.alloc(0);
const NONE: readonly OversizedPublish[] = [];
const KEPT_PAYLOAD_BYTES = 1_024;
const MOST_LENGTH_BYTES = 4;

/**
 * Walks the frames of one connection's bytes and takes out each PUBLISH that is longer than the limit before anything has
 * to hold it in memory: only its topic and the beginning of its payload are kept. All else passes unchanged.
 */
export class FrameFilter {
  readonly #limitBytes: number;
  /** A fixed header that ended with its chunk: it passes, or not, with the next one. */
  #carried: Buffer = NOTHING;
  /** Bytes of the present frame still to come. */
  #remaining = 0;
  #skipped: SkippedPublish | null = null;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  push(bytes: Buffer): FilterResult {
    const chunk = this.#carried.length > 0 ? Buffer.concat([this.#carried, bytes]) : bytes;
    this.#carried = NOTHING;
    const pass: Buffer[] = [];
    const oversized: OversizedPublish[] = [];
    let passFrom = 0;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#remaining > 0) {
        const end = offset + Math.min(this.#remaining, chunk.length - offset);
        this.#remaining -= end - offset;
        if (this.#skipped !== null) {
          this.#skipped.add(chunk.subarray(offset, end));
          passFrom = end;
          if (this.#remaining === 0) {
            oversized.push(this.#skipped.publish());
            this.#skipped = null;
          }
        }
        offset = end;
        continue;
      }
      const header = readFixedHeader(chunk, offset);
      if (header === 'malformed') return { ok: false };
      if (header === 'incomplete') break;
      if (header.length > this.#limitBytes) {
        const first = chunk[offset] ?? 0;
        if (first >> 4 !== PUBLISH) return { ok: false };
        pass.push(chunk.subarray(passFrom, offset));
        this.#skipped = new SkippedPublish((first & 0b0110) !== 0, header.length);
        passFrom = header.end;
      }
      this.#remaining = header.length;
      offset = header.end;
    }
    if (offset < chunk.length) this.#carried = Buffer.from(chunk.subarray(offset));
    // Nearly every chunk passes whole, as it is.
    if (passFrom === 0 && offset === chunk.length) return { ok: true, pass: chunk, oversized: NONE };
    pass.push(chunk.subarray(passFrom, offset));
    return { ok: true, pass: Buffer.concat(pass), oversized };
  }
}

/** The frame's first bytes: what its variable header says, and the beginning of its payload. */
class SkippedPublish {
  readonly #acknowledged: boolean;
  readonly #length: number;
  #start: Buffer = NOTHING;

  constructor(acknowledged: boolean, length: number) {
    this.#acknowledged = acknowledged;
    this.#length = length;
  }

  add(bytes: Buffer): void {
    const wanted = this.#payloadAt() + KEPT_PAYLOAD_BYTES - this.#start.length;
    if (wanted > 0) this.#start = Buffer.concat([this.#start, bytes.subarray(0, wanted)]);
    // The topic's length came with these bytes: only now is it known how far its payload is.
    const more = this.#payloadAt() + KEPT_PAYLOAD_BYTES - this.#start.length;
    if (more > 0 && wanted > 0) this.#start = Buffer.concat([this.#start, bytes.subarray(wanted, wanted + more)]);
  }

  publish(): OversizedPublish {
    const payloadAt = this.#payloadAt();
    return {
      topic: this.#start.toString('utf8', 2, 2 + this.#topicBytes()),
      packetId: this.#acknowledged && this.#start.length >= payloadAt ? this.#start.readUInt16BE(payloadAt - 2) : null,
      payloadStart: this.#start.subarray(payloadAt, payloadAt + KEPT_PAYLOAD_BYTES),
      payloadBytes: Math.max(0, this.#length - payloadAt),
    };
  }

  #topicBytes(): number {
    return this.#start.length >= 2 ? this.#start.readUInt16BE(0) : 0;
  }

  #payloadAt(): number {
    return 2 + this.#topicBytes() + (this.#acknowledged ? 2 : 0);
  }
}

function readFixedHeader(
  chunk: Buffer,
  from: number,
): { readonly length: number; readonly end: number } | 'incomplete' | 'malformed' {
  let length = 0;
  let factor = 1;
  for (let index = 1; index <= MOST_LENGTH_BYTES; index += 1) {
    const byte = chunk[from + index];
    if (byte === undefined) return 'incomplete';
    length += (byte & 0x7f) * factor;
    if (byte < 0x80) return { length, end: from + index + 1 };
    factor *= 128;
  }
  return 'malformed';
}
