import { z } from 'zod';
import { instant } from '../vocabulary.js';
import { personName } from './alarms.js';
import { endpoint } from './endpoint.js';

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

const byId = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });

export const maintenanceEndpoints = {
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
