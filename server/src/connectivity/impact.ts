import type { DeviceClassId, Impact, Severity } from '@ioc/contract';
import type { DeviceState } from './device-state.js';

/*
 * What failures do to people. Everything is counted by the last known state: a blind device stays what it was, and a device
 * whose alarm is suppressed as a symptom still counts. A stale station (never heard, or silent for no known reason) counts
 * as a station but neither as alive nor as down: it never makes a majority, and it keeps nobody from being isolated.
 */

/** What of a device and its state the impact of a commune is made from. */
export interface ImpactDevice {
  readonly deviceClass: DeviceClassId;
  readonly owner: string;
}
export type ImpactState = Pick<DeviceState, 'lastKnown' | 'outage'>;

export interface OperatorTally {
  readonly up: number;
  readonly down: number;
  readonly stale: number;
}

/** The figures of a commune that impact is judged from. */
export interface CommuneTally {
  readonly stations: number;
  readonly stationsUp: number;
  readonly stationsDown: number;
  readonly operators: ReadonlyMap<string, OperatorTally>;
  readonly links: number;
  readonly linksDown: number;
  /** When the last of what is down went down; null when nothing is. */
  readonly latestLossMs: number | null;
}

/** Counts a commune. Runs for every commune that a batch touches, so it makes no objects for single devices. */
export function tallyCommune<D extends ImpactDevice>(
  devices: readonly D[],
  stateOf: (device: D) => ImpactState,
): CommuneTally {
  let stations = 0;
  let stationsUp = 0;
  let stationsDown = 0;
  let links = 0;
  let linksDown = 0;
  let latestLossMs: number | null = null;
  const operators = new Map<string, { up: number; down: number; stale: number }>();
  for (const device of devices) {
    const station = device.deviceClass === 'bts';
    if (!station && device.deviceClass !== 'link') continue;
    const { lastKnown, outage } = stateOf(device);
    if (station) {
      stations += 1;
      if (lastKnown === 'up') stationsUp += 1;
      if (lastKnown === 'down') stationsDown += 1;
      let operator = operators.get(device.owner);
      if (operator === undefined) operators.set(device.owner, (operator = { up: 0, down: 0, stale: 0 }));
      operator[lastKnown] += 1;
    } else {
      links += 1;
      if (lastKnown === 'down') linksDown += 1;
    }
    if (outage !== null) latestLossMs = Math.max(latestLossMs ?? outage.beganAtMs, outage.beganAtMs);
  }
  return { stations, stationsUp, stationsDown, operators, links, linksDown, latestLossMs };
}

/** How long nobody must be reachable before a commune is isolated; ms. */
export const ISOLATION_DELAY_MS = 10 * 60_000;

/** Exactly half is not most. */
export function mostStationsDown(tally: CommuneTally): boolean {
  return tally.stationsDown * 2 > tally.stations;
}

/** Operators of whom at least one station is not known to be down. */
export function operatorsLeft(tally: CommuneTally): number {
  let left = 0;
  for (const operator of tally.operators.values()) if (operator.up + operator.stale > 0) left += 1;
  return left;
}

/** The operator had stations there and every one of them is down. */
export function operatorLost(operator: OperatorTally): boolean {
  return operator.down > 0 && operator.up + operator.stale === 0;
}

export interface JudgedImpact {
  readonly impact: Impact;
  /** When nobody could be reached any more, while that is so; epoch ms. */
  readonly cutOffSinceMs: number | null;
  /** When it becomes isolated unless something comes back; null when it is already, or when that does not threaten. */
  readonly isolatedFromMs: number | null;
}

/** The worst impact of a commune's failures at a moment. */
export function communeImpact(tally: CommuneTally, nowMs: number): JudgedImpact {
  const linkDown = tally.links > 0 && tally.linksDown === tally.links;
  const most = mostStationsDown(tally);
  if (linkDown && most && tally.stationsUp === 0 && tally.latestLossMs !== null) {
    const fromMs = tally.latestLossMs + ISOLATION_DELAY_MS;
    return nowMs >= fromMs
      ? { impact: 'isolated', cutOffSinceMs: tally.latestLossMs, isolatedFromMs: null }
      : { impact: 'nearlyIsolated', cutOffSinceMs: tally.latestLossMs, isolatedFromMs: fromMs };
  }
  return { impact: withHope(tally, linkDown, most), cutOffSinceMs: null, isolatedFromMs: null };
}

function withHope(tally: CommuneTally, linkDown: boolean, most: boolean): Impact {
  if (linkDown && tally.stations > 0 && (most || operatorsLeft(tally) === 1)) return 'nearlyIsolated';
  if (most) return 'critical';
  if (linkDown) return 'major';
  for (const operator of tally.operators.values()) if (operatorLost(operator)) return 'major';
  return tally.stationsDown > 0 || tally.linksDown > 0 ? 'minor' : 'none';
}

/** A site as the loss of one of its stations sees it. */
export interface SiteTally {
  readonly operators: number;
  /** No station on it is known to be anything but down. */
  readonly lost: boolean;
  /** A transmission hub stands on it. */
  readonly hub: boolean;
}

/** How bad the loss of a base station is: by what is left to people, not by the station. */
export function stationSeverity(owner: string, commune: CommuneTally, site: SiteTally | null): Severity {
  if (mostStationsDown(commune)) return 'critical';
  if (site !== null && site.lost && site.hub) return 'critical';
  if (site !== null && site.lost && site.operators >= 2) return 'major';
  const operator = commune.operators.get(owner);
  return operator !== undefined && operatorLost(operator) ? 'major' : 'minor';
}

/** How bad the loss of a link is: a second link may live, it may be the only one, or the commune is isolated by it. */
export function linkSeverity(commune: CommuneTally, impact: Impact): Severity {
  if (impact === 'isolated') return 'critical';
  return commune.linksDown < commune.links ? 'minor' : 'major';
}
