import { BrokerConnection, type BrokerAddress, type LastWill } from './broker-connection.js';

/** How a device or gateway reaches the broker; each opening begins a new session. */
export interface Line {
  readonly connected: boolean;
  readonly inFlight: number;
  /** Begins a session; `onUp` follows, at every reconnect too. */
  open(): void;
  publish(topic: string, payload: string, retain: boolean, done: (acknowledged: boolean) => void): void;
  /** Lost without a word: the last will speaks. */
  cut(): void;
  /** Ends without a will. */
  close(): Promise<void>;
}

export interface LineOwner {
  readonly id: string;
  /** A new session begins: its last will. */
  begin(): LastWill;
  onUp(): void;
}

export type LineFactory = (owner: LineOwner) => Line;

/** A session of its own with its own last will. */
export function ownLine(address: BrokerAddress, spread: () => number): LineFactory {
  return (owner) =>
    new BrokerConnection(
      address,
      owner.id,
      () => owner.begin(),
      () => owner.onUp(),
      spread,
    );
}

/**
 * Many devices over one connection, for load only: a device's last will is published by hand, the broker's own will is none.
 */
export function sharedLines(address: BrokerAddress, name: string, spread: () => number): LineFactory {
  const members = new Set<SharedLine>();
  const connection = new BrokerConnection(
    address,
    name,
    () => null,
    () => {
      for (const member of members) member.up();
    },
    spread,
  );
  return (owner) => new SharedLine(owner, connection, members);
}

class SharedLine implements Line {
  private will: LastWill | null = null;

  constructor(
    private readonly owner: LineOwner,
    private readonly connection: BrokerConnection,
    private readonly members: Set<SharedLine>,
  ) {}

  get connected(): boolean {
    return this.members.has(this) && this.connection.connected;
  }

  get inFlight(): number {
    return 0;
  }

  open(): void {
    this.members.add(this);
    if (this.connection.connected) this.up();
    else this.connection.open();
  }

  up(): void {
    this.will = this.owner.begin();
    this.owner.onUp();
  }

  publish(topic: string, payload: string, retain: boolean, done: (acknowledged: boolean) => void): void {
    this.connection.publish(topic, payload, retain, done);
  }

  cut(): void {
    if (this.connected && this.will !== null)
      this.connection.publish(this.will.topic, this.will.payload, true, () => undefined);
    this.members.delete(this);
  }

  async close(): Promise<void> {
    this.members.delete(this);
    if (this.members.size === 0) await this.connection.close();
  }
}
