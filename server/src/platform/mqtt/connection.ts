import type { Clock } from '@ioc/contract';
import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import type { IncomingMessage } from './message-source.js';
import { pubacks } from './puback.js';
import { openSocket, PublishLane } from './publish-lane.js';

export type ProtocolVersion = 4 | 5;

export interface ConnectionOptions {
  readonly url: string;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly filter: string;
  /** Most messages that wait for their acknowledgement. */
  readonly window: number;
  /** How long a broker that speaks MQTT 5 keeps our session while we are away; seconds. */
  readonly sessionExpiryS: number;
  /** Packets beyond this are not asked for (MQTT 5); bytes. */
  readonly maxPacketBytes: number;
  readonly clock: Clock;
  readonly onMessage: (message: IncomingMessage) => void;
  /** Subscribed; `sessionPresent`: the broker still had our session with what it queued. */
  readonly onReady: (sessionPresent: boolean) => void;
  /** Once, whatever ended it. */
  readonly onClosed: (failure: ConnectionFailure | null) => void;
}

export interface ConnectionFailure {
  readonly error: Error;
  /** The broker took the connection and then did not agree: it may speak the other protocol version. */
  readonly duringHandshake: boolean;
}

const KEEPALIVE_S = 30;
const CONNECT_TIMEOUT_MS = 10_000;
/** CONNACK codes that say that the credentials are wrong, in 3.1.1 and 5. */
const REFUSED_CREDENTIALS = new Set([4, 5, 134, 135]);
const FAILURE_GRANT = 128;

// MQTT.js sends no PUBACK for a message whose handler calls back with an error, and goes on with the next one.
const WITHHELD = new Error('acknowledged after the commit');

class Delivery implements IncomingMessage {
  constructor(
    readonly connection: Connection,
    /** 0: QoS 0, nothing to acknowledge. */
    readonly packetId: number,
    readonly topic: string,
    readonly payload: Buffer,
    readonly retained: boolean,
    readonly redelivered: boolean,
    readonly receivedAtMs: number,
  ) {}

  get payloadBytes(): number {
    return this.payload.length;
  }

  get will(): boolean {
    return false;
  }
}

/**
 * One connection to the broker, from CONNECT to close. Acknowledgements of a message go to the connection that delivered it
 * and to no other: packet ids mean nothing elsewhere.
 */
export class Connection {
  readonly #client: MqttClient;
  readonly #options: ConnectionOptions;
  #unacknowledged = 0;
  #closed = false;
  #ready = false;
  #paused = false;
  #failure: ConnectionFailure | null = null;
  #lane: PublishLane | null = null;
  /** While more messages wait than the window allows nothing more is read. */
  #held = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const url = new URL(options.url);
    this.#client = new mqtt.MqttClient(
      () => {
        const { protocolVersion } = options;
        this.#lane = new PublishLane(
          openSocket(url),
          protocolVersion,
          (topic, payload, packetId, retained, redelivered) =>
            this.#take(topic, payload, packetId, retained, redelivered),
        );
        return this.#lane;
      },
      clientOptions(options, url),
    );
    // What the lane leaves to MQTT.js, which acknowledges by itself when there is no handler.
    this.#client.handleMessage = (packet, callback) => {
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      this.#take(packet.topic, payload, packet.qos > 0 ? (packet.messageId ?? 0) : 0, packet.retain, packet.dup);
      callback(WITHHELD);
    };
    this.#client.on('connect', (packet) => {
      this.#subscribe(packet);
    });
    this.#client.on('error', (error) => {
      this.#fail(error);
    });
    this.#client.on('close', () => {
      this.#onClose();
    });
    this.#client.connect();
  }

  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  /** Writes the PUBACKs of messages that this connection delivered, as one buffer. */
  acknowledge(deliveries: readonly Delivery[]): void {
    if (this.#closed) return;
    const ids: number[] = [];
    for (const delivery of deliveries) if (delivery.packetId !== 0) ids.push(delivery.packetId);
    this.#unacknowledged -= deliveries.length;
    if (ids.length > 0) this.#client.stream.write(pubacks(ids));
    if (this.#held && this.#unacknowledged <= this.#options.window) {
      this.#held = false;
      this.#lane?.takeMore();
    }
  }

  /** Takes nothing more; what arrives from now on is left unacknowledged, and forgotten. */
  pause(): void {
    this.#paused = true;
  }

  /** Ends it: with a DISCONNECT when all is acknowledged, else at once, so that the broker sends the rest again. */
  async end(): Promise<void> {
    if (this.#closed) return;
    const forced = this.#unacknowledged > 0 || !this.#ready;
    await new Promise<void>((resolve) => {
      this.#client.once('close', () => resolve());
      this.#client.end(forced);
      // A broker that does not close its side is not waited for.
      if (!forced) setTimeout(() => this.#client.stream.destroy(), 1_000).unref();
      if (forced) this.#client.stream.destroy();
    });
  }

  /** Whether the next one may come. */
  #take(topic: string, payload: Buffer, packetId: number, retained: boolean, redelivered: boolean): boolean {
    if (this.#closed || this.#paused) return true;
    this.#unacknowledged += 1;
    const now = this.#options.clock.now();
    this.#options.onMessage(new Delivery(this, packetId, topic, payload, retained, redelivered, now));
    this.#held = this.#unacknowledged > this.#options.window;
    return !this.#held;
  }

  #subscribe({ sessionPresent }: IConnackPacket): void {
    this.#client.subscribe(this.#options.filter, { qos: 1 }, (error, grants) => {
      if (this.#closed) return;
      const refused = grants?.some((grant) => grant.qos >= FAILURE_GRANT) ?? false;
      if (error === null && !refused) {
        this.#ready = true;
        this.#options.onReady(sessionPresent);
        return;
      }
      this.#failure = {
        error: new Error(`the broker refused the subscription to ${this.#options.filter}`, { cause: error }),
        duringHandshake: false,
      };
      this.#client.end(true);
    });
  }

  #fail(error: Error): void {
    const code = 'code' in error ? error.code : undefined;
    const network = 'syscall' in error || code === 'ENOTFOUND';
    const refusedCredentials = typeof code === 'number' && REFUSED_CREDENTIALS.has(code);
    this.#failure ??= { error, duringHandshake: !this.#client.connected && !network && !refusedCredentials };
    this.#client.end(true);
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#failure === null && !this.#ready && !this.#client.disconnecting) {
      this.#failure = {
        error: new Error('the broker closed the connection before its CONNACK'),
        duringHandshake: true,
      };
    }
    this.#options.onClosed(this.#failure);
    this.#client.end(true);
  }
}

/** The deliveries among `messages` by the connection that they came on. */
export function byConnection(messages: readonly IncomingMessage[]): ReadonlyMap<Connection, readonly Delivery[]> {
  const groups = new Map<Connection, Delivery[]>();
  for (const message of messages) {
    if (!(message instanceof Delivery)) continue;
    const group = groups.get(message.connection);
    if (group === undefined) groups.set(message.connection, [message]);
    else group.push(message);
  }
  return groups;
}

function clientOptions(options: ConnectionOptions, url: URL): IClientOptions {
  return {
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    clientId: options.clientId,
    clean: false,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    manualConnect: true,
    // Its debug log costs a microsecond a message even while it is off.
    log: () => undefined,
    resubscribe: false,
    protocolVersion: options.protocolVersion,
    ...(options.protocolVersion === 5 && {
      properties: {
        sessionExpiryInterval: options.sessionExpiryS,
        receiveMaximum: options.window,
        maximumPacketSize: options.maxPacketBytes,
      },
    }),
  };
}
