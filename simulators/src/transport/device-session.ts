import { deviceTopic, type StatusPayload, type TelemetryPayload } from '@ioc/contract';
import { BEHAVIOURS } from '../behaviours/index.js';
import type { Device } from '../fleet/fleet.js';
import type { Ledger } from '../ledger/ledger.js';
import type { World } from '../world/world.js';
import { Backlog } from './backlog.js';
import type { LastWill } from './broker-connection.js';
import type { Line, LineFactory, LineOwner } from './line.js';
import { nextSample, phaseMs, sampleNumber } from './station-clock.js';
import type { Tally } from './tally.js';

export interface SessionParts {
  readonly world: World;
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** Simulated now. */
  readonly now: () => number;
  /** A number greater than any given before, in this run and in earlier ones: real epoch ms. */
  readonly nextSession: () => number;
}

/** The state of a device is looked at this often, or at every sample if that is sooner. */
const LOOK_EVERY_MS = 5_000;
/** Messages that may wait for their acknowledgement. */
const MAX_IN_FLIGHT = 4;
/** A day of sensor samples, over five hours of a link's. */
const BACKLOG_LIMIT = 4_000;
/** Samples of the backlog that leave with one step. */
const DRAIN_AT_ONCE = 4;
/** What leaves later than this after its time is marked historical. */
const HISTORICAL_AFTER_MS = 120_000;
/** A process that slept does not make up for it. */
const LONGEST_CATCH_UP_MS = 5 * 60_000;

/** A link, endpoint or sensor: one MQTT session with its own last will, birth, telemetry and memory. */
export class DeviceSession implements LineOwner {
  readonly id: string;
  private readonly line: Line;
  private readonly backlog = new Backlog<number>(BACKLOG_LIMIT);
  private readonly phase: number;
  private readonly stepMs: number;
  private nextMs: number;
  private session = 0;
  private open = false;
  /** Whether anybody has been told of it in this run, as there or as lost. */
  private announced = false;
  private lostBy = '';

  constructor(
    private readonly device: Device,
    private readonly parts: SessionParts,
    lines: LineFactory,
  ) {
    this.id = device.id;
    this.phase = phaseMs(device);
    this.stepMs = Math.min(LOOK_EVERY_MS, device.reportingIntervalMs);
    const now = parts.now();
    this.nextMs = now;
    this.line = lines(this);
    this.rememberFrom(now);
  }

  get waiting(): number {
    return this.backlog.size;
  }

  get connected(): boolean {
    return this.line.connected;
  }

  get inFlight(): number {
    return this.line.inFlight;
  }

  /** Does all that was due by now. */
  step(nowMs: number): void {
    if (nowMs - this.nextMs > LONGEST_CATCH_UP_MS) this.nextMs = nowMs;
    while (this.nextMs <= nowMs) {
      this.look(this.nextMs);
      this.nextMs = nextSample(this.phase, this.stepMs, this.nextMs + 1);
    }
    this.drain(nowMs);
  }

  begin(): LastWill {
    this.session = this.parts.nextSession();
    return this.status('offline', 'connection-lost');
  }

  onUp(): void {
    if (!this.open) {
      this.sayFarewell(this.lostBy);
      return;
    }
    const birth = this.status('online');
    this.line.publish(birth.topic, birth.payload, true, () => undefined);
  }

  close(): Promise<void> {
    return this.line.close();
  }

  private look(atMs: number): void {
    const presence = BEHAVIOURS[this.device.deviceClass].presence(this.device, this.parts.world, atMs);
    const sampled = (atMs - this.phase) % this.device.reportingIntervalMs === 0;
    switch (presence.state) {
      case 'online':
        if (!this.open) {
          this.open = true;
          this.announced = true;
          this.line.open();
        }
        if (sampled) this.report(atMs);
        return;
      case 'mute':
        if (sampled && presence.keepsSamples) this.backlog.push(atMs);
        return;
      case 'offline':
        if (sampled && presence.keepsSamples) this.backlog.push(atMs);
        if (!this.open) {
          this.announceLost(presence.sinceMs, presence.reason);
          return;
        }
        this.open = false;
        if (presence.said && this.line.connected) this.sayFarewell(presence.reason);
        else this.line.cut();
        return;
    }
  }

  private get free(): boolean {
    return this.line.connected && this.line.inFlight < MAX_IN_FLIGHT;
  }

  /** Sends a sample, or keeps it while that is not possible. */
  private report(sampledMs: number): void {
    if (this.free) this.send(sampledMs, this.parts.now());
    else this.backlog.push(sampledMs);
  }

  private drain(nowMs: number): void {
    if (!this.open || this.backlog.size === 0) return;
    const { device } = this;
    if (BEHAVIOURS[device.deviceClass].presence(device, this.parts.world, nowMs).state !== 'online') return;
    for (let i = 0; i < DRAIN_AT_ONCE && this.free; i++) {
      const atMs = this.backlog.take();
      if (atMs === undefined) return;
      this.send(atMs, nowMs);
    }
  }

  private send(sampledMs: number, nowMs: number): void {
    const { device } = this;
    const { world, ledger, tally } = this.parts;
    const offsetMs = world.conditions.clockOffsetMs(device);
    const atMs = sampledMs + offsetMs;
    const late = nowMs - sampledMs > HISTORICAL_AFTER_MS;
    const payload: TelemetryPayload = {
      ts: atMs,
      seq: sampleNumber(sampledMs, device.reportingIntervalMs),
      ...(late ? { historical: true } : {}),
      metrics: BEHAVIOURS[device.deviceClass].metrics(device, world, sampledMs),
    };
    const message = ledger.tried([{ deviceId: device.id, deviceClass: device.deviceClass, atMs }]);
    tally.messages++;
    tally.readingsTried++;
    const topic = deviceTopic(device.commune, device.deviceClass, device.id, 'telemetry');
    this.line.publish(topic, JSON.stringify(payload), false, (acknowledged) => {
      if (!acknowledged) {
        this.backlog.push(sampledMs);
        return;
      }
      tally.readingsAcknowledged++;
      // While its clock is ahead and not yet known to be steadily off, a reading is acknowledged and refused.
      if (offsetMs <= 0) ledger.acknowledged(message);
    });
  }

  /** A device that was lost before the run began left its last will with the broker: said here once, in its place. */
  private announceLost(sinceMs: number, reason: string): void {
    // Never heard means never: nobody left anything.
    if (this.announced || sinceMs <= 0) return;
    this.announced = true;
    this.lostBy = reason;
    this.line.open();
  }

  private sayFarewell(reason: string): void {
    const farewell = this.status('offline', reason);
    this.line.publish(farewell.topic, farewell.payload, true, () => void this.line.close());
  }

  private status(state: StatusPayload['state'], reason?: string): LastWill {
    const { device } = this;
    const payload: StatusPayload = {
      ts: this.parts.now(),
      session: this.session,
      state,
      ...(reason === undefined ? {} : { reason }),
    };
    return {
      topic: deviceTopic(device.commune, device.deviceClass, device.id, 'status'),
      payload: JSON.stringify(payload),
    };
  }

  /** What the device has in its memory when a run begins: its last sample, or all since it was lost. */
  private rememberFrom(nowMs: number): void {
    const presence = BEHAVIOURS[this.device.deviceClass].presence(this.device, this.parts.world, nowMs);
    const { reportingIntervalMs } = this.device;
    if (presence.state === 'online') {
      // Its last sample at once: nobody waits a minute for a sensor that has just begun to report.
      this.backlog.push(nextSample(this.phase, reportingIntervalMs, nowMs) - reportingIntervalMs);
      return;
    }
    if (!presence.keepsSamples) return;
    const fromMs = Math.max(presence.sinceMs, nowMs - BACKLOG_LIMIT * reportingIntervalMs);
    for (let at = nextSample(this.phase, reportingIntervalMs, fromMs); at < nowMs; at += reportingIntervalMs)
      this.backlog.push(at);
  }
}
