import type {
  Register,
  RegisteredDevice,
  RegisteredFeed,
  RegisteredGateway,
  RegisteredHub,
  RegisteredOrganisation,
  RegisteredSite,
} from './registered-device.js';

/** The whole register as rows, read in one snapshot. */
export interface RegisterRows {
  readonly version: number;
  readonly organisations: readonly RegisteredOrganisation[];
  readonly feeds: readonly RegisteredFeed[];
  readonly hubs: readonly RegisteredHub[];
  readonly gateways: readonly RegisteredGateway[];
  readonly sites: readonly RegisteredSite[];
  readonly devices: readonly RegisteredDevice[];
}

export const EMPTY_REGISTER: Register = {
  version: 0,
  organisations: new Map(),
  feeds: new Map(),
  devices: new Map(),
  sites: new Map(),
  hubs: new Map(),
  gateways: new Map(),
  devicesByCommune: new Map(),
  devicesByGateway: new Map(),
  devicesBySite: new Map(),
};

/** Builds the immutable register, with its indexes, from its rows. */
export function buildRegister(
  rows: Pick<RegisterRows, 'version' | 'organisations' | 'feeds' | 'devices' | 'sites' | 'hubs' | 'gateways'>,
): Register {
  return {
    version: rows.version,
    organisations: byId(rows.organisations),
    feeds: byId(rows.feeds),
    devices: byId(rows.devices),
    sites: byId(rows.sites),
    hubs: byId(rows.hubs),
    gateways: byId(rows.gateways),
    devicesByCommune: groupedBy(rows.devices, (device) => device.communeCode),
    devicesByGateway: groupedBy(rows.devices, (device) => device.gatewayId),
    devicesBySite: groupedBy(rows.devices, (device) => device.siteId),
  };
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

function groupedBy(
  devices: readonly RegisteredDevice[],
  keyOf: (device: RegisteredDevice) => string | null,
): ReadonlyMap<string, readonly RegisteredDevice[]> {
  const groups = new Map<string, RegisteredDevice[]>();
  for (const device of devices) {
    const key = keyOf(device);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [device]);
    else group.push(device);
  }
  return groups;
}
