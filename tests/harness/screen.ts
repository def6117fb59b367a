import {
  overviewDelta,
  overviewSnapshot,
  ungroupDevices,
  type DeviceLive,
  type OverviewSnapshot,
  type SubscribeAnswer,
} from '@ioc/contract';
import type { LiveSocket } from './console.js';

/** A wall as a browser keeps it: a snapshot, part by part, and deltas applied in the order in which they come. */
export class Screen {
  readonly devices = new Map<string, DeviceLive>();
  readonly communes = new Map<string, OverviewSnapshot['communes'][number]>();
  /** Size of every delta, as text. */
  readonly deltaBytes: number[] = [];
  /** Size of every part of the last snapshot, as text. */
  readonly partBytes: number[] = [];
  /** Messages that did not follow the one before. */
  gaps = 0;
  #seq: number | null = null;

  constructor(readonly socket: LiveSocket) {
    socket.on('delta', ({ room, seq, delta }) => {
      if (room === 'overview') this.#takeDelta(seq, delta);
    });
  }

  /** Asks for the overview and resolves when all of its parts are there; rejects when one is refused. */
  async open(): Promise<void> {
    this.#seq = null;
    this.partBytes.length = 0;
    for (let from: string | null = await this.#ask(null); from !== null;) from = await this.#ask(from);
  }

  /** Answers where the next part begins. A part is taken in the very turn in which it comes: a delta may be right behind it. */
  #ask(from: string | null): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const take = (answer: SubscribeAnswer<unknown>): void => {
        if (!answer.ok) {
          reject(new Error(answer.code));
          return;
        }
        this.#takePart(from === null, answer.seq, answer.snapshot);
        resolve(answer.next);
      };
      if (from === null) this.socket.emit('subscribe', { room: 'overview' }, take);
      else this.socket.emit('more', { room: 'overview', from }, take);
    });
  }

  #takePart(first: boolean, seq: number, raw: unknown): void {
    const { devices, communes } = overviewSnapshot.parse(raw);
    if (first) {
      this.devices.clear();
      this.communes.clear();
    } else if (seq !== this.#seq) {
      this.gaps += 1;
    }
    this.#seq = seq;
    this.partBytes.push(JSON.stringify(raw).length);
    for (const [id, live] of ungroupDevices(devices)) this.devices.set(id, live);
    for (const commune of communes) this.communes.set(commune.code, commune);
  }

  #takeDelta(seq: number, raw: unknown): void {
    if (this.#seq === null) return;
    if (seq !== this.#seq + 1) this.gaps += 1;
    this.#seq = seq;
    this.deltaBytes.push(JSON.stringify(raw).length);
    const { devices = {}, communes = [] } = overviewDelta.parse(raw);
    for (const [id, live] of Object.entries(devices)) this.devices.set(id, live);
    for (const commune of communes) this.communes.set(commune.code, commune);
  }
}
