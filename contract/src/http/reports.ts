import { z } from 'zod';
import { communeCode, entityId, instant, impact, localizedText, severity } from '../vocabulary.js';
import { personName } from './alarms.js';
import { endpoint } from './endpoint.js';
import { fact } from './facts.js';
import { incidentKind, incidentState } from './incidents.js';

/** Stations of one operator, or of all (`owner` null). */
const stationLine = z.object({
  owner: z.string().nullable(),
  ownerName: z.string(),
  total: z.number().int(),
  down: z.number().int(),
  onBattery: z.number().int(),
  blind: z.number().int(),
  /** Down at the former report and up now. */
  restored: z.number().int(),
  /** Against the former report; null when there is none. */
  downBefore: z.number().int().nullable(),
});

const riverLine = z.object({
  deviceId: entityId,
  station: z.string(),
  river: z.string(),
  levelM: z.number().nullable(),
  at: instant.nullable(),
  alarmLevel: z.number().int().min(0).max(3).nullable(),
  /** Change over the last hour, m; null without two samples. */
  risePerHourM: z.number().nullable(),
  /** Estimate of ours: when the next level is reached at this rise; null when it is not rising. */
  nextLevelAt: instant.nullable(),
  confirmed: z.boolean(),
});

const workLine = z.object({
  incidentId: z.string(),
  kind: incidentKind,
  title: localizedText,
  severity,
  state: incidentState,
  beganAt: instant,
  holder: z.string().nullable(),
  organisation: z.string().nullable(),
  ticket: z.string().nullable(),
  expectedAt: instant.nullable(),
});

/** The province at a minute, and what differs from the report before. */
export const situationReport = z.object({
  /** The minute it is as of. */
  at: instant,
  /** The one it is compared with; null for the first. */
  comparedWith: instant.nullable(),
  /** True while any of the telemetry is made by simulators. */
  simulated: z.boolean(),
  /** False while our own intake is broken: then nothing below is fresh. */
  seeing: z.boolean(),
  stations: z.array(stationLine),
  hubs: z.object({
    total: z.number().int(),
    down: z.array(z.object({ id: entityId, name: z.string(), since: instant })),
  }),
  communes: z.array(
    z.object({
      code: communeCode,
      name: z.string(),
      impact,
      since: instant,
      operatorsAlive: z.array(z.string()),
      isNew: z.boolean(),
      /** How it was reached, power expected, roaming on: facts that count now. */
      facts: z.array(fact),
    }),
  ),
  /** Communes that were isolated or nearly so at the former report and are not now. */
  communesRestored: z.array(z.object({ code: communeCode, name: z.string() })),
  links: z.object({
    total: z.number().int(),
    down: z.number().int(),
    downBefore: z.number().int().nullable(),
    downCommunes: z.array(z.object({ code: communeCode, name: z.string(), since: instant })),
  }),
  rivers: z.array(riverLine),
  work: z.array(workLine),
  blindGateways: z.array(z.object({ id: entityId, name: z.string(), since: instant, devices: z.number().int() })),
});
export type SituationReport = z.infer<typeof situationReport>;

/** The shift handover: the situation, and what the next shift must know besides. */
export const handover = z.object({
  id: z.string(),
  version: z.number().int(),
  situation: situationReport,
  shelved: z.array(
    z.object({
      alarmId: z.string(),
      resourceName: z.string(),
      text: localizedText,
      until: instant,
      reason: z.string(),
      by: z.string(),
    }),
  ),
  windows: z.array(z.object({ id: z.string(), subjectName: z.string(), until: instant, reason: z.string() })),
  silentSensors: z.array(
    z.object({ deviceId: entityId, name: z.string(), communeName: z.string(), lastAt: instant.nullable() }),
  ),
  remarks: z.string(),
  from: personName.nullable(),
  fromSignedAt: instant.nullable(),
  to: personName.nullable(),
  toSignedAt: instant.nullable(),
});
export type Handover = z.infer<typeof handover>;

/** A site whose battery runs out, by what it means to people. */
export const generatorCandidate = z.object({
  siteId: entityId,
  siteName: z.string(),
  communeCode,
  communeName: z.string(),
  lat: z.number(),
  lon: z.number(),
  operators: z.array(z.string()),
  onBatterySince: instant.nullable(),
  /** Estimate of ours; null when nothing tells. Already empty: 0. */
  minutesLeft: z.number().int().nullable(),
  emptyAt: instant.nullable(),
  isHub: z.boolean(),
  /** Stations that hang on its hub, itself not counted. */
  stationsBehind: z.number().int(),
  lastOfCommune: z.boolean(),
  lastOfOperator: z.array(z.string()),
  /** Of the commune, as far as known; else null. */
  population: z.number().int().nullable(),
  /** Road cut, reachable: from facts; null when nobody said. */
  reachable: z.boolean().nullable(),
  generatorUntil: instant.nullable(),
  powerExpectedAt: instant.nullable(),
  feedId: entityId.nullable(),
  feedName: z.string().nullable(),
  /** Larger is more urgent; how it is made stands in `why`. */
  priority: z.number(),
  why: localizedText,
});
export type GeneratorCandidate = z.infer<typeof generatorCandidate>;

export const feederCandidate = z.object({
  feedId: entityId,
  feedName: z.string(),
  organisationName: z.string(),
  sitesOnBattery: z.number().int(),
  sitesDown: z.number().int(),
  hubs: z.number().int(),
  lastOfCommunes: z.number().int(),
  /** Of the first of its sites. */
  minutesLeft: z.number().int().nullable(),
  powerExpectedAt: instant.nullable(),
  priority: z.number(),
  why: localizedText,
});
export type FeederCandidate = z.infer<typeof feederCandidate>;

const tag = 'reports';

export const reportEndpoints = {
  getSituation: endpoint({
    method: 'GET',
    path: '/reports/situation',
    tag,
    summary: 'The province as of a minute (now unless told), against the kept report before it, or against `since`',
    access: 'wall:read',
    query: z.strictObject({ at: instant.optional(), since: instant.optional() }),
    response: situationReport,
  }),
  getSituationPdf: endpoint({
    method: 'GET',
    path: '/reports/situation.pdf',
    tag,
    summary: 'The same as one page of A4',
    access: 'wall:read',
    query: z.strictObject({
      at: instant.optional(),
      since: instant.optional(),
      lang: z.enum(['vi', 'en']).default('vi'),
    }),
    produces: 'application/pdf',
  }),
  getSituationText: endpoint({
    method: 'GET',
    path: '/reports/situation.txt',
    tag,
    summary: 'The same as plain text for a chat, at most 2,000 characters',
    access: 'wall:read',
    query: z.strictObject({
      at: instant.optional(),
      since: instant.optional(),
      lang: z.enum(['vi', 'en']).default('vi'),
    }),
    produces: 'text/plain; charset=utf-8',
  }),
  keepSituation: endpoint({
    method: 'POST',
    path: '/reports/situation',
    tag,
    summary: 'Keeps the report of this minute; later ones are compared with it',
    access: 'report:sign',
    response: situationReport,
    status: 201,
  }),
  listSituations: endpoint({
    method: 'GET',
    path: '/reports',
    tag,
    summary: 'The kept reports, newest first, at most 200',
    access: 'wall:read',
    response: z.object({ reports: z.array(z.object({ at: instant, by: z.string().nullable() })) }),
  }),
  getHandover: endpoint({
    method: 'GET',
    path: '/handovers/current',
    tag,
    summary: 'The handover that is being prepared; one is begun when there is none',
    access: 'report:sign',
    response: handover,
    versioned: true,
  }),
  remarkHandover: endpoint({
    method: 'POST',
    path: '/handovers/{id}/remarks',
    tag,
    summary: 'What the next shift must know besides',
    access: 'report:sign',
    params: z.strictObject({ id: z.string().regex(/^\d{1,18}$/) }),
    body: z.strictObject({ remarks: z.string().max(10_000) }),
    response: handover,
    versioned: true,
  }),
  signHandover: endpoint({
    method: 'POST',
    path: '/handovers/{id}/sign',
    tag,
    summary:
      'Whoever hands over signs first, which fixes what it says; whoever takes over signs second, and is another person',
    access: 'report:sign',
    params: z.strictObject({ id: z.string().regex(/^\d{1,18}$/) }),
    body: z.strictObject({ as: z.enum(['from', 'to']) }),
    response: handover,
    versioned: true,
  }),
  listHandovers: endpoint({
    method: 'GET',
    path: '/handovers',
    tag,
    summary: 'Handovers signed by both, newest first, at most 100',
    access: 'wall:read',
    response: z.object({ handovers: z.array(handover) }),
  }),
  getPowerPriorities: endpoint({
    method: 'GET',
    path: '/power-priorities',
    tag,
    summary:
      'Where to send the generator first (the 200 most urgent of `total` sites), and which feeders to ask the power company for first',
    access: 'wall:read',
    response: z.object({
      at: instant,
      total: z.number().int(),
      sites: z.array(generatorCandidate),
      feeders: z.array(feederCandidate),
    }),
  }),
};
