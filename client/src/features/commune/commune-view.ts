import { SEVERITIES, type DeviceClassId, type DeviceLive, type Incident, type MapDevice } from '@ioc/contract';

/** A device of the commune with its live state; the state is null until it was heard of. */
export interface CommuneDevice {
  readonly device: MapDevice;
  readonly live: DeviceLive | null;
}

/** What must be looked at first: down, then what we do not hear, then what is up with an alarm, then the rest. */
function urgency({ live }: CommuneDevice): number {
  if (live === null) return 3;
  if (live.connectivity === 'down') return 0;
  if (live.connectivity !== 'up') return 1;
  return live.severity === null ? 4 : 2;
}

export function isAbnormal({ live }: CommuneDevice): boolean {
  return live === null || live.connectivity !== 'up' || live.severity !== null || live.onBattery === true;
}

const byName = new Intl.Collator('vi', { numeric: true });

/** The devices of one commune, by name. */
export function devicesOf(code: string, devices: ReadonlyMap<string, MapDevice>): MapDevice[] {
  return [...devices.values()]
    .filter(({ communeCode }) => communeCode === code)
    .sort((a, b) => byName.compare(a.name, b.name));
}

/** The same devices with their states, what is wrong first. */
export function withStates(devices: readonly MapDevice[], states: ReadonlyMap<string, DeviceLive>): CommuneDevice[] {
  return devices
    .map((device) => ({ device, live: states.get(device.id) ?? null }))
    .sort((a, b) => urgency(a) - urgency(b));
}

export interface OperatorStations {
  readonly owner: string;
  readonly total: number;
  /** Blind stations count as what they were before. */
  readonly up: number;
  readonly down: number;
  readonly stale: number;
  readonly blind: number;
  readonly onBattery: number;
}

/** Devices of one class by owner; what we cannot see stays in every count as it was last, and is counted as blind too. */
export function byOwner(devices: readonly CommuneDevice[], deviceClass: DeviceClassId): OperatorStations[] {
  const owners = new Map<string, OperatorStations>();
  for (const { device, live } of devices) {
    if (device.deviceClass !== deviceClass) continue;
    const none: OperatorStations = { owner: device.owner, total: 0, up: 0, down: 0, stale: 0, blind: 0, onBattery: 0 };
    const before = owners.get(device.owner) ?? none;
    const known = live?.lastKnown ?? 'stale';
    owners.set(device.owner, {
      owner: device.owner,
      total: before.total + 1,
      up: before.up + Number(known === 'up'),
      down: before.down + Number(known === 'down'),
      stale: before.stale + Number(known === 'stale'),
      blind: before.blind + Number(live?.connectivity === 'blind'),
      onBattery: before.onBattery + Number(live?.onBattery === true),
    });
  }
  return [...owners.values()].sort((a, b) => a.owner.localeCompare(b.owner, 'vi'));
}

/** What is needed of an incident to put it in its place. */
export type CommuneIncident = Pick<
  Incident,
  'state' | 'kind' | 'severity' | 'communeCode' | 'communeCodes' | 'beganAt'
>;

/** Resolved or closed: nobody has to act. */
export function isOver({ state }: Pick<CommuneIncident, 'state'>): boolean {
  return state === 'resolved' || state === 'closed';
}

/** The incidents that touch a commune: what is over last, then worst and newest first. */
export function incidentsOf<I extends CommuneIncident>(code: string, incidents: Iterable<I>): readonly I[] {
  const kindRank = ({ kind }: I): number => (kind === 'communeIsolated' ? 0 : kind === 'communeNearlyIsolated' ? 1 : 2);
  return [...incidents]
    .filter(({ communeCode, communeCodes }) => communeCode === code || communeCodes.includes(code))
    .sort(
      (a, b) =>
        Number(isOver(a)) - Number(isOver(b)) ||
        kindRank(a) - kindRank(b) ||
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        Date.parse(b.beganAt) - Date.parse(a.beganAt),
    );
}
