import type { Connectivity, OutageBasis, SessionState } from '@ioc/contract';

/** What a device was when we last could see it; it stays in every count while the device is blind. */
export type KnownConnectivity = Exclude<Connectivity, 'blind'>;

/** An outage that has not ended. Times are epoch ms. */
export interface OpenOutage {
  readonly beganAtMs: number;
  readonly detectedAtMs: number;
  readonly basis: OutageBasis;
  readonly reason: string | null;
}

/** All that is known of one device beyond its readings. Immutable: a change makes a new one. Times are epoch ms. */
export interface DeviceState {
  readonly connectivity: Connectivity;
  /** Equal to `connectivity` unless that is `blind`. */
  readonly lastKnown: KnownConnectivity;
  /** When the present connectivity began. */
  readonly sinceMs: number;
  readonly reason: string | null;
  /** Highest session number seen; what an older one says is ignored. */
  readonly session: number | null;
  /** What its own session said last, or what a newer reading implied. */
  readonly sessionState: SessionState | null;
  /** When the session said so, by its own word; tells a last will (time of the connect) from a farewell. */
  readonly sessionAtMs: number | null;
  /** What its gateway said last, or what a newer reading implied. */
  readonly gatewaySaid: SessionState | null;
  /** Links: what their router said of the line last; false keeps the link down while the router talks over a backup path. */
  readonly lineUp: boolean | null;
  readonly clockOffsetMs: number | null;
  /** Arrival of the last live sign of life; null: none since the console started. Silence counts from here. */
  readonly heardAtMs: number | null;
  /** Sample time of the newest live evidence that it served; null: never heard. */
  readonly servedAtMs: number | null;
  /** Moment of the newest statement applied; anything older is late and changes nothing live. */
  readonly judgedAtMs: number | null;
  /** Bases: whether it runs on its battery. Others, or unknown: null. */
  readonly onBattery: boolean | null;
  /** Endpoints: whether the newest reading was inside a meeting. Others, or unknown: null. */
  readonly inCall: boolean | null;
  /** Not null exactly while `lastKnown` is `down`. */
  readonly outage: OpenOutage | null;
  /** When its latest outage ended; a new one never begins before. */
  readonly lastOutageEndedAtMs: number | null;
}

/** A device that was never heard. */
export function unheardDevice(sinceMs: number): DeviceState {
  return {
    connectivity: 'stale',
    lastKnown: 'stale',
    sinceMs,
    reason: 'never-heard',
    session: null,
    sessionState: null,
    sessionAtMs: null,
    gatewaySaid: null,
    lineUp: null,
    clockOffsetMs: null,
    heardAtMs: null,
    servedAtMs: null,
    judgedAtMs: null,
    onBattery: null,
    inCall: null,
    outage: null,
    lastOutageEndedAtMs: null,
  };
}

/** Shortest silence that says something, whatever the reporting interval; ms. */
export const MIN_SILENCE_MS = 180_000;
/** How many reporting intervals may be missed. */
export const MISSED_INTERVALS = 3;

/** How long a device may be silent before its silence is judged; ms. */
export function silenceLimitMs(reportingIntervalMs: number): number {
  return Math.max(MISSED_INTERVALS * reportingIntervalMs, MIN_SILENCE_MS);
}
