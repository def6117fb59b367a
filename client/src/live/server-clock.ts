import { shallowRef } from 'vue';

/** A clock set by the server: this machine's may be wrong, and a rehearsal's runs faster than the real one. */
export class ServerClock {
  /** Server minus this machine, ms; 0 until the first message. */
  private offsetMs = 0;

  /** Takes the server's moment as it arrives; a message is at most a round trip old, which is good enough for a wall. */
  set(serverMs: number): void {
    this.offsetMs = serverMs - Date.now();
  }

  now(): number {
    return Date.now() + this.offsetMs;
  }
}

export const serverClock = new ServerClock();

/** The server's moment, ticking once a second; what every "since" on a screen is measured against. Epoch ms. */
export const nowMs = shallowRef(serverClock.now());

/** Starts the tick; returns what stops it. */
export function startClock(): () => void {
  const timer = setInterval(() => {
    nowMs.value = serverClock.now();
  }, 1_000);
  return () => {
    clearInterval(timer);
  };
}
