import type { Register } from '../devices/registered-device.js';
import { DeadlineWheel } from './deadline-wheel.js';
import { unheardDevice, type DeviceState, type OpenOutage } from './device-state.js';
import { unheardGateway, type GatewayState } from './gateway-state.js';
import { communeImpact, tallyCommune } from './impact.js';
import type { CommuneImpact, Judgement } from './judgement.js';
import type { ConnectivityView } from './judgement-draft.js';
import type { Visibility } from './visibility.js';

/** What the database remembers from before the start. */
export interface LoadedState {
  readonly devices: ReadonlyMap<string, DeviceState>;
  readonly gateways: ReadonlyMap<string, GatewayState>;
  readonly recentlyDown: ReadonlySet<string>;
  /** The last heartbeat of the run before; null on a new database. */
  readonly heartbeatAtMs: number | null;
}

/** The current state in memory. Only `accept` and a new register change it. */
export class ConnectivityModel implements ConnectivityView {
  revision = 0;
  readonly devices: Map<string, DeviceState>;
  readonly gateways: Map<string, GatewayState>;
  readonly communes = new Map<string, CommuneImpact>();
  readonly recentlyDown: Set<string>;
  visibility: Visibility;
  blindSinceMs: number | null;
  readonly graceEndsAtMs: number;
  heartbeatAtMs = 0;
  readonly #deadlines = new DeadlineWheel();

  constructor(
    public register: Register,
    loaded: LoadedState,
    readonly startedAtMs: number,
    graceMs: number,
  ) {
    this.devices = new Map(loaded.devices);
    this.gateways = new Map(loaded.gateways);
    this.recentlyDown = new Set(loaded.recentlyDown);
    this.visibility = { seeing: false, reason: 'starting', sinceMs: startedAtMs };
    this.blindSinceMs = loaded.heartbeatAtMs;
    this.graceEndsAtMs = startedAtMs + graceMs;
    this.setRegister(register, startedAtMs);
    for (const [id, { connectivity }] of this.devices) {
      if (connectivity === 'up' || connectivity === 'blind') this.#deadlines.set(id, this.graceEndsAtMs);
    }
  }

  dueDevices(nowMs: number, limit: number): readonly string[] {
    return this.#deadlines.due(nowMs, limit);
  }

  /** Takes what the new register added, drops what it no longer has, and judges every commune again. */
  setRegister(register: Register, nowMs: number): void {
    this.register = register;
    for (const id of register.devices.keys()) if (!this.devices.has(id)) this.devices.set(id, unheardDevice(nowMs));
    for (const id of register.gateways.keys()) if (!this.gateways.has(id)) this.gateways.set(id, unheardGateway(nowMs));
    for (const id of this.devices.keys()) {
      if (register.devices.has(id)) continue;
      this.devices.delete(id);
      this.recentlyDown.delete(id);
      this.#deadlines.delete(id);
    }
    for (const id of this.gateways.keys()) if (!register.gateways.has(id)) this.gateways.delete(id);
    for (const code of this.communes.keys()) if (!register.devicesByCommune.has(code)) this.communes.delete(code);
    for (const [code, devices] of register.devicesByCommune) {
      const tally = tallyCommune(devices, ({ id }) => this.devices.get(id) ?? unheardDevice(nowMs));
      const { impact, cutOffSinceMs, isolatedFromMs } = communeImpact(tally, nowMs);
      const before = this.communes.get(code);
      const kept = before?.impact === impact ? before.sinceMs : (tally.latestLossMs ?? nowMs);
      this.communes.set(code, { impact, sinceMs: cutOffSinceMs ?? kept, isolatedFromMs });
    }
  }

  /** `repaired`: open outages whose beginning late data moved, by device. */
  accept(judgement: Judgement, repaired: ReadonlyMap<string, OpenOutage>): void {
    if (judgement.revision !== this.revision) {
      throw new Error(`a judgement of state ${judgement.revision} cannot follow state ${this.revision}`);
    }
    this.revision += 1;
    for (const [id, state] of judgement.devices) if (this.register.devices.has(id)) this.devices.set(id, state);
    for (const [id, outage] of repaired) {
      const state = this.devices.get(id);
      if (state === undefined || state.outage === null) continue;
      const sinceMs = state.connectivity === 'down' ? outage.beganAtMs : state.sinceMs;
      this.devices.set(id, { ...state, outage, sinceMs });
    }
    for (const [id, state] of judgement.gateways) if (this.register.gateways.has(id)) this.gateways.set(id, state);
    for (const [code, impact] of judgement.communes) this.communes.set(code, impact);
    for (const { device } of judgement.outagesOpened) this.recentlyDown.add(device.id);
    for (const id of judgement.deadlines.taken) this.#deadlines.delete(id);
    for (const [id, atMs] of judgement.deadlines.set) if (this.devices.has(id)) this.#deadlines.set(id, atMs);
    if (judgement.heartbeatAtMs !== null) this.heartbeatAtMs = judgement.heartbeatAtMs;
    this.#acceptVisibility(judgement);
  }

  #acceptVisibility({ visibility, blindSpans }: Judgement): void {
    if (visibility.seeing) {
      const told = blindSpans.some(({ gatewayId, edge }) => gatewayId === null && edge === 'ended');
      if (told || this.blindSinceMs === null) {
        this.blindSinceMs = null;
        this.visibility = visibility;
      }
      return;
    }
    if (visibility.reason !== 'starting') this.blindSinceMs ??= visibility.sinceMs;
    this.visibility = visibility;
  }
}
