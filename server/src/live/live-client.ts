import type { LiveRoom } from '@ioc/contract';

/** What must be known of a connection to see whether it drains; real parts are Socket.IO's. */
export interface Outlet {
  /** Everything sent so far has left this process. */
  readonly drained: () => boolean;
}

/** Most bytes that may wait for one client; a snapshot of 4,000 devices is half of it. */
export const MAX_WAITING_BYTES = 1024 * 1024;

/** One connected browser: its rooms, and how much waits for it. */
export class LiveClient {
  readonly rooms = new Set<LiveRoom>();
  /** Rooms that were left because the client does not drain; it is told to subscribe again once it does. */
  readonly lagging = new Set<LiveRoom>();
  #waitingBytes = 0;

  constructor(private readonly outlet: Outlet) {}

  /** Counts what is being sent. False: what waits is too much already, and this must not be added to it. */
  mayTake(bytes: number): boolean {
    if (this.outlet.drained()) this.#waitingBytes = 0;
    // What is larger than the bound by itself may go alone; else a large snapshot could never be sent.
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > MAX_WAITING_BYTES) return false;
    this.#waitingBytes += bytes;
    return true;
  }

  drained(): boolean {
    return this.outlet.drained();
  }
}
