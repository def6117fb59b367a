import type { AlarmType, Severity } from '@ioc/contract';
import type { AlarmOutcome, AlarmRecord } from '../alarms/alarm.js';
import type { DeviceState } from '../connectivity/device-state.js';
import { buildRegister } from '../devices/register.js';
import type { Register, RegisteredDevice, RegisteredSite } from '../devices/registered-device.js';
import type { FactRecord } from '../facts/fact.js';
import { finishIncident, isStillborn, type FinishedIncident, type FinishingWorld } from './finished-incident.js';
import { Grouping, type Grouped } from './grouping.js';
import type { GroupedIncident, IncidentDraft } from './incident-draft.js';
import type { IncidentRecord } from './incident-record.js';

/** 2026-01-10 00:00 in Quảng Ngãi; every moment of these tests counts from here. */
export const T0 = Date.parse('2026-01-10T00:00:00+07:00');
export const MINUTE = 60_000;

/** Trà Bồng and its neighbours of the former district, Sơn Tịnh's Ba Gia beside it, and Lý Sơn, which adjoins nothing. */
export const TRA_BONG = '21115';
export const DONG_TRA_BONG = '21127';
export const THANH_BONG = '21124';
export const LY_SON = '21548';

/** A device in the test's register, a station of VNPT unless told otherwise. */
export function device(id: string, overrides: Partial<RegisteredDevice>): RegisteredDevice {
  return {
    no: 1,
    id,
    deviceClass: 'bts',
    name: `Trạm ${id}`,
    communeCode: TRA_BONG,
    owner: 'VNPT',
    siteId: null,
    hubId: null,
    gatewayId: null,
    lat: 15,
    lon: 108,
    hardened: false,
    reportingIntervalMs: 10_000,
    attributes: {},
    version: 1,
    ...overrides,
  };
}

function site(id: string, communeCode: string, hubId: string | null, feedId: string | null): RegisteredSite {
  return { id, name: `Vị trí ${id}`, communeCode, lat: 15, lon: 108, hubId, feedId, hardened: false };
}

const OPERATORS = ['VNPT', 'VIETTEL', 'MOBIFONE'];

/** Sites `S-<commune>-<n>` with a station of each operator; the first two of a commune share a feed, the rest have none. */
export function makeRegister(options: {
  readonly communes: readonly string[];
  readonly sitesPerCommune?: number;
  readonly hubOf?: (communeCode: string) => string | null;
  readonly hubs?: readonly { readonly id: string; readonly upstreamIds: readonly string[] }[];
  readonly more?: readonly RegisteredDevice[];
}): Register {
  const { communes, sitesPerCommune = 4, hubOf = () => null, hubs = [], more = [] } = options;
  const sites = communes.flatMap((code) =>
    Array.from({ length: sitesPerCommune }, (_, n) =>
      site(`S-${code}-${n}`, code, hubOf(code), n < 2 ? `F-${code}` : null),
    ),
  );
  const stations = sites.flatMap(({ id, communeCode }) =>
    OPERATORS.map((owner) => device(`${id}-${owner}`, { communeCode, owner, siteId: id })),
  );
  const links = communes.map((code) =>
    device(`LINK-${code}`, { deviceClass: 'link', communeCode: code, owner: 'TSLCD', hubId: hubOf(code) }),
  );
  return buildRegister({
    version: 1,
    organisations: OPERATORS.map((id) => ({ id, name: id })),
    feeds: communes.map((code) => ({ id: `F-${code}`, name: `Lộ ${code}`, owner: 'EVNCPC' })),
    devices: [...stations, ...links, ...more],
    sites,
    hubs: hubs.map(({ id, upstreamIds }) => ({ id, name: `Nút ${id}`, siteId: null, upstreamIds })),
    gateways: [{ id: 'GW-VNPT', name: 'Cổng VNPT', owner: 'VNPT' }],
  });
}

export function stationsOf(register: Register, communeCode?: string): readonly RegisteredDevice[] {
  return [...register.devices.values()].filter(
    (each) => each.deviceClass === 'bts' && (communeCode === undefined || each.communeCode === communeCode),
  );
}

const NOTHING: AlarmOutcome = { raised: [], changed: [], cleared: [], touchedDevices: new Set() };

/** Alarms and incidents as a console keeps them, with the clock and what is down in the test's hands. */
export class IncidentWorld {
  nowMs = T0;
  readonly down = new Map<string, number>();
  readonly incidents = new Map<number, GroupedIncident>();
  readonly alarms = new Map<number, AlarmRecord>();
  /** Everything that the last step did. */
  last: readonly FinishedIncident[] = [];
  proposals: Grouped['proposals'] = [];
  facts: readonly FactRecord[] = [];
  #alarmIds = 0;
  #incidentIds = 0;

  constructor(readonly register: Register) {}

  alarm(
    type: AlarmType,
    resource: { readonly kind: AlarmRecord['resource']['kind']; readonly id: string },
    fields: Partial<AlarmRecord> = {},
  ): AlarmRecord {
    this.#alarmIds += 1;
    const of = resource.kind === 'device' ? this.register.devices.get(resource.id) : undefined;
    return {
      id: this.#alarmIds,
      version: 1,
      resource: { ...resource, name: of?.name ?? `Nút ${resource.id}` },
      deviceId: of?.id ?? null,
      communeCode: of?.communeCode ?? (resource.kind === 'commune' ? resource.id : null),
      owner: of?.owner ?? null,
      type,
      qualifier: '',
      severity: 'minor',
      probableCause: 'indeterminate',
      text: { vi: type, en: type },
      action: { vi: '', en: '' },
      estimated: false,
      beganAtMs: this.nowMs,
      raisedAtMs: this.nowMs,
      changedAtMs: this.nowMs,
      clearedAtMs: null,
      operatorState: 'none',
      suppression: null,
      shelved: null,
      incidentId: null,
      ruleId: null,
      detail: {},
      ...fields,
    };
  }

  lost(deviceId: string, fields: Partial<AlarmRecord> = {}): AlarmRecord {
    this.down.set(deviceId, fields.beganAtMs ?? this.nowMs);
    return this.alarm('connectivityLost', { kind: 'device', id: deviceId }, fields);
  }

  mains(deviceId: string, severity: Severity = 'warning'): AlarmRecord {
    return this.alarm('mainsAbsent', { kind: 'device', id: deviceId }, { severity });
  }

  hubDown(id: string, fields: Partial<AlarmRecord> = {}): AlarmRecord {
    return this.alarm('hubDown', { kind: 'hub', id }, { severity: 'critical', ...fields });
  }

  isolated(code: string, type: 'communeIsolated' | 'communeNearlyIsolated' = 'communeIsolated'): AlarmRecord {
    return this.alarm(type, { kind: 'commune', id: code }, { severity: 'critical' });
  }

  raise(...raised: readonly AlarmRecord[]): void {
    for (const alarm of raised) this.alarms.set(alarm.id, alarm);
    this.#step({ ...NOTHING, raised });
  }

  clear(...ids: readonly number[]): void {
    const cleared = ids.map((id) => ({ ...this.get(id), clearedAtMs: this.nowMs }));
    for (const alarm of cleared) {
      this.alarms.delete(alarm.id);
      if (alarm.deviceId !== null) this.down.delete(alarm.deviceId);
    }
    this.#step({ ...NOTHING, cleared });
  }

  change(id: number, fields: Partial<AlarmRecord>): void {
    const before = this.get(id);
    const after = { ...before, ...fields };
    this.alarms.set(id, after);
    this.#step({ ...NOTHING, changed: [{ before, after }] });
  }

  /** Nothing but time passes. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.#step(NOTHING);
  }

  get(alarmId: number): AlarmRecord {
    const alarm = this.alarms.get(alarmId);
    if (alarm === undefined) throw new Error(`alarm ${alarmId} does not stand`);
    return alarm;
  }

  /** A person changes an incident. */
  edit(id: number, fields: Partial<IncidentRecord>): void {
    const incident = this.incidents.get(id);
    if (incident === undefined) throw new Error(`there is no incident ${id}`);
    this.incidents.set(id, { ...incident, record: { ...incident.record, ...fields } });
  }

  hold(id: number): void {
    this.edit(id, { state: 'acknowledged', holder: { personId: 'an', name: 'An' }, acknowledgedAtMs: this.nowMs });
  }

  open(): readonly IncidentRecord[] {
    return [...this.incidents.values()]
      .map(({ record }) => record)
      .filter(({ state }) => state === 'open' || state === 'acknowledged' || state === 'inProgress');
  }

  /** The incident that an alarm is in. */
  homeOf(alarmId: number): IncidentRecord {
    const { incidentId } = this.get(alarmId);
    const incident = this.incidents.get(incidentId ?? -1);
    if (incident === undefined) throw new Error(`alarm ${alarmId} is in no incident`);
    return incident.record;
  }

  world(): FinishingWorld {
    return {
      register: this.register,
      nowMs: this.nowMs,
      settings: { acknowledgeCriticalMs: 30 * MINUTE, acknowledgeOtherMs: 240 * MINUTE },
      stateOf: (id) => stateOf(this.down.get(id)),
      impactOf: () => 'minor',
      incidentOfHub: (hubId) => {
        const holding = [...this.alarms.values()].find(
          ({ type, resource }) => type === 'hubDown' && resource.id === hubId,
        );
        return holding?.incidentId ?? null;
      },
      factsOf: (code) => this.facts.filter(({ subject }) => subject.id === code),
    };
  }

  #step(outcome: AlarmOutcome): void {
    const grouping = new Grouping(
      [...this.incidents.values()].filter(({ record }) => record.state !== 'closed'),
      {
        register: this.register,
        nowMs: this.nowMs,
        reopenWithinMs: 120 * MINUTE,
        lastKnown: (id) => (this.down.has(id) ? 'down' : 'up'),
      },
    );
    grouping.take(outcome);
    grouping.judgeAgain();
    const { drafts, proposals } = grouping.result();
    this.proposals = proposals;
    const live = drafts.filter((draft) => !isStillborn(draft));
    const ids = new Map<IncidentDraft, number>();
    for (const draft of live) ids.set(draft, draft.before?.record.id ?? (this.#incidentIds += 1));
    this.last = live.map((draft) => {
      const into = draft.mergedInto === null ? null : (ids.get(draft.mergedInto) ?? null);
      return finishIncident(draft, ids.get(draft) ?? 0, into, this.world());
    });
    for (const { record, members } of this.last) {
      this.incidents.set(record.id, { record, members });
      for (const alarm of members.values()) this.alarms.set(alarm.id, alarm);
    }
  }
}

function stateOf(downSinceMs: number | undefined): Pick<DeviceState, 'lastKnown' | 'outage' | 'onBattery'> {
  if (downSinceMs === undefined) return { lastKnown: 'up', outage: null, onBattery: null };
  const outage = { beganAtMs: downSinceMs, detectedAtMs: downSinceMs, basis: 'said', reason: null } as const;
  return { lastKnown: 'down', outage, onBattery: null };
}
