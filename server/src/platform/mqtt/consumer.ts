import { SUBSCRIPTION, type Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import { Connection, byConnection, type ConnectionFailure, type ProtocolVersion } from './connection.js';
import type { IncomingMessage, MessageListener, MessageSource, SourceState } from './message-source.js';

export interface ConsumerOptions {
  readonly url: string;
  /** Fixed: the broker keeps the queue of this id while we are away. */
  readonly clientId: string;
  /** Most messages that wait for their commit at a time. */
  readonly window: number;
  /** How long a broker that speaks MQTT 5 keeps our session while we are away; seconds. */
  readonly sessionExpiryS: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** Beyond every payload limit, so that what is too large still arrives and can be told; far beyond it stays at the broker. */
const MOST_PACKET_BYTES = 2 * 1024 * 1024;

/**
 * The intake's persistent session at an external broker. Every connection is a new one: when it closes, what it delivered
 * and nobody acknowledged is sent again by the broker, unless that was killed and has lost it.
 */
export class MqttConsumer implements MessageSource {
  readonly #options: ConsumerOptions;
  #connection: Connection | null = null;
  #listener: MessageListener | null = null;
  #protocolVersion: ProtocolVersion = 5;
  #connected = false;
  #sinceMs: number;
  #failures = 0;
  /** The log tells a reason once, and not at every attempt. */
  #toldReason: string | null = null;
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
  }

  start(listener: MessageListener): void {
    this.#listener = listener;
    this.#connect();
  }

  state(): SourceState {
    return {
      connected: this.#connected,
      sinceMs: this.#sinceMs,
      unacknowledged: this.#connection?.unacknowledged ?? 0,
    };
  }

  acknowledge(messages: readonly IncomingMessage[]): void {
    for (const [connection, deliveries] of byConnection(messages)) connection.acknowledge(deliveries);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#connection?.pause();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#connection?.end();
  }

  #connect(): void {
    this.#retry = null;
    const { url, clientId, window, sessionExpiryS, clock } = this.#options;
    this.#connection = new Connection({
      url,
      clientId,
      filter: SUBSCRIPTION,
      window,
      sessionExpiryS,
      maxPacketBytes: MOST_PACKET_BYTES,
      clock,
      protocolVersion: this.#protocolVersion,
      onMessage: (message) => this.#listener?.onMessage(message),
      onReady: (sessionPresent) => this.#onReady(sessionPresent),
      onClosed: (failure) => this.#onClosed(failure),
    });
  }

  #onReady(sessionPresent: boolean): void {
    this.#failures = 0;
    this.#toldReason = null;
    this.#setConnected(true);
    this.#options.logger.info({ protocolVersion: this.#protocolVersion, sessionPresent }, 'connected to the broker');
  }

  #onClosed(failure: ConnectionFailure | null): void {
    this.#setConnected(false);
    this.#listener?.onConnectionLost();
    if (this.#stopped) return;
    // A broker of 3.1.1 refuses 5 in one of several ways: the other version is tried at the next attempt.
    if (failure?.duringHandshake === true) this.#protocolVersion = this.#protocolVersion === 5 ? 4 : 5;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10), LONGEST_RETRY_MS);
    const reason = failure?.error.message ?? 'closed';
    if (reason !== this.#toldReason) this.#options.logger.warn({ reason }, 'no connection to the broker; trying again');
    this.#toldReason = reason;
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#connect(), delayMs);
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#sinceMs = this.#options.clock.now();
  }
}
