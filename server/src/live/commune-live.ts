import { DEVICE_CLASS_IDS, type ClassCounts, type CommuneLive, type CountsByClass } from '@ioc/contract';
import type { DeviceState } from '../connectivity/device-state.js';
import type { CommuneImpact } from '../connectivity/judgement.js';
import type { RegisteredDevice } from '../devices/registered-device.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * One commune as the wire carries it. `up`, `down` and `stale` count by the last known state and add up to `total`; `blind`
 * says how many of these we cannot see now.
 */
export function toCommuneLive(
  code: string,
  { impact, sinceMs }: CommuneImpact,
  devices: readonly RegisteredDevice[],
  stateOf: (deviceId: string) => DeviceState,
): CommuneLive {
  const counts = Object.fromEntries(
    DEVICE_CLASS_IDS.map((id): [string, Mutable<ClassCounts>] => [
      id,
      { total: 0, up: 0, down: 0, stale: 0, blind: 0 },
    ]),
  ) as Record<(typeof DEVICE_CLASS_IDS)[number], Mutable<ClassCounts>> satisfies CountsByClass;
  const operators = new Map<string, boolean>();
  let stationsOnBattery = 0;
  let blind = 0;
  for (const device of devices) {
    const state = stateOf(device.id);
    const ofClass = counts[device.deviceClass];
    ofClass.total += 1;
    ofClass[state.lastKnown] += 1;
    if (state.connectivity === 'blind') {
      ofClass.blind += 1;
      blind += 1;
    }
    if (device.deviceClass !== 'bts') continue;
    const alive = state.lastKnown === 'up';
    operators.set(device.owner, alive || operators.get(device.owner) === true);
    // What is down draws nothing from its battery any more.
    if (alive && state.onBattery === true) stationsOnBattery += 1;
  }
  const named = [...operators].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    code,
    impact,
    impactSinceMs: sinceMs,
    counts,
    operatorsAlive: named.filter(([, alive]) => alive).map(([owner]) => owner),
    operatorsDown: named.filter(([, alive]) => !alive).map(([owner]) => owner),
    stationsOnBattery,
    blind,
  };
}
