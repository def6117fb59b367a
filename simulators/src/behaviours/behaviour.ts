import type { Metrics } from '@ioc/contract';
import type { Device } from '../fleet/fleet.js';
import type { World } from '../world/world.js';

/**
 * Whether a device is heard at a moment.
 * `mute`: its session lives but it reports nothing · `offline`: not heard; `said` when somebody can still say so (the
 * gateway of a station; a device that says farewell), otherwise it is silent and its last will speaks.
 * `keepsSamples`: it goes on measuring and sends what it kept, as historical, when it is heard again.
 */
export type Presence =
  | { readonly state: 'online' }
  | { readonly state: 'mute'; readonly sinceMs: number; readonly keepsSamples: boolean }
  | {
      readonly state: 'offline';
      readonly sinceMs: number;
      readonly reason: string;
      readonly said: boolean;
      readonly keepsSamples: boolean;
    };

/** How devices of a class behave: pure functions of device, world and time. */
export interface Behaviour {
  presence(device: Device, world: World, atMs: number): Presence;
  /** What it measures at a moment at which it runs. */
  metrics(device: Device, world: World, atMs: number): Metrics;
}

export const ONLINE: Presence = { state: 'online' };

export function offline(
  sinceMs: number,
  reason: string,
  options: { said?: boolean; keepsSamples?: boolean } = {},
): Presence {
  return {
    state: 'offline',
    sinceMs,
    reason,
    said: options.said ?? false,
    keepsSamples: options.keepsSamples ?? false,
  };
}

/** Rounded as instruments print. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
