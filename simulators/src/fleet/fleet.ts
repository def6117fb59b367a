import type { DeviceClassId } from '@ioc/contract';

/** The register's rows as the simulators make them; the CSV files carry exactly these. */

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly kind: 'operator' | 'network' | 'power' | 'commune' | 'province';
}

/** A medium-voltage line that feeds sites. */
export interface PowerFeed {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
}

/** A transmission node; the province core is the one without an upstream. */
export interface Hub {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly upstreams: readonly string[];
}

export interface Gateway {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
}

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly commune: string;
  readonly lat: number;
  readonly lon: number;
  readonly hub: string;
  readonly feed: string;
  readonly hardened: boolean;
}

export interface Device {
  readonly id: string;
  readonly deviceClass: DeviceClassId;
  readonly name: string;
  readonly commune: string;
  readonly owner: string;
  /** Of a base station; others hang on a hub directly. */
  readonly site: string | null;
  readonly hub: string | null;
  readonly gateway: string | null;
  readonly lat: number;
  readonly lon: number;
  readonly hardened: boolean;
  readonly reportingIntervalMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface Fleet {
  readonly organisations: readonly Organisation[];
  readonly feeds: readonly PowerFeed[];
  readonly hubs: readonly Hub[];
  readonly gateways: readonly Gateway[];
  readonly sites: readonly Site[];
  readonly devices: readonly Device[];
}
