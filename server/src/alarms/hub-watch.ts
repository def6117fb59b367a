import type { DeviceState } from '../connectivity/device-state.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';

/*
 * Hubs are not heard by themselves: what hangs on them tells of them. Going down within a short time, nearly all of them and
 * none speaking since, is a cut in front of them.
 */

/** The share of what hangs on a hub that must have gone down, and of how many at least. */
export const MOST = 0.8;
export const FEWEST_CHILDREN = 5;
/** Within so long. */
export const WITHIN_MS = 120_000;

/** A hub that is back is so for so long before its alarm ends. */
export const BACK_FOR_MS = 60_000;

/** A hub with what hangs on it. */
export interface HubBranch {
  readonly hubId: string;
  /** Every device that loses its way to us with the hub. */
  readonly devices: readonly RegisteredDevice[];
  /** Of these, the ones that hang on the hub itself. */
  readonly own: readonly RegisteredDevice[];
  /** The others, by the hub below that they are reached over; a hub below without any is left out. */
  readonly below: readonly (readonly RegisteredDevice[])[];
}

/** What hangs on which hub, made once per register. */
export interface HubTree {
  readonly branches: ReadonlyMap<string, HubBranch>;
  /** By hub: itself, and those above it around which there is no other way. */
  readonly selfAndAbove: ReadonlyMap<string, readonly string[]>;
  /** The hub that a device hangs on directly; null when that is not known. */
  hubOf(device: RegisteredDevice): string | null;
}

export function hubTree(register: Register): HubTree {
  const hubOf = (device: RegisteredDevice): string | null =>
    device.siteId === null ? device.hubId : (register.sites.get(device.siteId)?.hubId ?? device.hubId);
  const direct = new Map<string, RegisteredDevice[]>();
  for (const device of register.devices.values()) {
    const hubId = hubOf(device);
    if (hubId === null) continue;
    const devices = direct.get(hubId);
    if (devices === undefined) direct.set(hubId, [device]);
    else devices.push(device);
  }
  const devicesAt = (hubIds: readonly string[]) => hubIds.flatMap((id) => direct.get(id) ?? []);
  const cutOff = new Map([...register.hubs.keys()].map((id) => [id, hubsCutOffBy(register, id)]));
  const branches = new Map<string, HubBranch>();
  const selfAndAbove = new Map<string, string[]>();
  for (const [hubId, hubIds] of cutOff) {
    const heads = hubIds.filter((id) => register.hubs.get(id)?.upstreamIds.includes(hubId) === true);
    const below = heads.map((head) => devicesAt([head, ...(cutOff.get(head) ?? [])]));
    branches.set(hubId, {
      hubId,
      devices: devicesAt([hubId, ...hubIds]),
      own: devicesAt([hubId]),
      below: below.filter((devices) => devices.length > 0),
    });
    for (const id of [hubId, ...hubIds]) selfAndAbove.set(id, [...(selfAndAbove.get(id) ?? []), hubId]);
  }
  return { branches, selfAndAbove, hubOf };
}

/** Hubs all of whose upstreams are this one, or cut off by it. */
function hubsCutOffBy(register: Register, hubId: string): readonly string[] {
  const cut = new Set([hubId]);
  for (let before = 0; before < cut.size;) {
    before = cut.size;
    for (const { id, upstreamIds } of register.hubs.values()) {
      if (upstreamIds.length > 0 && upstreamIds.every((upstream) => cut.has(upstream))) cut.add(id);
    }
  }
  cut.delete(hubId);
  return [...cut];
}

/** Why a hub counts as down. */
export interface HubLoss {
  /** When the first of them went; epoch ms. */
  readonly beganAtMs: number;
  readonly wentDown: number;
  readonly children: number;
  /** From the first to the last of them, s. */
  readonly withinS: number;
}

/**
 * Whether a hub is down, by what hangs on it; null when that does not show. A hub above others is down only when what hangs
 * on it itself went as well as what is behind each hub below: else it is one of those. One that carries nothing but a single
 * hub below is not told from that.
 */
export function inferHubLoss(branch: HubBranch, stateOf: (deviceId: string) => DeviceState): HubLoss | null {
  const { devices, own, below } = branch;
  if (devices.length < FEWEST_CHILDREN || (own.length === 0 && below.length < 2)) return null;
  const beganAt = devices.flatMap(({ id }) => stateOf(id).outage?.beganAtMs ?? []);
  if (beganAt.length < MOST * devices.length) return null;
  const loss = densest(
    beganAt.sort((a, b) => a - b),
    devices.length,
  );
  if (loss.wentDown < MOST * loss.children) return null;
  for (const part of [own, ...below]) {
    let went = 0;
    for (const { id } of part) {
      const at = stateOf(id).outage?.beganAtMs;
      if (at !== undefined && at >= loss.beganAtMs && at <= loss.beganAtMs + WITHIN_MS) went += 1;
    }
    if (went < MOST * part.length) return null;
  }
  return loss;
}

/** The span of `WITHIN_MS` in which most went. */
function densest(sortedMs: readonly number[], children: number): HubLoss {
  let best: HubLoss = { beganAtMs: 0, wentDown: 0, children, withinS: 0 };
  for (let first = 0, last = 0; first < sortedMs.length; first += 1) {
    const fromMs = sortedMs[first] ?? 0;
    while (last < sortedMs.length && (sortedMs[last] ?? 0) <= fromMs + WITHIN_MS) last += 1;
    const wentDown = last - first;
    if (wentDown <= best.wentDown) continue;
    const untilMs = sortedMs[last - 1] ?? fromMs;
    best = { beganAtMs: fromMs, wentDown, children, withinS: Math.round((untilMs - fromMs) / 1_000) };
  }
  return best;
}

/** Since when something behind a hub speaks again; null while nothing does. Epoch ms. */
export function hubBackSince(
  branch: HubBranch,
  stateOf: (deviceId: string) => DeviceState,
  lostSinceMs: number,
): number | null {
  let backSinceMs: number | null = null;
  for (const { id } of branch.devices) {
    const { connectivity, sinceMs } = stateOf(id);
    if (connectivity === 'up' && sinceMs > lostSinceMs && (backSinceMs === null || sinceMs < backSinceMs)) {
      backSinceMs = sinceMs;
    }
  }
  return backSinceMs;
}
