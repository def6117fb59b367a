import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import type { Reading } from '../readings/reading.js';
import { unheardDevice, type DeviceState } from './device-state.js';
import { unheardGateway, type GatewayState } from './gateway-state.js';
import { communeImpact, tallyCommune } from './impact.js';
import type { BlindSpanEdge, CommuneImpact, GatewayChange, Judgement, LateEvidence } from './judgement.js';
import type { ConnectivityChange, DeviceEvent, OutageClosed, OutageOpened } from './observation.js';
import type { Visibility } from './visibility.js';

/** The current state as a judgement reads it; nothing here is changed before `accept`. */
export interface ConnectivityView {
  readonly revision: number;
  readonly register: Register;
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly gateways: ReadonlyMap<string, GatewayState>;
  readonly communes: ReadonlyMap<string, CommuneImpact>;
  /** Devices with an outage that late readings may still reach. */
  readonly recentlyDown: ReadonlySet<string>;
  readonly visibility: Visibility;
  /** Since when we are blind; null while seeing. Reaches back before this start to the last heartbeat. */
  readonly blindSinceMs: number | null;
  readonly startedAtMs: number;
  /** Silence is not judged before. */
  readonly graceEndsAtMs: number;
  readonly heartbeatAtMs: number;
  /** Devices whose silence is to be looked at, at most `limit`. */
  dueDevices(nowMs: number, limit: number): readonly string[];
}

interface DeviceOutages {
  closed: OutageClosed | null;
  readonly opened: OutageOpened[];
}

/** A judgement in the making: an overlay on the current state. */
export class JudgementDraft {
  readonly #devices = new Map<string, DeviceState>();
  readonly #registered = new Map<string, RegisteredDevice>();
  readonly #gateways = new Map<string, GatewayState>();
  readonly #outages = new Map<string, DeviceOutages>();
  readonly #deadlines = new Map<string, number>();
  readonly liveReadings: Reading[] = [];
  readonly events: DeviceEvent[] = [];
  readonly lateEvidence: LateEvidence[] = [];
  readonly blindSpans: BlindSpanEdge[] = [];
  readonly takenDeadlines: string[] = [];
  heartbeatAtMs: number | null = null;

  constructor(
    readonly view: ConnectivityView,
    readonly nowMs: number,
    readonly visibility: Visibility,
  ) {}

  device(device: RegisteredDevice): DeviceState {
    return this.#devices.get(device.id) ?? this.view.devices.get(device.id) ?? unheardDevice(this.nowMs);
  }

  setDevice(device: RegisteredDevice, next: DeviceState): void {
    const before = this.device(device);
    if (before === next) return;
    this.#devices.set(device.id, next);
    this.#registered.set(device.id, device);
    if (before.outage !== next.outage) this.#followOutage(device, before, next);
  }

  gateway(id: string): GatewayState {
    return this.#gateways.get(id) ?? this.view.gateways.get(id) ?? unheardGateway(this.nowMs);
  }

  setGateway(id: string, next: GatewayState): void {
    if (this.gateway(id) !== next) this.#gateways.set(id, next);
  }

  /** Looks at the device's silence at that moment. */
  lookAgain(device: RegisteredDevice, atMs: number): void {
    this.#deadlines.set(device.id, atMs);
  }

  finish(): Judgement {
    const changes: ConnectivityChange[] = [];
    const rows = new Set<string>();
    const liveChanged = new Set<string>();
    const communesTouched = new Set<string>();
    for (const [id, next] of this.#devices) {
      const device = this.#registered.get(id);
      if (device === undefined) continue;
      const before = this.view.devices.get(id);
      const moved =
        before === undefined || before.connectivity !== next.connectivity || before.lastKnown !== next.lastKnown;
      if (moved) {
        const { connectivity: to, lastKnown, sinceMs, reason } = next;
        changes.push({ device, from: before?.connectivity ?? 'stale', to, lastKnown, sinceMs, reason });
      }
      if (moved || before.sinceMs !== next.sinceMs || before.onBattery !== next.onBattery) {
        liveChanged.add(id);
        communesTouched.add(device.communeCode);
      }
      if (before === undefined || rowDiffers(before, next)) rows.add(id);
    }
    const gatewayChanges: GatewayChange[] = [];
    const gatewayRows = new Set<string>();
    for (const [id, next] of this.#gateways) {
      const before = this.view.gateways.get(id) ?? unheardGateway(this.nowMs);
      if (before.connectivity !== next.connectivity) {
        const { connectivity: to, sinceMs, reason } = next;
        gatewayChanges.push({ gatewayId: id, from: before.connectivity, to, sinceMs, reason });
      }
      if (gatewayRowDiffers(before, next)) gatewayRows.add(id);
    }
    const communes = this.#judgeCommunes(communesTouched);
    const outagesOpened = [...this.#outages.values()].flatMap(({ opened }) => opened);
    const outagesClosed = [...this.#outages.values()].flatMap(({ closed }) => closed ?? []);
    return {
      nowMs: this.nowMs,
      revision: this.view.revision,
      visibility: this.visibility,
      empty:
        rows.size === 0 &&
        communes.size === 0 &&
        this.liveReadings.length === 0 &&
        this.events.length === 0 &&
        gatewayRows.size === 0 &&
        outagesOpened.length === 0 &&
        outagesClosed.length === 0 &&
        this.lateEvidence.length === 0 &&
        this.blindSpans.length === 0 &&
        this.heartbeatAtMs === null,
      changes,
      gatewayChanges,
      outagesOpened,
      outagesClosed,
      liveReadings: this.liveReadings,
      events: this.events,
      liveChanged,
      communes,
      lateEvidence: this.lateEvidence,
      blindSpans: this.blindSpans,
      devices: this.#devices,
      rows,
      gateways: this.#gateways,
      gatewayRows,
      heartbeatAtMs: this.heartbeatAtMs,
      deadlines: { taken: this.takenDeadlines, set: this.#deadlines },
    };
  }

  #followOutage(device: RegisteredDevice, before: DeviceState, next: DeviceState): void {
    const outages = this.#outages.get(device.id) ?? { closed: null, opened: [] };
    this.#outages.set(device.id, outages);
    if (before.outage !== null) {
      const { beganAtMs } = before.outage;
      const endedAtMs = next.lastOutageEndedAtMs ?? beganAtMs;
      const latest = outages.opened.pop();
      if (latest === undefined) outages.closed = { device, beganAtMs, endedAtMs };
      else if (endedAtMs > beganAtMs) outages.opened.push({ ...latest, endedAtMs });
    }
    if (next.outage !== null) outages.opened.push({ device, ...next.outage, endedAtMs: null });
  }

  /** The impact of the communes touched, and of those whose isolation falls due. */
  #judgeCommunes(touched: Set<string>): Map<string, CommuneImpact> {
    for (const [code, { isolatedFromMs }] of this.view.communes) {
      if (isolatedFromMs !== null && isolatedFromMs <= this.nowMs) touched.add(code);
    }
    const judged = new Map<string, CommuneImpact>();
    for (const code of touched) {
      const before = this.view.communes.get(code);
      const tally = tallyCommune(this.view.register.devicesByCommune.get(code) ?? [], (device) => this.device(device));
      const { impact, cutOffSinceMs, isolatedFromMs } = communeImpact(tally, this.nowMs);
      const kept = before !== undefined && before.impact === impact ? before.sinceMs : this.nowMs;
      // Who asks since when a commune is isolated means since when nobody could be reached.
      const sinceMs = impact === 'isolated' ? (cutOffSinceMs ?? kept) : kept;
      judged.set(code, { impact, sinceMs, isolatedFromMs });
    }
    return judged;
  }
}

function rowDiffers(a: DeviceState, b: DeviceState): boolean {
  return (
    a.connectivity !== b.connectivity ||
    a.lastKnown !== b.lastKnown ||
    a.sinceMs !== b.sinceMs ||
    a.reason !== b.reason ||
    a.session !== b.session ||
    a.sessionState !== b.sessionState ||
    a.clockOffsetMs !== b.clockOffsetMs
  );
}

/** `last_batch_at` goes along with other changes and with the heartbeat, not with every batch. */
function gatewayRowDiffers(a: GatewayState, b: GatewayState): boolean {
  return (
    a.connectivity !== b.connectivity ||
    a.sinceMs !== b.sinceMs ||
    a.session !== b.session ||
    a.sessionState !== b.sessionState
  );
}
