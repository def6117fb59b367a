import { between, keyOf } from '../random.js';
import type { Device } from '../fleet/fleet.js';

/** Sample times of a device lie on a grid that its id alone decides: a restart goes on with the same grid. */
export function phaseMs(device: Device): number {
  return Math.floor(between(0, device.reportingIntervalMs, keyOf(device.id), 500));
}

/** The first sample time at or after a moment. */
export function nextSample(phase: number, intervalMs: number, fromMs: number): number {
  return Math.ceil((fromMs - phase) / intervalMs) * intervalMs + phase;
}

/** The number of a sample on its grid: a `seq` that survives restarts. */
export function sampleNumber(atMs: number, intervalMs: number): number {
  return Math.floor(atMs / intervalMs);
}
