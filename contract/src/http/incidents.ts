import { z } from 'zod';
import {
  communeCode,
  deviceClassId,
  entityId,
  impact,
  instant,
  localizedText,
  outageBasis,
  severity,
  type LocalizedText,
} from '../vocabulary.js';
import { personName } from './alarms.js';
import { endpoint, page, pageQuery } from './endpoint.js';
import { fact } from './facts.js';

/** open → acknowledged (somebody has it) → inProgress → resolved (what raised it is over, or somebody mended it) → closed. */
export const INCIDENT_STATES = ['open', 'acknowledged', 'inProgress', 'resolved', 'closed'] as const;
export const incidentState = z.enum(INCIDENT_STATES);
export type IncidentState = z.infer<typeof incidentState>;

/** What an incident is about, worst first: that is also the order of lists above severity for the first two. */
export const INCIDENT_KINDS = [
  'communeIsolated',
  'communeNearlyIsolated',
  'gatewaySilent',
  'hubDown',
  'powerFailure',
  'operatorsDown',
  'siteDown',
  'flood',
  'meeting',
  'single',
] as const;
export const incidentKind = z.enum(INCIDENT_KINDS);
export type IncidentKind = z.infer<typeof incidentKind>;

/** One of several kinds: `kind=communeIsolated&kind=communeNearlyIsolated`. */
const anyKind = z
  .union([incidentKind, z.array(incidentKind).min(1).max(INCIDENT_KINDS.length)])
  .transform((kinds): readonly IncidentKind[] => (typeof kinds === 'string' ? [kinds] : kinds));

/** Where its one place is. */
export const INCIDENT_PLACE_KINDS = [
  'device',
  'site',
  'hub',
  'gateway',
  'feed',
  'commune',
  'river',
  'meeting',
] as const;

/** Why it failed, as a person closes it or as the system proposes it. */
export const CAUSE_CODES = [
  'mainsFailure',
  'batteryEmpty',
  'fibreCut',
  'hubFailure',
  'equipmentFailure',
  'gatewayFailure',
  'floodDamage',
  'landslide',
  'stormDamage',
  'plannedWork',
  'configuration',
  'naturalFlood',
  'falseAlarm',
  'unknown',
] as const;
export const causeCode = z.enum(CAUSE_CODES);
export type CauseCode = z.infer<typeof causeCode>;

/** The causes as people say them. */
export const CAUSE_LABELS: Readonly<Record<CauseCode, LocalizedText>> = {
  mainsFailure: { vi: 'Mất điện lưới', en: 'Mains failure' },
  batteryEmpty: { vi: 'Hết ắc quy', en: 'Battery empty' },
  fibreCut: { vi: 'Đứt cáp quang', en: 'Fibre cut' },
  hubFailure: { vi: 'Hỏng nút truyền dẫn', en: 'Hub failure' },
  equipmentFailure: { vi: 'Hỏng thiết bị', en: 'Equipment failure' },
  gatewayFailure: { vi: 'Hỏng cổng dữ liệu nhà mạng', en: 'Gateway failure' },
  floodDamage: { vi: 'Hư hại do ngập lụt', en: 'Flood damage' },
  landslide: { vi: 'Sạt lở', en: 'Landslide' },
  stormDamage: { vi: 'Hư hại do bão', en: 'Storm damage' },
  plannedWork: { vi: 'Bảo trì theo kế hoạch', en: 'Planned work' },
  configuration: { vi: 'Lỗi cấu hình', en: 'Configuration' },
  naturalFlood: { vi: 'Lũ tự nhiên', en: 'Natural flood' },
  falseAlarm: { vi: 'Báo động giả', en: 'False alarm' },
  unknown: { vi: 'Chưa rõ', en: 'Unknown' },
};

/** The other side: the province asks, the responsible organisation mends. */
export const organisationRequest = z.object({
  organisationId: entityId,
  organisationName: z.string(),
  /** Their number of the trouble. */
  ticket: z.string().nullable(),
  askedAt: instant.nullable(),
  answeredAt: instant.nullable(),
  promisedFor: instant.nullable(),
});
export type OrganisationRequest = z.infer<typeof organisationRequest>;

/** What technicians work: one or more alarms with, as far as known, one cause, in one place. */
export const incident = z.object({
  id: z.string(),
  /** Grows with every change; the ETag is `"<version>"`. */
  version: z.number().int(),
  state: incidentState,
  kind: incidentKind,
  title: localizedText,
  severity,
  impact,
  place: z.object({ kind: z.enum(INCIDENT_PLACE_KINDS), id: z.string(), name: z.string() }),
  /** Set when it is about one device. */
  deviceId: entityId.nullable(),
  deviceName: z.string().nullable(),
  deviceClass: deviceClassId.nullable(),
  /** Where most of it is; null for a gateway, and for a meeting that misses more than one commune. */
  communeCode: communeCode.nullable(),
  communeName: z.string().nullable(),
  /** Every commune it touches. */
  communeCodes: z.array(communeCode),
  /** The responsible organisation; null while nobody can tell. */
  owner: z.string().nullable(),
  basis: outageBasis.nullable(),
  reason: z.string().nullable(),
  /** What it holds now: current alarms, of those the symptoms; devices it touches, of those the ones that are down now. */
  counts: z.object({
    alarms: z.number().int(),
    symptoms: z.number().int(),
    devices: z.number().int(),
    devicesDown: z.number().int(),
  }),
  /** Why, as proposed by the system (with its evidence) or as named by a person, which nothing changes afterwards. */
  cause: z.object({ code: causeCode, evidence: localizedText.nullable(), namedBy: personName.nullable() }).nullable(),
  /** Changes of the grouping that wait for a person, because it is held or its cause was named. */
  proposals: z.number().int(),
  beganAt: instant,
  detectedAt: instant,
  /** When what raised it was over; null while it lasts. */
  endedAt: instant.nullable(),
  acknowledgedBy: personName.nullable(),
  acknowledgedAt: instant.nullable(),
  /** When the acknowledgement runs out and it is open again; null: it does not. */
  acknowledgedUntil: instant.nullable(),
  note: z.string().nullable(),
  /** When it is expected to be over, by whoever works it. */
  expectedAt: instant.nullable(),
  request: organisationRequest.nullable(),
  resolution: z.string().nullable(),
  reopenings: z.number().int(),
  /** The incident it was merged into. */
  mergedInto: z.string().nullable(),
});
export type Incident = z.infer<typeof incident>;

const id = z.string().regex(/^\d{1,18}$/);
const byId = z.strictObject({ id });
const note = z.string().trim().max(2_000);
/**
 * Of what was tapped without a connection and is sent later: the same request is carried out once, and answered each time
 * with the incident as it is.
 */
const requestId = z.uuid().optional();

/** What happened to an incident. `detail` holds what the action needs: a cause, a moment, the other incident. */
export const INCIDENT_ACTIONS = [
  'opened',
  'acknowledged',
  'acknowledgementExpired',
  'assigned',
  'released',
  'started',
  'commented',
  'estimated',
  'causeProposed',
  'causeNamed',
  'requested',
  'severityChanged',
  'alarmAdded',
  'alarmCleared',
  'proposed',
  'proposalAccepted',
  'proposalRejected',
  'split',
  'merged',
  'resolved',
  'reopened',
  'closed',
] as const;
export const incidentChange = z.object({
  id: z.string(),
  at: instant,
  personName: z.string().nullable(),
  action: z.enum(INCIDENT_ACTIONS),
  /** What a person wrote. */
  note: z.string().nullable(),
  /** What the system says of it. */
  text: localizedText.nullable(),
  attachments: z.array(z.object({ id: z.string(), mediaType: z.string(), bytes: z.number().int() })),
});
export type IncidentChange = z.infer<typeof incidentChange>;

/** A regrouping that nobody carried out because a person has the incident. */
export const groupingProposal = z.object({
  id: z.string(),
  at: instant,
  kind: z.enum(['addAlarms', 'mergeInto', 'changeCause']),
  text: localizedText,
  otherIncidentId: z.string().nullable(),
  alarmIds: z.array(z.string()),
});
export type GroupingProposal = z.infer<typeof groupingProposal>;

/** What is known of a commune that is cut off, or nearly: as it is now, by the last known states, and as people say. */
export const isolationEvidence = z.object({
  communeCode,
  communeName: z.string(),
  links: z.number().int(),
  linksDown: z.number().int(),
  /** When the last of its links went down; null while one works, or there is none. */
  linkDownSince: instant.nullable(),
  stations: z.number().int(),
  stationsDown: z.number().int(),
  /** Organisations of which a station there is up: whom the others’ subscribers could roam to. */
  operatorsAlive: z.array(entityId),
  operatorsDown: z.array(entityId),
  /** The incident of a hub that nearly all of what is down hangs on. */
  behindHub: z.object({ hubId: entityId, incidentId: z.string() }).nullable(),
  /** Of the commune and its sites, what counts now, newest first: how it was reached, roaming, roads, fuel. */
  facts: z.array(fact),
});
export type IsolationEvidence = z.infer<typeof isolationEvidence>;

const change = <P extends string, B extends z.ZodRawShape>(path: P, summary: string, body: B) =>
  endpoint({
    method: 'POST',
    path: `/incidents/{id}/${path}`,
    tag: 'incidents',
    summary,
    access: 'incident:work',
    params: byId,
    body: z.strictObject({ ...body, requestId }),
    response: incident,
    versioned: true,
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
      kind: anyKind.optional(),
      holder: z.uuid().optional(),
    }),
    response: page(incident),
  }),
  getIncident: endpoint({
    method: 'GET',
    path: '/incidents/{id}',
    tag: 'incidents',
    summary: 'One incident with what happened to it and what waits for a person; its alarms: `GET /alarms?incidentId=`',
    access: 'wall:read',
    params: byId,
    response: incident.extend({
      changes: z.array(incidentChange),
      openProposals: z.array(groupingProposal),
      /** While it is open and about a commune that is cut off, or nearly. */
      isolation: isolationEvidence.nullable(),
    }),
    versioned: true,
  }),
  acknowledgeIncident: change(
    'acknowledge',
    'Take it, perhaps until a moment. 409 `already-taken` with the holder when somebody else has it, checked before 412',
    { note: note.optional(), until: instant.optional() },
  ),
  releaseIncident: change('release', 'Give it back; only its holder or an administrator may', {
    note: note.optional(),
  }),
  assignIncident: change('assign', 'Hand it to somebody who may work incidents', {
    personId: z.uuid(),
    note: note.optional(),
  }),
  startIncident: change('start', 'Work has begun; whoever starts it holds it', { note: note.optional() }),
  commentIncident: change('comment', 'Say something; also on what somebody else holds. Photos are uploaded first', {
    note: note.min(1),
    attachmentIds: z.array(z.uuid()).max(6).optional(),
  }),
  estimateIncident: change('estimate', 'When it is expected to be over; null takes it back', {
    expectedAt: instant.nullable(),
    note: note.optional(),
  }),
  nameIncidentCause: change('cause', 'Name the cause; nothing regroups by itself under it afterwards', {
    code: causeCode,
    note: note.optional(),
  }),
  requestOrganisation: change('request', 'What the responsible organisation was asked, answered and promised', {
    organisationId: entityId,
    ticket: z.string().trim().max(100).nullable(),
    askedAt: instant.nullable(),
    answeredAt: instant.nullable(),
    promisedFor: instant.nullable(),
  }),
  resolveIncident: change('resolve', 'It is mended, with a cause and how', {
    code: causeCode,
    resolution: note.min(1),
  }),
  closeIncident: change('close', 'Nothing is left to do; only what is resolved can be closed', {
    note: note.optional(),
  }),
  reopenIncident: change('reopen', 'It was not mended after all', { note: note.min(1) }),
  splitIncident: change('split', 'These alarms are something else: they become an incident of their own', {
    alarmIds: z.array(id).min(1).max(1_000),
    note: note.optional(),
  }),
  mergeIncident: change('merge', 'It is the same as another one, which takes its alarms', {
    into: id,
    note: note.optional(),
  }),
  decideProposal: change('decide', 'Carry out what was proposed, or not', {
    proposalId: id,
    accept: z.boolean(),
    note: note.optional(),
  }),
  uploadAttachment: endpoint({
    method: 'POST',
    path: '/attachments',
    tag: 'incidents',
    summary: 'A photo (JPEG, PNG or WebP, base64, at most 2 MiB); one that no comment names within a day is removed',
    access: 'incident:work',
    body: z.strictObject({
      /** Chosen by the client, so that a repeated upload is one photo. */
      id: z.uuid(),
      mediaType: z.enum(['image/jpeg', 'image/png', 'image/webp']),
      base64: z.base64().max(2_800_000),
    }),
    response: z.object({ id: z.string(), bytes: z.number().int() }),
    status: 201,
    maxBodyBytes: 3 * 1024 * 1024,
  }),
  getAttachment: endpoint({
    method: 'GET',
    path: '/attachments/{id}',
    tag: 'incidents',
    summary: 'The photo',
    access: 'session',
    params: z.strictObject({ id: z.uuid() }),
    produces: 'image/jpeg',
  }),
  listColleagues: endpoint({
    method: 'GET',
    path: '/colleagues',
    tag: 'incidents',
    summary: 'Who may hold an incident, to hand one over',
    access: 'incident:work',
    response: z.object({ people: z.array(personName) }),
  }),
};
