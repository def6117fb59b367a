import { createConnection, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { PublishFrames, type PublishHandler } from './publish-frames.js';

const PORT = 1883;
const TLS_PORT = 8883;

/** The connection to a broker, `mqtt://` or `mqtts://`. */
export function openSocket({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost';
  if (protocol !== 'mqtts:') return createConnection({ host, port: Number(port || PORT) });
  return connect({ host, port: Number(port || TLS_PORT), ...(isIP(host) === 0 && { servername: host }) });
}

/** A socket as MQTT.js is given it: with all that the broker sends, except the PUBLISHes, which go to their handler at once. */
export class PublishLane extends Duplex {
  readonly #socket: Socket;
  readonly #frames: PublishFrames;

  constructor(socket: Socket, protocolVersion: 4 | 5, onPublish: PublishHandler['onPublish']) {
    super({ decodeStrings: true });
    this.#socket = socket;
    this.#frames = new PublishFrames(protocolVersion, { onPublish, onOther: (frames) => void this.push(frames) });
    socket.on('data', (chunk: Buffer) => {
      if (!this.#frames.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** After `onPublish` has answered false: goes on with the next one. */
  takeMore(): void {
    if (this.#frames.resume()) this.#socket.resume();
  }

  override _read(): void {
    // What is not a PUBLISH is so little that it waits here.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
