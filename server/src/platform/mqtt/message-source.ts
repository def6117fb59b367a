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
}

export interface SourceState {
  readonly connected: boolean;
  /** Since when, epoch ms of our clock. */
  readonly sinceMs: number;
  /** Messages handed over and not acknowledged yet. */
  readonly unacknowledged: number;
}

export interface MessageListener {
  onMessage(message: IncomingMessage): void;
  /** All that was handed over and is not acknowledged can no longer be: the broker sends it again, if it still has it. */
  onConnectionLost(): void;
}

export interface MessageSource {
  /** Hands over every message from now on. Comes back at once: connecting goes on for ever. */
  start(listener: MessageListener): void;
  /** What a batch has committed: lets exactly these acknowledgements go, on the connections that delivered them. */
  acknowledge(messages: readonly IncomingMessage[]): void;
  state(): SourceState;
  /** Hands over nothing more; what was handed over can still be acknowledged. */
  stop(): void;
  /** Ends the connection. What is not acknowledged by now is sent again at the next start. */
  close(): Promise<void>;
}
