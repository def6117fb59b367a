import type { Connectivity, OutageBasis, SessionState, Severity } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { Reading } from '../readings/reading.js';

/**
 * What the intake has understood of one message, in order of arrival; connectivity is judged from these and from the
 * passing of time, and from nothing else.
 */
export type Observation =
  /** A reading, with or without metrics of its own; `said` when the device's gateway stated its state in the batch. */
  | {
      readonly kind: 'reading';
      readonly reading: Reading;
      readonly said: { readonly state: SessionState; readonly reason: string | null } | null;
    }
  /** A gateway said a device's state without any metrics. */
  | {
      readonly kind: 'said';
      readonly device: RegisteredDevice;
      readonly atMs: number;
      readonly receivedAtMs: number;
      readonly live: boolean;
      readonly state: SessionState;
      readonly reason: string | null;
    }
  /** A device's own birth, farewell or last will. `retained`: the broker's memory at subscribe time. */
  | {
      readonly kind: 'session';
      readonly device: RegisteredDevice;
      readonly session: number;
      readonly state: SessionState;
      readonly atMs: number;
      readonly receivedAtMs: number;
      readonly reason: string | null;
      readonly retained: boolean;
    }
  | {
      readonly kind: 'gatewaySession';
      readonly gatewayId: string;
      readonly session: number;
      readonly state: SessionState;
      readonly atMs: number;
      readonly receivedAtMs: number;
      readonly reason: string | null;
      readonly retained: boolean;
    }
  /** A gateway's batch arrived: the gateway is alive, whatever its readings say. Comes before the batch's readings. */
  | { readonly kind: 'gatewayBatch'; readonly gatewayId: string; readonly receivedAtMs: number }
  /** What a device reports of itself; says nothing of its connectivity. */
  | ({ readonly kind: 'event' } & DeviceEvent);

/** A device's own word that something began, or is over. */
export interface DeviceEvent {
  readonly device: RegisteredDevice;
  readonly atMs: number;
  readonly type: string;
  readonly state: 'raised' | 'cleared';
  /** Null: it named none. */
  readonly severity: Severity | null;
  readonly text: string | null;
}

export interface ConnectivityChange {
  readonly device: RegisteredDevice;
  readonly from: Connectivity;
  readonly to: Connectivity;
  readonly lastKnown: Exclude<Connectivity, 'blind'>;
  readonly sinceMs: number;
  readonly reason: string | null;
}

export interface OutageOpened {
  readonly device: RegisteredDevice;
  readonly beganAtMs: number;
  readonly detectedAtMs: number;
  readonly basis: OutageBasis;
  readonly reason: string | null;
  /** Set when the same judgement also ended it; else null. */
  readonly endedAtMs: number | null;
}

export interface OutageClosed {
  readonly device: RegisteredDevice;
  readonly beganAtMs: number;
  /** Equal to `beganAtMs` when the reading that ended it proves that there was no outage. */
  readonly endedAtMs: number;
}
