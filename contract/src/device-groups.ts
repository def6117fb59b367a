import type { DeviceGroup, DeviceLive } from './live.js';

type State = Omit<DeviceLive, 'sinceMs'>;

/** Puts devices in the same state together, in the order in which the states are met. */
export function groupDevices(devices: Iterable<readonly [id: string, live: DeviceLive]>): DeviceGroup[] {
  const groups = new Map<string, DeviceGroup>();
  for (const [id, { sinceMs, ...state }] of devices) {
    const key = JSON.stringify(state);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { ...state, ids: [], sinceMs: [] }));
    group.ids.push(id);
    group.sinceMs.push(sinceMs);
  }
  return [...groups.values()];
}

/** Every device of the groups, with its state. */
export function* ungroupDevices(groups: readonly DeviceGroup[]): Generator<[id: string, live: DeviceLive]> {
  for (const { ids, sinceMs, ...state } of groups) yield* ungroup(state, ids, sinceMs);
}

function* ungroup(
  state: State,
  ids: readonly string[],
  sinceMs: readonly number[],
): Generator<[id: string, live: DeviceLive]> {
  for (const [index, id] of ids.entries()) yield [id, { ...state, sinceMs: sinceMs[index] ?? 0 }];
}
