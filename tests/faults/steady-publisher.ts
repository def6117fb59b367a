import { openLedger, type Ledger } from '@ioc/simulators';
import { DeviceLine } from './device-line.js';

export interface SteadyPublisherOptions {
  readonly url: string;
  /** Stations as `commune/class/id`. */
  readonly devices: readonly string[];
  readonly perS: number;
  readonly connections: number;
  readonly ledgerFile: string;
}

/** One message that was tried: of which device, sampled when, acknowledged when (epoch ms; null: never). */
export interface TriedMessage {
  readonly device: string;
  readonly atMs: number;
  acknowledgedAtMs: number | null;
}

const TICK_MS = 10;

/**
 * Stations that measure at a steady rate whatever happens to the way to us, keep what is not acknowledged, and send it again.
 * What was tried and acknowledged stands in a ledger file. Nothing waits for anything: the rate is held for the whole time.
 */
export class SteadyPublisher {
  readonly messages: TriedMessage[] = [];
  readonly #options: SteadyPublisherOptions;
  readonly #ledger: Ledger;
  readonly #lines: readonly DeviceLine[];
  #acknowledged = 0;
  #timer: NodeJS.Timeout | null = null;
  /** The most messages that waited for their acknowledgement at a time. */
  mostWaiting = 0;

  constructor(options: SteadyPublisherOptions) {
    this.#options = options;
    this.#ledger = openLedger(options.ledgerFile, Date.now());
    this.#lines = Array.from(
      { length: options.connections },
      (_, index) =>
        new DeviceLine(options.url, `faults-${index}`, (number) => {
          this.#ledger.acknowledged(number + 1);
          const message = this.messages[number];
          if (message !== undefined) message.acknowledgedAtMs = Date.now();
          this.#acknowledged += 1;
        }),
    );
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get waiting(): number {
    return this.messages.length - this.#acknowledged;
  }

  start(): void {
    const startedAt = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * this.#options.perS);
      while (this.messages.length < due) this.#publishNext();
      this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
    }, TICK_MS);
  }

  /** Measures nothing more; what waits is still sent. */
  pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  close(): void {
    this.pause();
    for (const line of this.#lines) line.close();
    this.#ledger.close();
  }

  #publishNext(): void {
    const { devices } = this.#options;
    const number = this.messages.length;
    const path = devices[number % devices.length] ?? '';
    const [, deviceClass = '', device = ''] = path.split('/');
    const earlier = this.messages[number - devices.length];
    // A device's readings never bear the same time.
    const atMs = Math.max(Date.now(), (earlier?.atMs ?? 0) + 1);
    this.messages.push({ device, atMs, acknowledgedAtMs: null });
    this.#ledger.tried([{ deviceId: device, deviceClass, atMs }]);
    const payload = `{"ts":${atMs},"metrics":{"mainsOn":true,"dcVoltageV":${53 + (number % 100) / 100},"connectedUsers":${number % 300}}}`;
    this.#lines[number % this.#lines.length]?.publish(number, `ioc/v1/51/${path}/telemetry`, payload);
  }
}
