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
});
export type Alarm = z.infer<typeof alarm>;

export const alarmChange = z.object({
  at: instant,
  severity: severity.nullable(),
  text: localizedText.nullable(),
  /** `raised`, `changed`, `cleared`, or what a person or a window did. */
  action: z.string(),
  personName: z.string().nullable(),
});

/** In which of a device's alarms a rule of a narrower scope replaces the wider one: device before commune before owner before class. */
export const RULE_SCOPES = ['class', 'owner', 'commune', 'device'] as const;
export const ruleScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('class') }),
  z.strictObject({ kind: z.literal('owner'), id: entityId }),
  z.strictObject({ kind: z.literal('commune'), id: communeCode }),
  z.strictObject({ kind: z.literal('device'), id: entityId }),
]);
export type RuleScope = z.infer<typeof ruleScope>;

const severityValues = z.strictObject({
  critical: z.number().optional(),
  major: z.number().optional(),
  minor: z.number().optional(),
  warning: z.number().optional(),
});

/** What a rule looks at. Values are in the metric's unit, times in the unit that the name says. */
export const ruleCondition = z.discriminatedUnion('kind', [
  /** A metric past a value. */
  z.strictObject({
    kind: z.literal('limit'),
    metric: z.string().max(64),
    above: z.boolean(),
    values: severityValues,
    hysteresis: z.number().min(0),
    /** Another metric that must be past a value as well; of a boolean metric true counts as 1. */
    also: z
      .strictObject({
        metric: z.string().max(64),
        above: z.boolean(),
        value: z.number(),
        hysteresis: z.number().min(0),
      })
      .optional(),
  }),
  /** A metric's change per hour over a window, rising only. */
  z.strictObject({
    kind: z.literal('rate'),
    metric: z.string().max(64),
    values: severityValues,
    hysteresisPercent: z.number().min(0).max(90),
    overS: z.number().int().min(60).max(86_400),
    minSamples: z.number().int().min(2).max(100),
  }),
  /** The sum of a metric over a window (rain). */
  z.strictObject({
    kind: z.literal('sum'),
    metric: z.string().max(64),
    overS: z
      .number()
      .int()
      .min(3_600)
      .max(7 * 86_400),
    values: severityValues,
  }),
  /** Down, said or inferred; the severity comes from what is left around the device. */
  z.strictObject({ kind: z.literal('connectivity') }),
  /** Not heard for so many reporting intervals. */
  z.strictObject({ kind: z.literal('absence'), intervals: z.number().int().min(2).max(1_000), severity }),
  /** The device reports an event of this type on its event topic; `*` is any. */
  z.strictObject({ kind: z.literal('event'), eventType: z.string().min(1).max(64), severity }),
  /** Minutes until the battery is empty; `onBattery` is raised as soon as mains is away. */
  z.strictObject({
    kind: z.literal('batteryTime'),
    onBattery: severity.nullable(),
    minutes: severityValues,
    hysteresisMinutes: z.number().min(0),
  }),
  /** The legal alarm levels of the gauge's station. */
  z.strictObject({ kind: z.literal('riverLevel'), hysteresisM: z.number().min(0) }),
  /** Minutes until the next legal level at the present rise. */
  z.strictObject({
    kind: z.literal('riverForecast'),
    minutes: severityValues,
    hysteresisMinutes: z.number().min(0),
    minSamples: z.number().int().min(3).max(100),
  }),
  /**
   * Changes between up and down: so many within the time, or so much of 20 states sampled every 30 s (`onPercent`); until it
   * is below `offPercent`.
   */
  z.strictObject({
    kind: z.literal('flapping'),
    changes: z.number().int().min(2).max(100),
    withinS: z.number().int().min(60).max(3_600),
    onPercent: z.number().min(1).max(100),
    offPercent: z.number().min(0).max(100),
    severity,
  }),
  /** The same value so many times in a row while another gauge of the river moves so far, in the metric's unit. */
  z.strictObject({
    kind: z.literal('stuck'),
    metric: z.string().max(64),
    samples: z.number().int().min(3).max(100),
    neighbourMoves: z.number().positive(),
    severity,
  }),
  /** An implausible or implausibly fast value of a metric; over after so many good samples. */
  z.strictObject({
    kind: z.literal('jump'),
    metric: z.string().max(64),
    goodSamples: z.number().int().min(1).max(100),
    severity,
  }),
  /** The device's clock is steadily off; over after so many good samples. */
  z.strictObject({ kind: z.literal('clock'), goodSamples: z.number().int().min(1).max(100), severity }),
  /** 95th percentile of 5-minute samples over the days, of each direction against the link's capacity, percent. */
  z.strictObject({
    kind: z.literal('capacity'),
    percentile: z.number().min(50).max(100),
    days: z.number().int().min(1).max(31),
    values: severityValues,
  }),
]);
export type RuleCondition = z.infer<typeof ruleCondition>;

const seconds = z
  .number()
  .int()
  .min(0)
  .max(7 * 86_400);

/** What a person sets of a rule. */
export const alarmRuleBody = z.strictObject({
  enabled: z.boolean(),
  condition: ruleCondition,
  raiseAfterS: seconds,
  clearAfterS: seconds,
  probableCause,
  text: localizedText,
  action: localizedText,
});
export type AlarmRuleBody = z.infer<typeof alarmRuleBody>;

export const alarmRule = alarmRuleBody.extend({
  id: z.string(),
  version: z.number().int(),
  deviceClass: deviceClassId,
  /** Names the rule within its class; an override has the key of what it replaces. */
  key: z.string(),
  type: alarmType,
  scope: ruleScope,
  /** What the default rests on: law, a source, or the judgement of people who ran such desks. */
  basis: z.enum(['law', 'source', 'judgement']),
  source: z.string(),
  updatedAt: instant,
  updatedBy: z.string().nullable(),
});
export type AlarmRule = z.infer<typeof alarmRule>;

/** What a rule would do now: the alarms it would raise, and those that stand and would end. */
export const rulePreview = z.object({
  devices: z.number().int(),
  wouldRaise: z.number().int(),
  wouldClear: z.number().int(),
  /** At most 500. */
  raised: z.array(
    z.object({ deviceId: entityId, deviceName: z.string(), communeCode, severity, value: z.number().nullable() }),
  ),
});
export type RulePreview = z.infer<typeof rulePreview>;

const windowSubject = z.strictObject({
  kind: z.enum(['device', 'site', 'commune', 'owner', 'class']),
  id: z.string().min(1).max(64),
});

/**
 * When a window runs, in local time (Asia/Ho_Chi_Minh). `once`: from a moment to a moment. `weekly`: on the days (1 Monday …
 * 7 Sunday) on which it begins, from a time of day for so many minutes; it may cross midnight.
 */
export const windowSchedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), from: instant, until: instant }),
  z.strictObject({
    kind: z.literal('weekly'),
    days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    minutes: z
      .number()
      .int()
      .min(5)
      .max(7 * 1_440),
    validFrom: instant,
    validUntil: instant.nullable(),
  }),
]);
export type WindowSchedule = z.infer<typeof windowSchedule>;

export const maintenanceWindowBody = z.strictObject({
  subject: windowSubject,
  schedule: windowSchedule,
  reason: z.string().trim().min(1).max(500),
});
export const maintenanceWindow = maintenanceWindowBody.extend({
  id: z.string(),
  version: z.number().int(),
  subjectName: z.string(),
  createdBy: personName,
  createdAt: instant,
  endedAt: instant.nullable(),
  /** Whether it runs now, and when it runs next; null when never again. */
  running: z.boolean(),
  nextFrom: instant.nullable(),
  nextUntil: instant.nullable(),
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;

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
  listAlarmRules: endpoint({
    method: 'GET',
    path: '/alarm-rules',
    tag: 'alarm rules',
    summary: 'All rules: the defaults of every class and what overrides them',
    access: 'wall:read',
    query: z.strictObject({ deviceClass: deviceClassId.optional() }),
    response: z.object({ rules: z.array(alarmRule) }),
  }),
  previewAlarmRule: endpoint({
    method: 'POST',
    path: '/alarm-rules/preview',
    tag: 'alarm rules',
    summary: 'What a rule would raise and clear now; saves nothing',
    access: 'rule:write',
    body: z.strictObject({
      deviceClass: deviceClassId,
      key: z.string().max(64),
      scope: ruleScope,
      rule: alarmRuleBody,
    }),
    response: rulePreview,
  }),
  saveAlarmRule: endpoint({
    method: 'PUT',
    path: '/alarm-rules/{id}',
    tag: 'alarm rules',
    summary: 'Changes a rule; the former version is kept',
    access: 'rule:write',
    params: z.strictObject({ id: z.string().max(160) }),
    body: alarmRuleBody,
    response: alarmRule,
    versioned: true,
  }),
  overrideAlarmRule: endpoint({
    method: 'POST',
    path: '/alarm-rules',
    tag: 'alarm rules',
    summary: 'A rule of a narrower scope in place of a class’s rule',
    access: 'rule:write',
    body: z.strictObject({
      deviceClass: deviceClassId,
      key: z.string().max(64),
      scope: ruleScope,
      rule: alarmRuleBody,
    }),
    response: alarmRule,
    status: 201,
  }),
  removeAlarmRule: endpoint({
    method: 'DELETE',
    path: '/alarm-rules/{id}',
    tag: 'alarm rules',
    summary: 'Takes an override away, or sets a class’s rule back to its default',
    access: 'rule:write',
    params: z.strictObject({ id: z.string().max(160) }),
    versioned: true,
    status: 204,
  }),
  getAlarmRuleVersions: endpoint({
    method: 'GET',
    path: '/alarm-rules/{id}/versions',
    tag: 'alarm rules',
    summary: 'What a rule was before, newest first, at most 100',
    access: 'wall:read',
    params: z.strictObject({ id: z.string().max(160) }),
    response: z.object({ versions: z.array(alarmRule) }),
  }),
  listMaintenanceWindows: endpoint({
    method: 'GET',
    path: '/maintenance-windows',
    tag: 'maintenance',
    summary: 'Windows that run or will run, and with `past` those that ended, newest first, at most 500',
    access: 'wall:read',
    query: z.strictObject({ past: z.stringbool().optional() }),
    response: z.object({ windows: z.array(maintenanceWindow) }),
  }),
  createMaintenanceWindow: endpoint({
    method: 'POST',
    path: '/maintenance-windows',
    tag: 'maintenance',
    summary:
      'Announces work: what is covered is judged again when it ends. Hubs, isolated communes and gauges at an alarm level are never muted',
    access: 'maintenance:write',
    body: maintenanceWindowBody,
    response: maintenanceWindow,
    status: 201,
  }),
  endMaintenanceWindow: endpoint({
    method: 'POST',
    path: '/maintenance-windows/{id}/end',
    tag: 'maintenance',
    summary: 'Ends it now, and every later instance of it',
    access: 'maintenance:write',
    params: byId,
    response: maintenanceWindow,
    versioned: true,
  }),
};
