import { z } from 'zod';
import { alarmResourceKind, alarmType, probableCause } from '../alarm-types.js';
import { communeCode, deviceClassId, entityId, instant, localizedText, severity } from '../vocabulary.js';
import { endpoint, page, pageQuery } from './endpoint.js';

/** What people did about an alarm (RFC 8632): shelving ends by itself, the others do not touch the alarm's own state. */
export const OPERATOR_STATES = ['none', 'acknowledged', 'closed', 'shelved'] as const;
export const operatorState = z.enum(OPERATOR_STATES);
export type OperatorState = z.infer<typeof operatorState>;

/** Why an alarm that stands tells nobody: it hangs on a failed parent, a maintenance window runs, or it flaps. */
export const SUPPRESSIONS = ['symptom', 'maintenance', 'flapping'] as const;
export const suppression = z.enum(SUPPRESSIONS);
export type Suppression = z.infer<typeof suppression>;

/** Somebody, by the id of the account and the name that people know. */
export const personName = z.object({ personId: z.string(), name: z.string() });

/** One occurrence of an undesired state. A recurrence is another alarm. */
export const alarm = z.object({
  id: z.string(),
  version: z.number().int(),
  resource: z.object({ kind: alarmResourceKind, id: z.string(), name: z.string() }),
  /** Set when the resource is a device. */
  deviceClass: deviceClassId.nullable(),
  /** Null for a gateway or a hub that serves several. */
  communeCode: communeCode.nullable(),
  communeName: z.string().nullable(),
  owner: z.string().nullable(),
  type: alarmType,
  qualifier: z.string(),
  severity,
  probableCause,
  text: localizedText,
  action: localizedText,
  /** True for forecasts of ours, and for river levels that are not confirmed. */
  estimated: z.boolean(),
  /** When the state itself began; raised after the rule’s delay. */
  beganAt: instant,
  raisedAt: instant,
  changedAt: instant,
  clearedAt: instant.nullable(),
  operatorState,
  suppression: suppression.nullable(),
  shelved: z.object({ by: personName, at: instant, until: instant, reason: z.string() }).nullable(),
  /** The incident it belongs to; null when it is nobody's work. */
  incidentId: z.string().nullable(),
  /** The rule that raised it. */
  ruleId: z.string().nullable(),
  /** Late data corrected it, as its changes tell: it began at another time, or the state never was. */
  repaired: z.enum(['moved', 'removed']).nullable(),
  /** When it was told to have begun before late data corrected it; null: nothing did, or it was not kept then. */
  firstBeganAt: instant.nullable(),
});
export type Alarm = z.infer<typeof alarm>;

export const alarmChange = z.object({
  at: instant,
  severity: severity.nullable(),
  text: localizedText.nullable(),
  /** `raised`, `changed`, `cleared`, `repaired` (late data corrected it), or what a person or a window did. */
  action: z.string(),
  personName: z.string().nullable(),
});

/** How busy the desk is, against ISA-18.2: at most 10 new alarms in 10 minutes for one operator. */
export const alarmLoad = z.object({
  newAlarms10Min: z.number().int(),
  operatorsOnDuty: z.number().int(),
  perOperator10Min: z.number(),
  flood: z.object({ on: z.boolean(), since: instant.nullable() }),
  /** New alarms (not suppressed) of every 10 minutes of the last 24 hours, oldest first. */
  history: z.array(z.object({ at: instant, alarms: z.number().int() })),
  /** Devices with most alarms in the last 24 h, at most ten. */
  worst: z.array(z.object({ deviceId: entityId, deviceName: z.string(), communeCode, alarms: z.number().int() })),
  /** Alarms that stand for longer than 24 h, oldest first, at most 50. */
  stale: z.array(alarm),
  /** Alarms that came three times or more within an hour, at most 50. */
  chattering: z.array(
    z.object({ deviceId: entityId, deviceName: z.string(), type: alarmType, occurrences: z.number().int() }),
  ),
  shelved: z.number().int(),
  shelvedNearEnd: z.number().int(),
});
export type AlarmLoad = z.infer<typeof alarmLoad>;

const byId = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });

export const alarmEndpoints = {
  listAlarms: endpoint({
    method: 'GET',
    path: '/alarms',
    tag: 'alarms',
    summary: 'Alarms, newest first; `current` leaves out what is cleared, `notable` what is suppressed or shelved',
    access: 'wall:read',
    query: z.strictObject({
      ...pageQuery,
      state: z.enum(['current', 'cleared', 'all']).default('current'),
      show: z.enum(['notable', 'suppressed', 'shelved', 'all']).default('all'),
      deviceId: entityId.optional(),
      communeCode: communeCode.optional(),
      deviceClass: deviceClassId.optional(),
      type: alarmType.optional(),
      severity: severity.optional(),
      incidentId: z
        .string()
        .regex(/^\d{1,18}$/)
        .optional(),
    }),
    response: page(alarm),
  }),
  getAlarm: endpoint({
    method: 'GET',
    path: '/alarms/{id}',
    tag: 'alarms',
    summary: 'One alarm with its changes',
    access: 'wall:read',
    params: byId,
    response: alarm.extend({ changes: z.array(alarmChange) }),
    versioned: true,
  }),
  shelveAlarm: endpoint({
    method: 'POST',
    path: '/alarms/{id}/shelve',
    tag: 'alarms',
    summary: 'Puts it aside until a moment (at most 7 days), with a reason; then it is judged again',
    access: 'alarm:shelve',
    params: byId,
    body: z.strictObject({ until: instant, reason: z.string().trim().min(1).max(500) }),
    response: alarm,
    versioned: true,
  }),
  unshelveAlarm: endpoint({
    method: 'POST',
    path: '/alarms/{id}/unshelve',
    tag: 'alarms',
    summary: 'Ends the shelving now',
    access: 'alarm:shelve',
    params: byId,
    response: alarm,
    versioned: true,
  }),
  getAlarmLoad: endpoint({
    method: 'GET',
    path: '/alarms/load',
    tag: 'alarms',
    summary: 'How busy the desk is, the worst devices, stale and chattering alarms',
    access: 'wall:read',
    response: alarmLoad,
  }),
  endAlarmFlood: endpoint({
    method: 'POST',
    path: '/alarms/flood/end',
    tag: 'alarms',
    summary: 'Says by hand that the flood is over; it begins again by itself above 10 new alarms in 10 minutes',
    access: 'alarm:shelve',
    status: 204,
  }),
};
