import {
  MAX_BATCH_BYTES,
  MAX_BATCH_READINGS,
  gatewayTopic,
  type BatchReading,
  type StatusPayload,
} from '@ioc/contract';
import { BEHAVIOURS } from '../behaviours/index.js';
import type { Device, Gateway } from '../fleet/fleet.js';
import type { LedgerReading } from '../ledger/ledger.js';
import { spanAt } from '../world/interval.js';
import { Backlog } from './backlog.js';
import type { LastWill } from './broker-connection.js';
import type { SessionParts } from './device-session.js';
import type { Line, LineFactory, LineOwner } from './line.js';
import { nextSample, phaseMs, sampleNumber } from './station-clock.js';

/** A gateway collects a part of its stations every two seconds: each station every 10 s, and no burst. */
const COLLECT_EVERY_MS = 2_000;
/** A station that is known to be lost is mentioned this often. */
const MENTION_EVERY_MS = 60_000;
const MAX_IN_FLIGHT = 8;
/** Rounds that are kept while the broker is away: twelve hours. */
const BACKLOG_LIMIT = (12 * 3_600_000) / COLLECT_EVERY_MS;
/** Groups of rounds, of 500 to 1,000 readings each, that leave the backlog with one step. */
const DRAIN_AT_ONCE = 2;
const HISTORICAL_AFTER_MS = 120_000;
const LONGEST_CATCH_UP_MS = 5 * 60_000;
/** Stations behind a cut trunk keep a sample every five minutes; the gateway fetches them when they are back. */
const KEPT_SAMPLE_MS = 5 * 60_000;
const LONGEST_KEPT_MS = 24 * 3_600_000;
const FETCH_LIMIT = 100_000;
const FETCH_AT_ONCE = 200;

interface Kept {
  readonly station: Device;
  readonly atMs: number;
}

interface Batch {
  readonly json: string;
  readonly readings: readonly LedgerReading[];
  /** How many of them carry a clock that is ahead: those may be refused. */
  readonly doubtful: boolean;
}

/** An operator's OSS: one MQTT session that reports for all its stations, and keeps what it cannot send. */
export class GatewaySession implements LineOwner {
  readonly id: string;
  private readonly line: Line;
  private readonly rounds: readonly (readonly Device[])[];
  private readonly intervalMs: number;
  private readonly backlog = new Backlog<number>(BACKLOG_LIMIT);
  private readonly fetches = new Backlog<Kept>(FETCH_LIMIT);
  /** Stations that are unreachable and keep samples, with the moment they were lost. */
  private readonly cutOff = new Map<string, number>();
  private readonly beganAtMs: number;
  private nextMs: number;
  private session = 0;
  private open = false;

  constructor(
    private readonly gateway: Gateway,
    stations: readonly Device[],
    private readonly parts: SessionParts,
    lines: LineFactory,
  ) {
    this.id = gateway.id;
    this.intervalMs = stations[0]?.reportingIntervalMs ?? 10_000;
    const rounds: Device[][] = Array.from(
      { length: Math.max(1, Math.round(this.intervalMs / COLLECT_EVERY_MS)) },
      () => [],
    );
    for (const station of stations)
      rounds[Math.floor((phaseMs(station) / this.intervalMs) * rounds.length)]?.push(station);
    this.rounds = rounds;
    const now = parts.now();
    this.beganAtMs = now;
    this.nextMs = nextSample(0, COLLECT_EVERY_MS, now);
    this.line = lines(this);
    // What it has when a run begins: the last round of every station, or all since it was lost.
    const kept = Math.max(this.absence(now)?.sinceMs ?? now - this.intervalMs, now - BACKLOG_LIMIT * COLLECT_EVERY_MS);
    for (let at = nextSample(0, COLLECT_EVERY_MS, kept); at < this.nextMs; at += COLLECT_EVERY_MS)
      this.backlog.push(at);
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

  step(nowMs: number): void {
    if (nowMs - this.nextMs > LONGEST_CATCH_UP_MS) this.nextMs = nextSample(0, COLLECT_EVERY_MS, nowMs);
    while (this.nextMs <= nowMs) {
      this.report([this.nextMs], nowMs);
      this.nextMs += COLLECT_EVERY_MS;
    }
    const absence = this.absence(nowMs);
    if (absence !== null && this.open) {
      this.open = false;
      this.line.cut();
    } else if (absence === null && !this.open) {
      this.open = true;
      this.line.open();
    }
    this.drain(nowMs);
  }

  begin(): LastWill {
    this.session = this.parts.nextSession();
    return this.status('offline', 'connection-lost');
  }

  onUp(): void {
    const birth = this.status('online');
    this.line.publish(birth.topic, birth.payload, true, () => undefined);
  }

  close(): Promise<void> {
    return this.line.close();
  }

  private absence(atMs: number): { readonly sinceMs: number } | null {
    return spanAt(this.parts.world.conditions.gatewayAbsences(this.gateway, atMs, atMs), atMs);
  }

  /** What is new goes first; the backlog and what stations kept take the room that is left. */
  private drain(nowMs: number): void {
    for (let i = 0; i < DRAIN_AT_ONCE && this.free && this.backlog.size > 0; i++) {
      const rounds: number[] = [];
      for (let readings = 0; readings < MAX_BATCH_READINGS / 2; readings += this.roundSize(rounds.at(-1))) {
        const roundMs = this.backlog.take();
        if (roundMs === undefined) break;
        rounds.push(roundMs);
      }
      this.report(rounds, nowMs);
    }
    if (this.fetches.size === 0 || !this.free) return;
    const kept: Kept[] = [];
    while (kept.length < FETCH_AT_ONCE) {
      const next = this.fetches.take();
      if (next === undefined) break;
      kept.push(next);
    }
    const readings = kept.map(({ station, atMs }) => this.reading(station, atMs, true));
    this.send(readings, nowMs, () => kept.forEach((sample) => this.fetches.push(sample)));
  }

  private get free(): boolean {
    return this.line.connected && this.line.inFlight < MAX_IN_FLIGHT;
  }

  /** Sends rounds, or keeps them while that is not possible. */
  private report(rounds: readonly number[], nowMs: number): void {
    const keep = (): void => rounds.forEach((roundMs) => this.backlog.push(roundMs));
    if (!this.free) keep();
    else
      this.send(
        rounds.flatMap((roundMs) => this.collect(roundMs, nowMs)),
        nowMs,
        keep,
      );
  }

  private stationsOf(roundMs: number): readonly Device[] {
    return this.rounds[Math.floor(roundMs / COLLECT_EVERY_MS) % this.rounds.length] ?? [];
  }

  /** At least 1, so that empty rounds come to an end. */
  private roundSize(roundMs: number | undefined): number {
    return Math.max(1, roundMs === undefined ? 1 : this.stationsOf(roundMs).length);
  }

  /** The readings of one round, as they were at its time. */
  private collect(roundMs: number, nowMs: number): BatchReading[] {
    const late = nowMs - roundMs > HISTORICAL_AFTER_MS;
    const mention = roundMs % MENTION_EVERY_MS < this.intervalMs;
    const readings: BatchReading[] = [];
    for (const station of this.stationsOf(roundMs)) {
      const presence = BEHAVIOURS.bts.presence(station, this.parts.world, roundMs);
      if (presence.state === 'online') {
        if (!late) this.fetchKept(station, roundMs);
        readings.push(this.reading(station, roundMs, late));
        continue;
      }
      if (presence.state !== 'offline' || late) continue;
      if (presence.keepsSamples && !this.cutOff.has(station.id)) this.cutOff.set(station.id, presence.sinceMs);
      const news = roundMs - Math.max(presence.sinceMs, this.beganAtMs) <= 2 * this.intervalMs;
      if (presence.said && (news || mention)) {
        readings.push({ device: station.id, ts: roundMs, state: 'offline', reason: presence.reason });
      }
    }
    return readings;
  }

  /** A station that is back gives what it kept while its trunk was cut. */
  private fetchKept(station: Device, nowMs: number): void {
    const sinceMs = this.cutOff.get(station.id);
    if (sinceMs === undefined) return;
    this.cutOff.delete(station.id);
    const fromMs = Math.max(sinceMs, nowMs - LONGEST_KEPT_MS);
    for (
      let at = nextSample(phaseMs(station), KEPT_SAMPLE_MS, fromMs);
      at < nowMs - this.intervalMs;
      at += KEPT_SAMPLE_MS
    ) {
      this.fetches.push({ station, atMs: at });
    }
  }

  private reading(station: Device, sampledMs: number, historical: boolean): BatchReading {
    return {
      device: station.id,
      ts: sampledMs + this.parts.world.conditions.clockOffsetMs(station),
      seq: sampleNumber(sampledMs, this.intervalMs),
      ...(historical ? { historical: true } : {}),
      metrics: { ...BEHAVIOURS.bts.metrics(station, this.parts.world, sampledMs) },
    };
  }

  private send(readings: readonly BatchReading[], nowMs: number, again: () => void): void {
    const { ledger, tally } = this.parts;
    let lost = false;
    for (const batch of batches(readings, nowMs)) {
      const message = ledger.tried(batch.readings);
      tally.messages++;
      tally.readingsTried += batch.readings.length;
      this.line.publish(gatewayTopic(this.id, 'batch'), batch.json, false, (acknowledged) => {
        if (acknowledged) {
          tally.readingsAcknowledged += batch.readings.length;
          if (!batch.doubtful) ledger.acknowledged(message);
        } else if (!lost) {
          lost = true;
          again();
        }
      });
    }
  }

  private status(state: StatusPayload['state'], reason?: string): LastWill {
    const payload: StatusPayload = {
      ts: this.parts.now(),
      session: this.session,
      state,
      ...(reason === undefined ? {} : { reason }),
    };
    return { topic: gatewayTopic(this.id, 'status'), payload: JSON.stringify(payload) };
  }
}

/** Splits readings so that no batch passes the wire's limits; readings that may be refused travel apart. */
function* batches(readings: readonly BatchReading[], nowMs: number): Generator<Batch> {
  const head = `{"ts":${nowMs},"readings":[`;
  for (const doubtful of [false, true]) {
    let parts: string[] = [];
    let entries: LedgerReading[] = [];
    let bytes = head.length + 2;
    for (const reading of readings) {
      const atMs = reading.ts;
      if (atMs > nowMs !== doubtful) continue;
      const json = JSON.stringify(reading);
      const size = Buffer.byteLength(json) + 1;
      if (parts.length === MAX_BATCH_READINGS || bytes + size > MAX_BATCH_BYTES) {
        yield { json: `${head}${parts.join(',')}]}`, readings: entries, doubtful };
        parts = [];
        entries = [];
        bytes = head.length + 2;
      }
      parts.push(json);
      bytes += size;
      if (reading.metrics !== undefined) entries.push({ deviceId: reading.device, deviceClass: 'bts', atMs });
    }
    if (parts.length > 0) yield { json: `${head}${parts.join(',')}]}`, readings: entries, doubtful };
  }
}
