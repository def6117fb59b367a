import mqtt, { type MqttClient } from 'mqtt';

export interface LastWill {
  readonly topic: string;
  readonly payload: string;
}

export interface BrokerAddress {
  readonly url: string;
  /** Prefix of client ids: two runs against one broker need two. */
  readonly clientPrefix: string;
}

/** Waits before connecting again, ms: at least, and at most beyond that. */
const RECONNECT_AT_LEAST_MS = 500;
const RECONNECT_SPREAD_MS = 3_500;
const KEEPALIVE_S = 30;
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * One MQTT session that keeps itself connected. Every connection is a new client with a clean session: what was not
 * acknowledged is reported as such, and the owner sends it again; nothing queues in here.
 */
export class BrokerConnection {
  private client: MqttClient | null = null;
  private retry: NodeJS.Timeout | null = null;
  private wanted = false;
  private readonly pending = new Set<(acknowledged: boolean) => void>();

  /**
   * @param birth is called at every attempt, for the will of that session
   * @param onUp is called whenever a session has begun
   */
  constructor(
    private readonly address: BrokerAddress,
    private readonly clientId: string,
    private readonly birth: () => LastWill | null,
    private readonly onUp: () => void,
    private readonly spread: () => number,
  ) {}

  get connected(): boolean {
    return this.client?.connected === true;
  }

  get inFlight(): number {
    return this.pending.size;
  }

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.connect();
  }

  /** Publishes at QoS 1; `done(false)` when the connection was lost first: the message may or may not have arrived. */
  publish(topic: string, payload: string | Buffer, retain: boolean, done: (acknowledged: boolean) => void): void {
    const { client } = this;
    if (client?.connected !== true) {
      done(false);
      return;
    }
    const settle = (acknowledged: boolean): void => {
      if (this.pending.delete(settle)) done(acknowledged);
    };
    this.pending.add(settle);
    client.publish(topic, payload, { qos: 1, retain }, (error) => {
      settle(!(error instanceof Error));
    });
  }

  /** Ends as a cut cable does: without a farewell, so that the last will speaks. */
  cut(): void {
    this.forget((client) => client.stream.destroy());
  }

  /** Ends with DISCONNECT: the last will is dropped and says nothing. */
  async close(): Promise<void> {
    const { client } = this;
    this.client = null;
    this.stopTrying();
    this.settleAll();
    if (client === null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        client.end(true);
        resolve();
      }, 2_000);
      client.end(!client.connected, {}, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private connect(): void {
    const will = this.birth();
    const client = mqtt.connect(this.address.url, {
      clientId: `${this.address.clientPrefix}${this.clientId}`,
      clean: true,
      // Every broker speaks 3.1.1; what a device needs of 5.0 is nothing.
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_S,
      queueQoSZero: false,
      ...(will === null
        ? {}
        : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    });
    this.client = client;
    client.on('connect', () => {
      if (this.client === client) this.onUp();
    });
    // Every failure also closes; the reason changes nothing for a device.
    client.on('error', () => undefined);
    client.on('close', () => {
      if (this.client !== client) return;
      this.client = null;
      client.end(true);
      this.settleAll();
      if (this.wanted)
        this.retry = setTimeout(() => this.connect(), RECONNECT_AT_LEAST_MS + this.spread() * RECONNECT_SPREAD_MS);
    });
  }

  private forget(end: (client: MqttClient) => void): void {
    const { client } = this;
    this.client = null;
    this.stopTrying();
    this.settleAll();
    if (client === null) return;
    end(client);
    client.end(true);
  }

  private stopTrying(): void {
    this.wanted = false;
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
  }

  private settleAll(): void {
    for (const settle of [...this.pending]) settle(false);
  }
}
