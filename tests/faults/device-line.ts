import { connect, type Socket } from 'node:net';

interface Waiting {
  readonly number: number;
  readonly topic: Buffer;
  readonly payload: Buffer;
}

const RECONNECT_MS = 100;
/** Below the 65,535 packet numbers that a connection has. */
const MOST_IN_FLIGHT = 8_000;

/**
 * A connection over MQTT 3.1.1 that publishes at QoS 1 and never gives up: what is not acknowledged is sent again on the next
 * connection. Made of bare frames, because a full client at this rate would cost as much as the console.
 */
export class DeviceLine {
  readonly #url: URL;
  readonly #clientId: string;
  readonly #onAcknowledged: (number: number) => void;
  readonly #queue: Waiting[] = [];
  #queueHead = 0;
  readonly #inFlight = new Map<number, Waiting>();
  #socket: Socket | null = null;
  #connected = false;
  #received: Buffer = Buffer.alloc(0);
  #nextId = 1;
  #closed = false;

  constructor(url: string, clientId: string, onAcknowledged: (number: number) => void) {
    this.#url = new URL(url);
    this.#clientId = clientId;
    this.#onAcknowledged = onAcknowledged;
    this.#connect();
  }

  publish(number: number, topic: string, payload: string): void {
    this.#queue.push({ number, topic: text(topic), payload: Buffer.from(payload) });
    this.#send();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    this.#socket = socket;
    this.#connected = false;
    this.#received = Buffer.alloc(0);
    socket.on('connect', () => socket.write(this.#connectFrame()));
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#connected = false;
      setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  #connectFrame(): Buffer {
    const user = decodeURIComponent(this.#url.username);
    const password = decodeURIComponent(this.#url.password);
    const credentials = user === '' ? [] : [text(user), text(password)];
    const flags = 0b10 | (user === '' ? 0 : 0b1100_0000);
    return frame(0x10, [text('MQTT'), Buffer.from([4, flags, 0, 0]), text(this.#clientId), ...credentials]);
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let offset = 0;
    // CONNACK and PUBACK are four bytes each, and nothing else is sent to us.
    for (; offset + 4 <= this.#received.length; offset += 4) {
      const type = this.#received[offset];
      if (type === 0x20) this.#onConnected(this.#received[offset + 3] ?? 0);
      else if (type === 0x40) this.#onPuback(this.#received.readUInt16BE(offset + 2));
    }
    this.#received = this.#received.subarray(offset);
  }

  #onConnected(code: number): void {
    if (code !== 0) throw new Error(`the broker refuses the publisher with code ${code}`);
    this.#connected = true;
    const again = [...this.#inFlight].map(([id, waiting]) => publishFrame(id, waiting, true));
    if (again.length > 0) this.#socket?.write(Buffer.concat(again));
    this.#send();
  }

  #onPuback(id: number): void {
    const waiting = this.#inFlight.get(id);
    if (waiting === undefined) return;
    this.#inFlight.delete(id);
    this.#onAcknowledged(waiting.number);
    this.#send();
  }

  #send(): void {
    if (!this.#connected || this.#socket === null) return;
    const frames: Buffer[] = [];
    while (this.#queueHead < this.#queue.length && this.#inFlight.size < MOST_IN_FLIGHT) {
      const waiting = this.#queue[this.#queueHead];
      this.#queueHead += 1;
      if (waiting === undefined) break;
      while (this.#inFlight.has(this.#nextId)) this.#nextId = (this.#nextId % 65_535) + 1;
      this.#inFlight.set(this.#nextId, waiting);
      frames.push(publishFrame(this.#nextId, waiting, false));
      this.#nextId = (this.#nextId % 65_535) + 1;
    }
    if (this.#queueHead > 10_000) {
      this.#queue.splice(0, this.#queueHead);
      this.#queueHead = 0;
    }
    if (frames.length > 0) this.#socket.write(Buffer.concat(frames));
  }
}

function publishFrame(id: number, { topic, payload }: Waiting, again: boolean): Buffer {
  return frame(again ? 0x3a : 0x32, [topic, Buffer.from([id >> 8, id & 0xff]), payload]);
}

function frame(type: number, parts: readonly Buffer[]): Buffer {
  let rest = parts.reduce((sum, part) => sum + part.length, 0);
  const length: number[] = [];
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), ...parts]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
