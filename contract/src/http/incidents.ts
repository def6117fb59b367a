import { z } from 'zod';
import { communeCode, deviceClassId, entityId, impact, instant, outageBasis, severity } from '../vocabulary.js';
import { endpoint, page, pageQuery } from './endpoint.js';

export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export const incidentState = z.enum(INCIDENT_STATES);
export type IncidentState = z.infer<typeof incidentState>;

/** What a technician works. For now one per outage of a device; grouping by cause comes on top of the same record. */
export const incident = z.object({
  id: z.string(),
  /** Grows with every change; the ETag is `"<version>"`. */
  version: z.number().int(),
  state: incidentState,
  severity,
  impact,
  deviceId: entityId,
  deviceName: z.string(),
  deviceClass: deviceClassId,
  communeCode,
  communeName: z.string(),
  /** The responsible organisation. */
  owner: z.string(),
  basis: outageBasis,
  reason: z.string().nullable(),
  /** When the device went down, and when we knew. */
  beganAt: instant,
  detectedAt: instant,
  /** When service was back; null while it is down. */
  endedAt: instant.nullable(),
  acknowledgedBy: z.object({ personId: z.string(), name: z.string() }).nullable(),
  acknowledgedAt: instant.nullable(),
  note: z.string().nullable(),
});
export type Incident = z.infer<typeof incident>;

const byId = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });
const note = z.string().trim().max(2_000);

export const incidentChange = z.object({
  at: instant,
  personName: z.string().nullable(),
  action: z.enum(['opened', 'acknowledged', 'released', 'resolved', 'severityChanged']),
  note: z.string().nullable(),
});

export const incidentEndpoints = {
  listIncidents: endpoint({
    method: 'GET',
    path: '/incidents',
    tag: 'incidents',
    summary: 'Incidents, newest first',
    access: 'wall:read',
    query: z.strictObject({
      ...pageQuery,
      state: incidentState.optional(),
      deviceId: entityId.optional(),
      communeCode: communeCode.optional(),
      deviceClass: deviceClassId.optional(),
      severity: severity.optional(),
    }),
    response: page(incident),
  }),
  getIncident: endpoint({
    method: 'GET',
    path: '/incidents/{id}',
    tag: 'incidents',
    summary: 'One incident with what happened to it',
    access: 'wall:read',
    params: byId,
    response: incident.extend({ changes: z.array(incidentChange) }),
    versioned: true,
  }),
  acknowledgeIncident: endpoint({
    method: 'POST',
    path: '/incidents/{id}/acknowledge',
    tag: 'incidents',
    summary: 'Take it. 409 `already-taken` with the holder when somebody else has it, checked before 412',
    access: 'incident:work',
    params: byId,
    body: z.strictObject({ note: note.optional() }),
    response: incident,
    versioned: true,
  }),
  releaseIncident: endpoint({
    method: 'POST',
    path: '/incidents/{id}/release',
    tag: 'incidents',
    summary: 'Give it back; only its holder or an administrator may',
    access: 'incident:work',
    params: byId,
    body: z.strictObject({ note: note.optional() }),
    response: incident,
    versioned: true,
  }),
};
