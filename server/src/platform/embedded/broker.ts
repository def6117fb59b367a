import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import { MAX_BATCH_BYTES, type Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { errorCode, StartError } from '../start-error.js';
import type { IncomingMessage, MessageListener, MessageSource, SourceState } from '../mqtt/message-source.js';
import { pubacks } from '../mqtt/puback.js';
import { isLoopback, mayReceive, samePassword } from './broker-rules.js';
import { FrameFilter, type OversizedPublish } from './frame-filter.js';
import { Stall } from './stall.js';

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What devices must give, with any user name; required away from loopback. */
  readonly password?: string | undefined;
  /** Most messages that wait for their acknowledgement; beyond it nothing is read. */
  readonly window: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Largest packet that is held in memory; of a longer PUBLISH only the beginning is handed on. */
const MOST_PACKET_BYTES = MAX_BATCH_BYTES + 1_024;
const MOST_CONNECTIONS = 10_000;
/** Retained messages are only for the device itself to read back: few and small. */
const MOST_RETAINED = 20_000;
const MOST_RETAINED_BYTES = 4_096;
const RETAINED_TOPIC = /^ioc\/v1\/[^/]+\/.+\/status$/;

class Delivery implements IncomingMessage {
  readonly retained = false;

  constructor(
    readonly topic: string,
    readonly payload: Buffer,
    readonly payloadBytes: number,
    readonly redelivered: boolean,
    readonly will: boolean,
    readonly receivedAtMs: number,
    /** Lets the broker go on: it sends its PUBACK. */
    readonly release: () => void,
  ) {}
}

/**
 * Aedes without its distribution: what clients publish goes to the intake, and nobody else listens, except a device to its
 * own topics. `$SYS` messages of clients never reach the broker's own listeners.
 */
class IntakeAedes extends Aedes {
  /** Whether any client has subscribed to anything. */
  listened = false;
  readonly #retained = new Set<string>();

  override publish(
    packet: PublishPacket,
    clientOrDone: Client | null | ((error?: Error) => void),
    done?: (error?: Error) => void,
  ): void {
    const ofClient = typeof clientOrDone !== 'function' && clientOrDone !== null;
    if (ofClient && !this.#distributes(packet)) done?.();
    else Reflect.apply(super.publish.bind(this), null, [packet, clientOrDone, done]);
  }

  #distributes(packet: PublishPacket): boolean {
    if (!packet.topic.startsWith('ioc/v1/')) return false;
    if (packet.retain) {
      packet.retain =
        RETAINED_TOPIC.test(packet.topic) &&
        packet.payload.length <= MOST_RETAINED_BYTES &&
        (this.#retained.size < MOST_RETAINED || this.#retained.has(packet.topic));
      if (packet.retain && packet.payload.length > 0) this.#retained.add(packet.topic);
      if (packet.payload.length === 0) this.#retained.delete(packet.topic);
    }
    return packet.retain || this.listened;
  }
}

/**
 * The broker inside the server (MQTT 3.1.1 on TCP). A PUBACK is withheld until the intake has committed: the intake is fed
 * from the hook that authorises a publish, because only that one comes before the PUBACK, and a subscription would wait
 * for itself. Retained messages live in memory: after a restart a device's own status topic is empty until it speaks
 * again; nothing of ours reads them, connectivity comes from the database.
 */
export class EmbeddedBroker implements MessageSource {
  readonly url: string;
  readonly #server: Server;
  readonly #aedes: IntakeAedes;
  readonly #options: EmbeddedBrokerOptions;
  readonly #sinceMs: number;
  readonly #sockets = new Set<Socket>();
  /** Sockets that were not read because the window was full. */
  readonly #waiting = new Set<Duplex>();
  /** Last wills by identity: the hook gets the very object that came with CONNECT. */
  readonly #wills = new WeakSet<object>();
  /** How long we left whom without an answer. */
  readonly #stalls = new WeakMap<Duplex, Stall>();
  /** What a client asked for at CONNECT; 0 is never. */
  readonly #keepAliveMs = new WeakMap<Client, number>();
  #unacknowledged = 0;
  #listener: MessageListener | null = null;
  #closing = false;

  constructor(server: Server, aedes: IntakeAedes, options: EmbeddedBrokerOptions, url: string) {
    this.url = url;
    this.#server = server;
    this.#aedes = aedes;
    this.#options = options;
    this.#sinceMs = options.clock.now();
    server.on('connection', (socket) => this.#onConnection(socket));
    aedes.preConnect = (client, packet, callback) => {
      if (packet.will !== undefined) this.#wills.add(packet.will);
      this.#keepAliveMs.set(client, (packet.keepalive ?? 0) * 1_000);
      // Nothing is taken before the intake is there to commit it; devices come again.
      const isOpen = this.#listener !== null && !this.#closing;
      callback(null, isOpen);
      // Aedes leaves it open without an answer: a device would wait for its CONNACK until its own patience ends.
      if (!isOpen) client.conn.destroy();
    };
    aedes.authenticate = (_client, _username, password, callback) => {
      callback(null, options.password === undefined || samePassword(password, options.password));
    };
    aedes.authorizeSubscribe = (client, subscription, callback) => {
      const allowed = mayReceive(client.id, subscription.topic);
      if (allowed) aedes.listened = true;
      callback(null, allowed ? subscription : null);
    };
    aedes.authorizePublish = (client, packet, callback) => this.#onPublish(client, packet, callback);
    aedes.on('clientError', (client, error) => {
      options.logger.debug({ client: client.id, reason: error.message }, 'a client was disconnected');
    });
    aedes.on('connectionError', (_client, error) => {
      options.logger.debug({ reason: error.message }, 'a connection was refused');
    });
  }

  start(listener: MessageListener): void {
    this.#listener = listener;
  }

  state(): SourceState {
    return { connected: !this.#closing, sinceMs: this.#sinceMs, unacknowledged: this.#unacknowledged };
  }

  acknowledge(messages: readonly IncomingMessage[]): void {
    for (const message of messages) if (message instanceof Delivery) message.release();
    this.#readWaiting();
  }

  stop(): void {
    this.#listener = null;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.stop();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    await closed;
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#waiting.delete(socket);
    });
    this.#filterReads(socket);
    this.#aedes.handle(socket);
  }

  /** Aedes reads its sockets with `read()`: what it gets has gone through the frame filter, and stops at a full window. */
  #filterReads(socket: Socket): void {
    const filter = new FrameFilter(MOST_PACKET_BYTES);
    const stall = new Stall();
    this.#stalls.set(socket, stall);
    const read = socket.read.bind(socket);
    socket.read = (size?: number): Buffer | null => {
      if (this.#unacknowledged >= this.#options.window) {
        this.#waiting.add(socket);
        stall.leaveUnread(performance.now());
        return null;
      }
      stall.read(performance.now());
      const chunk: unknown = read(size);
      if (!Buffer.isBuffer(chunk)) return null;
      const result = filter.push(chunk);
      if (!result.ok) {
        socket.destroy();
        return null;
      }
      for (const publish of result.oversized) this.#onOversized(socket, publish);
      return result.pass.length > 0 ? result.pass : null;
    };
  }

  #readWaiting(): void {
    if (this.#waiting.size === 0 || this.#unacknowledged >= this.#options.window) return;
    const sockets = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of sockets) if (!socket.destroyed) socket.emit('readable');
  }

  #onPublish(client: Client | null, packet: PublishPacket, callback: (error?: Error | null) => void): void {
    const listener = this.#listener;
    const will = this.#wills.has(packet);
    if (listener === null || client === null) {
      callback(new Error('the intake is stopping'));
      return;
    }
    const stall = this.#stalls.get(client.conn);
    if (will && stall?.explainsEnd(performance.now(), this.#keepAliveMs.get(client) ?? 0)) {
      callback(new Error('its keep-alive ran out while we did not read'));
      return;
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const release = this.#hold(stall, () => callback(null));
    const now = this.#options.clock.now();
    listener.onMessage(new Delivery(packet.topic, payload, payload.length, packet.dup, will, now, release));
  }

  #onOversized(socket: Socket, publish: OversizedPublish): void {
    const listener = this.#listener;
    if (listener === null) return;
    const { topic, packetId, payloadStart, payloadBytes } = publish;
    const now = this.#options.clock.now();
    const release = this.#hold(this.#stalls.get(socket), () => {
      if (packetId !== null && !socket.destroyed) socket.write(pubacks([packetId]));
    });
    listener.onMessage(new Delivery(topic, payloadStart, payloadBytes, false, false, now, release));
  }

  /** Counts a message as withheld until the function that comes back is called; a second call does nothing. */
  #hold(stall: Stall | undefined, onRelease: () => void): () => void {
    this.#unacknowledged += 1;
    stall?.withhold(performance.now());
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#unacknowledged -= 1;
      stall?.release(performance.now());
      onRelease();
    };
  }
}

/** Listens; devices are let in once the intake has started. Throws one sentence when it can't. */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  if (!isLoopback(options.host) && options.password === undefined) {
    throw new StartError(`The embedded broker listens on ${options.host} only with a password: set IOC_MQTT_PASSWORD.`);
  }
  const aedesOptions: AedesOptions = { connectTimeout: 10_000, maxTopicLevels: 20, queueLimit: 1_000 };
  const aedes = new IntakeAedes(aedesOptions);
  await aedes.listen();
  const server = createServer();
  server.maxConnections = MOST_CONNECTIONS;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, resolve);
    });
  } catch (error) {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    throw errorCode(error) === 'EADDRINUSE'
      ? new StartError(`Port ${options.port} on ${options.host} is taken: set IOC_MQTT_PORT to another one.`)
      : error;
  }
  const { port } = server.address() as AddressInfo;
  return new EmbeddedBroker(
    server,
    aedes,
    options,
    `mqtt://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
  );
}
