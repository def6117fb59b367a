import { z } from 'zod';
import { alarmType, probableCause } from '../alarm-types.js';
import { communeCode, deviceClassId, entityId, instant, localizedText, severity } from '../vocabulary.js';
import { endpoint } from './endpoint.js';

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
    /** Percent of each limit; the larger of the two counts. */
    hysteresisPercent: z.number().min(0).max(90).optional(),
    /** Another metric that must be past a value as well; of a boolean metric true counts as 1. */
    also: z
      .strictObject({
        metric: z.string().max(64),
        above: z.boolean(),
        value: z.number(),
        hysteresis: z.number().min(0),
      })
      .optional(),
    /**
     * What is usual for the device itself: the limit of this severity is at least so many times the median of the metric's
     * 5-minute means over the days, and its value in `values` is the floor. Made anew every day at 07:00; while too little is
     * known, the floor is the limit.
     */
    baseline: z
      .strictObject({ severity, times: z.number().min(1).max(100), days: z.number().int().min(1).max(31) })
      .optional(),
    /** Past the limit for so many of the last so many minutes together, instead of at a moment. */
    sustained: z
      .strictObject({ minutes: z.number().int().min(1).max(60), of: z.number().int().min(1).max(60) })
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
  /** Down, said or inferred; the severity comes from what is left around the device. */
  z.strictObject({ kind: z.literal('connectivity') }),
  /** Not heard for so many reporting intervals. */
  z.strictObject({
    kind: z.literal('absence'),
    intervals: z.number().int().min(2).max(1_000),
    severity,
    /**
     * Sooner and worse where a flood is near: at the first alarm level or above, or when a gauge of the basin told of so much
     * rain (mm) within so long.
     */
    inFlood: z
      .strictObject({
        intervals: z.number().int().min(1).max(1_000),
        severity,
        rainMm: z.number().positive().max(2_000),
        rainOverS: z.number().int().min(3_600).max(86_400),
      })
      .optional(),
  }),
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
    /** So many devices of the class that flap in step, which changed together within so long again and again, are worse. */
    inStep: z
      .strictObject({
        devices: z.number().int().min(2).max(100),
        withinS: z.number().int().min(1).max(300),
        severity,
      })
      .optional(),
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
  /**
   * An endpoint (VCS) that is not registered before a meeting in which it takes part: minutes to its beginning, by severity;
   * or that drops in it for so long, which is as bad as the worst of these.
   */
  z.strictObject({
    kind: z.literal('meeting'),
    minutes: severityValues,
    droppedAfterS: z.number().int().min(0).max(3_600),
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
  /** Of the default also where people changed the rule: what they say themselves is its text and action. */
  source: localizedText,
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

export const alarmRuleEndpoints = {
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
};
