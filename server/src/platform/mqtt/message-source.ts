/**
 * Where messages come from: an external broker's persistent session, or the embedded broker. Both withhold their
 * acknowledgement until they are told that a message is committed.
 */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** Length of the payload as sent; more than `payload` holds when the source cut one that is beyond its limit. */
  readonly payloadBytes: number;
  /** The broker's memory of the topic, sent because we have just subscribed, and not something that happened now. */
  readonly retained: boolean;
  /** Sent before: its acknowledgement did not reach the broker. */
  readonly redelivered: boolean;
  /**
   * A last will that the source published itself, because a connection of its own ended. An external broker does not tell
   * a last will from a farewell: false.
   */
  readonly will: boolean;
  /** Arrival, epoch ms of our clock. */
  readonly receivedAtMs: number;
  /** The connection that delivered it has ended: it can't be acknowledged any more, and will be sent again. */
  readonly abandoned: boolean;
}

export interface SourceState {
  readonly connected: boolean;
  /** Since when, epoch ms of our clock. */
  readonly sinceMs: number;
  /** Messages handed over and not acknowledged yet. */
  readonly unacknowledged: number;
}

export interface MessageSource {
  /** Hands every message to `onMessage` from now on. Comes back at once: connecting goes on for ever. */
  start(onMessage: (message: IncomingMessage) => void): void;
  /** What a batch has committed: lets exactly these acknowledgements go. Abandoned messages are skipped. */
  acknowledge(messages: readonly IncomingMessage[]): void;
  state(): SourceState;
  /** Hands over nothing more; what was handed over can still be acknowledged. */
  stop(): void;
  /** Ends the connection. What is not acknowledged by now is sent again at the next start. */
  close(): Promise<void>;
}
