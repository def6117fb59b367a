import { MAX_ROOMS_PER_CLIENT, type LiveRoom } from '@ioc/contract';

/** What must be known of a connection to see whether it drains; real parts are Socket.IO's. */
export interface Outlet {
  /** Everything sent so far has left this process. */
  readonly drained: () => boolean;
}

/** Most bytes that may wait for one client; a part of a snapshot is a quarter of it. */
export const MAX_WAITING_BYTES = 1024 * 1024;
/** Most questions of one client that may wait for their turn: every room of it, twice. */
export const MAX_WAITING_QUESTIONS = 2 * MAX_ROOMS_PER_CLIENT;

/** One connected browser: its rooms, and how much waits for it. */
export class LiveClient {
  readonly rooms = new Set<LiveRoom>();
  /** Rooms that were left because the client does not drain; it is told to subscribe again once it does. */
  readonly lagging = new Set<LiveRoom>();
  #waitingBytes = 0;
  #waitingQuestions = 0;

  constructor(private readonly outlet: Outlet) {}

  /** Counts what is being sent. False: what waits is too much already, and this must not be added to it. */
  mayTake(bytes: number): boolean {
    if (this.outlet.drained()) this.#waitingBytes = 0;
    // What is larger than the bound by itself may go alone; else a large snapshot could never be sent.
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > MAX_WAITING_BYTES) return false;
    this.#waitingBytes += bytes;
    return true;
  }

  /** Counts a question that waits. False: so many wait already that this must not be added to them. */
  mayAsk(): boolean {
    if (this.#waitingQuestions >= MAX_WAITING_QUESTIONS) return false;
    this.#waitingQuestions += 1;
    return true;
  }

  /** A question had its turn. */
  asked(): void {
    this.#waitingQuestions -= 1;
  }

  drained(): boolean {
    return this.outlet.drained();
  }
}
