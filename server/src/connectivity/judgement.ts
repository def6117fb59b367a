import type { Impact } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { Reading } from '../readings/reading.js';
import type { DeviceState } from './device-state.js';
import type { GatewayState } from './gateway-state.js';
import type { ConnectivityChange, DeviceEvent, OutageClosed, OutageOpened } from './observation.js';
import type { Visibility } from './visibility.js';

export interface GatewayChange {
  readonly gatewayId: string;
  readonly from: GatewayState['connectivity'];
  readonly to: GatewayState['connectivity'];
  readonly sinceMs: number;
  readonly reason: string | null;
}

/** What a commune suffers, with the moment it began; epoch ms. */
export interface CommuneImpact {
  readonly impact: Impact;
  readonly sinceMs: number;
  /** When it becomes isolated if nothing comes back; null when that does not threaten. */
  readonly isolatedFromMs: number | null;
}

/** A late reading of a device that had an outage. */
export interface LateEvidence {
  readonly device: RegisteredDevice;
  readonly atMs: number;
  /** It shows that people were served then; otherwise it only shows that the device lived. */
  readonly provesService: boolean;
}

/** A time in which we could not see, to be kept as a `blind_span`. `gatewayId` null: nothing at all. */
export interface BlindSpanEdge {
  readonly gatewayId: string | null;
  readonly edge: 'began' | 'ended';
  readonly beganAtMs: number;
  readonly endedAtMs: number | null;
  readonly reason: string;
}

/**
 * What a batch of observations, or the passing of time, makes of the state: computed on a copy, written in the batch's
 * transaction, made current by `accept` after the commit. Judgements follow one another: judge, write, commit, accept.
 */
export interface Judgement {
  readonly nowMs: number;
  /** Which state it was computed from; `accept` refuses a judgement of an older one. */
  readonly revision: number;
  /** Nothing to write: it may be accepted without a transaction. */
  readonly empty: boolean;
  readonly changes: readonly ConnectivityChange[];
  readonly gatewayChanges: readonly GatewayChange[];
  readonly outagesOpened: readonly OutageOpened[];
  /** Outages that were open before this judgement. */
  readonly outagesClosed: readonly OutageClosed[];
  /** The batch's live readings, in order of arrival; alarms are judged from these. */
  readonly liveReadings: readonly Reading[];
  /** What devices reported of themselves, in order of arrival. */
  readonly events: readonly DeviceEvent[];
  /** Devices whose live state (connectivity, battery) differs afterwards. */
  readonly liveChanged: ReadonlySet<string>;
  /** Communes whose counts or impact differ afterwards. */
  readonly communes: ReadonlyMap<string, CommuneImpact>;
  readonly lateEvidence: readonly LateEvidence[];
  readonly blindSpans: readonly BlindSpanEdge[];
  /** Every device touched, with its state afterwards. */
  readonly devices: ReadonlyMap<string, DeviceState>;
  /** Of those, the ones whose row must be written. */
  readonly rows: ReadonlySet<string>;
  readonly gateways: ReadonlyMap<string, GatewayState>;
  readonly gatewayRows: ReadonlySet<string>;
  /** When the intake's heartbeat is due: its moment; else null. */
  readonly heartbeatAtMs: number | null;
  readonly visibility: Visibility;
  /** Devices whose silence was looked at, and when to look again. */
  readonly deadlines: { readonly taken: readonly string[]; readonly set: ReadonlyMap<string, number> };
}
