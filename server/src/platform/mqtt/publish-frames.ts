/** What a plain PUBLISH says. */
export interface PublishHandler {
  /** `packetId` 0: QoS 0, nothing to acknowledge. Answers whether more may come; false holds the rest until `resume`. */
  onPublish(topic: string, payload: Buffer, packetId: number, retained: boolean, redelivered: boolean): boolean;
  /** Whole frames of any other kind, in their order: CONNACK, SUBACK, PINGRESP, … */
  onOther(frames: Buffer): void;
}

const PUBLISH = 3;
const MOST_LENGTH_BYTES = 4;

/**
 * Takes the PUBLISHes out of the bytes of a broker's connection. MQTT.js's parser took 6 of the server's 16 µs for a message,
 * and half of all that was allocated (4.5 of 9.3 KB): its debug calls alone, which are cheap only while few libraries of a
 * process use that package, 1 µs. What is unusual (QoS 2, an alias instead of a topic, bytes that are no MQTT) is left to
 * MQTT.js.
 */
export class PublishFrames {
  readonly #handler: PublishHandler;
  readonly #hasProperties: boolean;
  /** The beginning of a frame, and what came while held. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** Not before so many bytes is there anything to do. */
  #wantedBytes = 0;
  #held = false;
  /** No MQTT: all that comes is MQTT.js's to refuse. */
  #malformed = false;

  constructor(protocolVersion: 4 | 5, handler: PublishHandler) {
    this.#hasProperties = protocolVersion === 5;
    this.#handler = handler;
  }

  /** Whether more may come; else after `resume`. */
  push(chunk: Buffer): boolean {
    if (this.#pieces.length === 0 && !this.#held) {
      this.#walk(chunk);
    } else {
      this.#pieces.push(chunk);
      this.#pieceBytes += chunk.length;
      if (!this.#held && this.#pieceBytes >= this.#wantedBytes) this.#walkPieces();
    }
    return !this.#held;
  }

  /** Goes on with what was held. Whether more may come. */
  resume(): boolean {
    this.#held = false;
    if (this.#pieces.length > 0) this.#walkPieces();
    return !this.#held;
  }

  #walkPieces(): void {
    const bytes = Buffer.concat(this.#pieces, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#walk(bytes);
  }

  #walk(bytes: Buffer): void {
    let offset = 0;
    while (offset < bytes.length && !this.#malformed) {
      const bodyAt = afterLength(bytes, offset + 1);
      if (bodyAt === 'incomplete') {
        this.#keep(bytes, offset, bytes.length - offset + 1);
        return;
      }
      if (bodyAt === 'malformed') {
        this.#malformed = true;
        break;
      }
      const end = bodyAt + readLength(bytes, offset + 1, bodyAt);
      if (end > bytes.length) {
        this.#keep(bytes, offset, end - offset);
        return;
      }
      const frameAt = offset;
      offset = end;
      if (!this.#takePublish(bytes, frameAt, bodyAt, end)) this.#handler.onOther(bytes.subarray(frameAt, end));
      if (this.#held) {
        if (offset < bytes.length) this.#keep(bytes, offset, 0);
        return;
      }
    }
    if (offset < bytes.length) this.#handler.onOther(bytes.subarray(offset));
  }

  /** False: not a plain PUBLISH. */
  #takePublish(bytes: Buffer, frameAt: number, bodyAt: number, end: number): boolean {
    const first = bytes[frameAt] ?? 0;
    const qos = (first >> 1) & 3;
    if (first >> 4 !== PUBLISH || qos > 1 || end - bodyAt < 2) return false;
    const topicAt = bodyAt + 2;
    const topicEnd = topicAt + uint16(bytes, bodyAt);
    let payloadAt = topicEnd;
    let packetId = 0;
    if (qos === 1) {
      payloadAt += 2;
      if (payloadAt > end) return false;
      packetId = uint16(bytes, topicEnd);
      if (packetId === 0) return false;
    }
    if (this.#hasProperties) {
      const propertiesAt = afterLength(bytes, payloadAt);
      if (typeof propertiesAt === 'string') return false;
      payloadAt = propertiesAt + readLength(bytes, payloadAt, propertiesAt);
    }
    // Without a topic it has an alias, which we have not offered to know.
    if (topicEnd === topicAt || payloadAt > end) return false;
    const topic = bytes.toString('utf8', topicAt, topicEnd);
    const payload = bytes.subarray(payloadAt, end);
    this.#held = !this.#handler.onPublish(topic, payload, packetId, (first & 1) !== 0, (first & 8) !== 0);
    return true;
  }

  #keep(bytes: Buffer, from: number, wantedBytes: number): void {
    this.#pieces = [bytes.subarray(from)];
    this.#pieceBytes = bytes.length - from;
    this.#wantedBytes = wantedBytes;
  }
}

function uint16(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Where a length of variable size that begins at `from` ends. */
function afterLength(bytes: Buffer, from: number): number | 'incomplete' | 'malformed' {
  for (let at = from; at < from + MOST_LENGTH_BYTES; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return 'incomplete';
    if (byte < 0x80) return at + 1;
  }
  return 'malformed';
}

function readLength(bytes: Buffer, from: number, to: number): number {
  let length = 0;
  for (let at = to - 1; at >= from; at -= 1) length = length * 128 + ((bytes[at] ?? 0) & 0x7f);
  return length;
}
