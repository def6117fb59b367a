import type { Metrics } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';

/** One accepted reading: validated, its time checked, its metrics of the right types. */
export interface Reading {
  readonly device: RegisteredDevice;
  /** Sample time by the device's clock, epoch ms; with the device it is the reading's identity. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  /** The moment it stands for in live state: `atMs`, or the arrival when the device's clock is steadily off. */
  readonly effectiveAtMs: number;
  readonly seq: number | null;
  /** False: history only (`historical`, or older than 10 minutes); live state stays untouched. */
  readonly live: boolean;
  /** Measured clock offset while taken live by arrival time, ms; else null. */
  readonly clockOffsetMs: number | null;
  readonly metrics: Metrics;
  /** Names of suspect metrics; empty when none. */
  readonly suspect: readonly string[];
}
