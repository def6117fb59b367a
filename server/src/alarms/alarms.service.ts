import { Injectable } from '@nestjs/common';
import type { Severity } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { Reading } from '../readings/reading.js';

/** Undesired states of devices that need an action (RFC 8632): raised, changed, cleared. */
@Injectable()
export class AlarmsService {
  /** Loads the current alarms. */
  start(): Promise<void> {
    return Promise.reject(new Error('not built yet'));
  }

  /** Judges a batch's live readings and writes what changes, in the batch's transaction. Returns the devices concerned. */
  follow(tx: Tx, readings: readonly Reading[], nowMs: number): Promise<ReadonlySet<string>> {
    return Promise.reject(new Error(`not built yet: ${typeof tx} ${readings.length} ${nowMs}`));
  }

  /** Worst severity of a device's current alarms; null when there is none. */
  severityOf(deviceId: string): Severity | null {
    throw new Error(`not built yet: ${deviceId}`);
  }

  /** River sensors: the legal alarm level reached, 0–3; null when no level applies. */
  alarmLevelOf(deviceId: string): number | null {
    throw new Error(`not built yet: ${deviceId}`);
  }
}
