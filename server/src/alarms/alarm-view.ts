import { COMMUNE_BY_CODE, type Alarm } from '@ioc/contract';
import type { Register } from '../devices/registered-device.js';
import type { AlarmRecord } from './alarm.js';

/** An alarm as the API shows it. */
export function alarmView(alarm: AlarmRecord, register: Register): Alarm {
  const { shelved, clearedAtMs } = alarm;
  return {
    id: String(alarm.id),
    version: alarm.version,
    resource: { ...alarm.resource },
    deviceClass: alarm.deviceId === null ? null : (register.devices.get(alarm.deviceId)?.deviceClass ?? null),
    communeCode: alarm.communeCode,
    communeName: alarm.communeCode === null ? null : (COMMUNE_BY_CODE.get(alarm.communeCode)?.name ?? null),
    owner: alarm.owner,
    type: alarm.type,
    qualifier: alarm.qualifier,
    severity: alarm.severity,
    probableCause: alarm.probableCause,
    text: alarm.text,
    action: alarm.action,
    estimated: alarm.estimated,
    beganAt: instantOf(alarm.beganAtMs),
    raisedAt: instantOf(alarm.raisedAtMs),
    changedAt: instantOf(alarm.changedAtMs),
    clearedAt: clearedAtMs === null ? null : instantOf(clearedAtMs),
    operatorState: alarm.operatorState,
    suppression: alarm.suppression,
    shelved:
      shelved === null
        ? null
        : {
            by: shelved.by,
            at: instantOf(shelved.atMs),
            until: instantOf(shelved.untilMs),
            reason: shelved.reason,
          },
    incidentId: alarm.incidentId === null ? null : String(alarm.incidentId),
    ruleId: alarm.ruleId,
    ...repairOf(alarm),
  };
}

function repairOf({ detail }: AlarmRecord): Pick<Alarm, 'repaired' | 'firstBeganAt'> {
  const { repaired, firstBeganAtMs } = detail;
  if (repaired !== 'moved' && repaired !== 'removed') return { repaired: null, firstBeganAt: null };
  return { repaired, firstBeganAt: typeof firstBeganAtMs === 'number' ? instantOf(firstBeganAtMs) : null };
}

export function instantOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
