import type { Metrics, SessionState } from '@ioc/contract';
import { buildRegister } from '../devices/register.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import type { Reading } from '../readings/reading.js';
import { ConnectivityModel, type LoadedState } from './connectivity-model.js';
import type { DeviceState } from './device-state.js';
import { judgeObservations } from './judge-observations.js';
import { judgePassingOfTime } from './judge-time.js';
import type { Judgement } from './judgement.js';
import type { Observation } from './observation.js';
import type { Visibility } from './visibility.js';

/** 2026-01-10 00:00 in Quảng Ngãi; every moment of these tests counts from here. */
export const T0 = Date.parse('2026-01-10T00:00:00+07:00');
export const COMMUNE = '21025';
export const GATEWAY = 'GW-VNPT';

export function device(id: string, overrides: Partial<RegisteredDevice> = {}): RegisteredDevice {
  return {
    no: 1,
    id,
    deviceClass: 'bts',
    name: id,
    communeCode: COMMUNE,
    owner: 'VNPT',
    siteId: null,
    hubId: null,
    gatewayId: GATEWAY,
    lat: 15,
    lon: 108,
    hardened: false,
    reportingIntervalMs: 10_000,
    attributes: {},
    version: 1,
    ...overrides,
  };
}

export const link = device('LINK-1', {
  deviceClass: 'link',
  gatewayId: null,
  owner: 'PROVINCE',
  reportingIntervalMs: 5_000,
});
export const sensor = device('FLOOD-1', {
  deviceClass: 'flood',
  gatewayId: null,
  owner: 'PROVINCE',
  reportingIntervalMs: 60_000,
});

export function registerOf(devices: readonly RegisteredDevice[]): Register {
  const gateways = [...new Set(devices.flatMap(({ gatewayId }) => gatewayId ?? []))];
  return buildRegister({
    organisations: [],
    feeds: [],
    version: 1,
    devices,
    sites: [],
    hubs: [],
    gateways: gateways.map((id) => ({ id, name: id, owner: 'VNPT' })),
  });
}

/** A province in memory that is driven by hand: time only passes where a test says so. */
export class JudgedWorld {
  readonly model: ConnectivityModel;
  readonly judgements: Judgement[] = [];
  nowMs = T0;
  visibility: Visibility = { seeing: true, reason: null, sinceMs: T0 };

  constructor(
    readonly devices: readonly RegisteredDevice[],
    options: { readonly loaded?: Partial<LoadedState>; readonly graceMs?: number } = {},
  ) {
    const empty: LoadedState = {
      devices: new Map(),
      gateways: new Map(),
      recentlyDown: new Set(),
      heartbeatAtMs: null,
    };
    this.model = new ConnectivityModel(registerOf(devices), { ...empty, ...options.loaded }, T0, options.graceMs ?? 0);
    this.accept(judgePassingOfTime(this.model, T0, this.visibility));
  }

  state(of: RegisteredDevice): DeviceState {
    const state = this.model.devices.get(of.id);
    if (state === undefined) throw new Error(`${of.id} is not in this world`);
    return state;
  }

  accept(judgement: Judgement): Judgement {
    this.model.accept(judgement, new Map());
    this.judgements.push(judgement);
    return judgement;
  }

  /** Judges observations at the present moment. */
  hear(...observations: readonly Observation[]): Judgement {
    return this.accept(judgeObservations(this.model, observations, this.nowMs, this.visibility));
  }

  /** Lets time pass second by second, with what happens in every one of them. */
  pass(ms: number, everySecond: (nowMs: number) => void = () => undefined): void {
    for (const end = this.nowMs + ms; this.nowMs < end;) {
      this.nowMs = Math.min(end, this.nowMs + 1_000);
      everySecond(this.nowMs);
      this.accept(judgePassingOfTime(this.model, this.nowMs, this.visibility));
    }
  }

  /** A batch of the gateway every 10 s in which these devices report. */
  batches(reporting: readonly RegisteredDevice[]): (nowMs: number) => void {
    return (nowMs) => {
      if ((nowMs - T0) % 10_000 === 0) this.hear(this.batch(), ...reporting.map((each) => this.reading(each)));
    };
  }

  batch(gatewayId = GATEWAY): Observation {
    return { kind: 'gatewayBatch', gatewayId, receivedAtMs: this.nowMs };
  }

  reading(
    of: RegisteredDevice,
    {
      said = null,
      reason = null,
      metrics = {},
      ...overrides
    }: Partial<Reading> & { said?: SessionState | null; reason?: string | null; metrics?: Metrics } = {},
  ): Observation {
    const atMs = overrides.atMs ?? this.nowMs;
    const reading: Reading = {
      device: of,
      atMs,
      receivedAtMs: this.nowMs,
      effectiveAtMs: atMs,
      seq: null,
      live: true,
      clockOffsetMs: null,
      metrics,
      suspect: [],
      ...overrides,
    };
    return { kind: 'reading', reading, said: said === null ? null : { state: said, reason } };
  }

  session(
    of: RegisteredDevice,
    state: SessionState,
    session: number,
    options: { readonly atMs?: number; readonly retained?: boolean; readonly reason?: string } = {},
  ): Observation {
    const { atMs = this.nowMs, retained = false, reason = null } = options;
    return { kind: 'session', device: of, session, state, atMs, receivedAtMs: this.nowMs, reason, retained };
  }

  gatewaySession(
    state: SessionState,
    session: number,
    options: { readonly atMs?: number; readonly retained?: boolean; readonly gatewayId?: string } = {},
  ): Observation {
    const { atMs = this.nowMs, retained = false, gatewayId = GATEWAY } = options;
    return {
      kind: 'gatewaySession',
      gatewayId,
      session,
      state,
      atMs,
      receivedAtMs: this.nowMs,
      reason: null,
      retained,
    };
  }

  /** Every outage opened so far, in order. */
  outagesOpened() {
    return this.judgements.flatMap(({ outagesOpened }) => outagesOpened);
  }

  outagesClosed() {
    return this.judgements.flatMap(({ outagesClosed }) => outagesClosed);
  }
}
