import type { Fleet } from '../fleet/fleet.js';
import type { Ledger } from '../ledger/ledger.js';
import { badMessages } from '../scenarios/bad-messages.js';
import { BrokerConnection, type BrokerAddress } from './broker-connection.js';
import type { Tally } from './tally.js';

/** One bad message in this time: every kind within about a minute. */
const SEND_EVERY_MS = 2_000;

/** A client that sends every kind of bad message, over and over, and notes in the ledger what must not be stored. */
export class RogueSession {
  private readonly connection: BrokerConnection;
  private nextMs = 0;
  private turn = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly ledger: Ledger,
    private readonly tally: Tally,
    address: BrokerAddress,
    spread: () => number,
  ) {
    this.connection = new BrokerConnection(
      address,
      'rogue',
      () => null,
      () => undefined,
      spread,
    );
  }

  step(nowMs: number): void {
    this.connection.open();
    if (nowMs < this.nextMs || !this.connection.connected || this.connection.inFlight > 2) return;
    this.nextMs = nowMs + SEND_EVERY_MS;
    const messages = badMessages(this.fleet, nowMs);
    const message = messages[this.turn++ % Math.max(1, messages.length)];
    if (message === undefined) return;
    for (const reading of message.refused) this.ledger.refused(reading);
    if (message.tolerated.length > 0) this.ledger.tried(message.tolerated);
    this.tally.refusedSent++;
    this.connection.publish(message.topic, message.payload, false, () => undefined);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
