/**
 * How long a broker left one client without an answer. A client asks (PINGREQ) after one keep-alive, and both it and the
 * broker give up after 1.5: a connection that ends in, or right after, a stall of half a keep-alive says nothing about the
 * device. All times are monotonic, in ms.
 */
export class Stall {
  #withheld = 0;
  #unread = false;
  #sinceMs = 0;
  #endedMs = -Infinity;
  #lastedMs = 0;

  /** Whether it is going on. */
  get isOn(): boolean {
    return this.#withheld > 0 || this.#unread;
  }

  /** One more of the client's messages waits for its acknowledgement. */
  withhold(nowMs: number): void {
    this.#begin(nowMs);
    this.#withheld += 1;
  }

  release(nowMs: number): void {
    this.#withheld -= 1;
    this.#end(nowMs);
  }

  /** The client has something to say that is not read. */
  leaveUnread(nowMs: number): void {
    this.#begin(nowMs);
    this.#unread = true;
  }

  read(nowMs: number): void {
    if (!this.#unread) return;
    this.#unread = false;
    this.#end(nowMs);
  }

  /** Whether the end of the connection now may be our own doing; never without a keep-alive (0). */
  explainsEnd(nowMs: number, keepAliveMs: number): boolean {
    if (keepAliveMs <= 0) return false;
    if (this.isOn) return nowMs - this.#sinceMs >= keepAliveMs / 2;
    return this.#lastedMs >= keepAliveMs / 2 && nowMs - this.#endedMs < keepAliveMs;
  }

  #begin(nowMs: number): void {
    if (!this.isOn) this.#sinceMs = nowMs;
  }

  #end(nowMs: number): void {
    if (this.isOn) return;
    this.#endedMs = nowMs;
    this.#lastedMs = nowMs - this.#sinceMs;
  }
}
