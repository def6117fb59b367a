import type { AlarmType, Suppression } from '@ioc/contract';
import { alarmKey, type AlarmKey, type AlarmRecord } from './alarm.js';

/** What a maintenance window never mutes, and what is about no device that one could cover. */
const NEVER_MUTED: ReadonlySet<AlarmType> = new Set<AlarmType>([
  'hubDown',
  'communeIsolated',
  'communeNearlyIsolated',
  'gatewaySilent',
]);

export interface MutingFacts {
  standingOf(key: string): AlarmRecord | null;
  /** A maintenance window runs for the device. */
  covers(deviceId: string): boolean;
  alarmLevelOf(deviceId: string): number | null;
}

/**
 * Why an alarm tells nobody, as far as windows and flapping go; null when it does. A gauge at an alarm level is never muted,
 * whatever its alarm is about: people decide by it.
 */
export function suppressionOf(
  alarm: Pick<AlarmRecord, 'type' | 'deviceId'>,
  facts: MutingFacts,
): Exclude<Suppression, 'symptom'> | null {
  const { type, deviceId } = alarm;
  if (deviceId === null || NEVER_MUTED.has(type)) return null;
  if (facts.covers(deviceId) && (facts.alarmLevelOf(deviceId) ?? 0) < 1) return 'maintenance';
  if (type !== 'connectivityLost') return null;
  const flapping: AlarmKey = { resource: { kind: 'device', id: deviceId }, type: 'flapping', qualifier: '' };
  return facts.standingOf(alarmKey(flapping)) === null ? null : 'flapping';
}
