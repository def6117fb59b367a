import type { AlarmRule } from '@ioc/contract';
import type { OpenOutage } from '../connectivity/device-state.js';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { AlarmKey, WantedAlarm } from './alarm.js';
import type { JudgedLoss } from './loss-severity.js';

export function lossKey(device: RegisteredDevice): AlarmKey {
  return { resource: { kind: 'device', id: device.id }, type: 'connectivityLost', qualifier: '' };
}

/** What an alarm on a device has in common, whatever it is about. */
export function ofDevice(
  device: RegisteredDevice,
): Pick<WantedAlarm, 'resource' | 'deviceId' | 'communeCode' | 'owner'> {
  return {
    resource: { kind: 'device', id: device.id, name: device.name },
    deviceId: device.id,
    communeCode: device.communeCode,
    owner: device.owner,
  };
}

/** The alarm on a loss. `outageId`: the row of the outage; null when it is not known. */
export function lossAlarm(
  device: RegisteredDevice,
  rule: AlarmRule,
  outage: OpenOutage,
  judged: JudgedLoss,
  outageId: string | null,
): WantedAlarm {
  const { beganAtMs, detectedAtMs, basis, reason } = outage;
  return {
    ...ofDevice(device),
    type: 'connectivityLost',
    qualifier: '',
    severity: judged.severity,
    probableCause: rule.probableCause,
    text: rule.text,
    action: rule.action,
    estimated: false,
    beganAtMs,
    ruleId: rule.id,
    detail: { outageId, basis, reason, detectedAtMs, impact: judged.impact },
  };
}
