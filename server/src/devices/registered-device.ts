import type { DeviceClassId } from '@ioc/contract';

/** A device as the hot path sees it: one object per device, replaced whole when the register changes. */
export interface RegisteredDevice {
  /** The short number that reading rows carry. */
  readonly no: number;
  readonly id: string;
  readonly deviceClass: DeviceClassId;
  readonly name: string;
  readonly communeCode: string;
  /** The responsible organisation's id. */
  readonly owner: string;
  readonly siteId: string | null;
  readonly hubId: string | null;
  /** The gateway it reports through; null when it has an MQTT session of its own. */
  readonly gatewayId: string | null;
  readonly lat: number;
  readonly lon: number;
  readonly hardened: boolean;
  readonly reportingIntervalMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly version: number;
}

export interface RegisteredSite {
  readonly id: string;
  readonly name: string;
  readonly communeCode: string;
  readonly lat: number;
  readonly lon: number;
  readonly hubId: string | null;
  readonly feedId: string | null;
  readonly hardened: boolean;
}

export interface RegisteredHub {
  readonly id: string;
  readonly name: string;
  readonly siteId: string | null;
  /** In order of rank; empty for the province core. */
  readonly upstreamIds: readonly string[];
}

export interface RegisteredGateway {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
}

/** The medium-voltage line that feeds sites; `owner` is the power company. */
export interface RegisteredFeed {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
}

/** Who owns devices and must mend them, under the name that people know. */
export interface RegisteredOrganisation {
  readonly id: string;
  readonly name: string;
}

/** The whole register in memory, immutable: a change of the register makes a new one with a larger version. */
export interface Register {
  readonly version: number;
  readonly organisations: ReadonlyMap<string, RegisteredOrganisation>;
  readonly feeds: ReadonlyMap<string, RegisteredFeed>;
  readonly devices: ReadonlyMap<string, RegisteredDevice>;
  readonly sites: ReadonlyMap<string, RegisteredSite>;
  readonly hubs: ReadonlyMap<string, RegisteredHub>;
  readonly gateways: ReadonlyMap<string, RegisteredGateway>;
  readonly devicesByCommune: ReadonlyMap<string, readonly RegisteredDevice[]>;
  readonly devicesByGateway: ReadonlyMap<string, readonly RegisteredDevice[]>;
  readonly devicesBySite: ReadonlyMap<string, readonly RegisteredDevice[]>;
}
