import { z } from 'zod';
import { communeCode, deviceClassId, entityId, instant } from '../vocabulary.js';
import { endpoint, page, pageQuery } from './endpoint.js';

/** Why a message, or one reading of a batch, was rejected. */
export const REJECT_REASONS = [
  'topic-shape',
  'topic-province',
  'topic-commune',
  'topic-class',
  'topic-id',
  'topic-kind',
  'payload-too-large',
  'payload-not-json',
  'payload-shape',
  'batch-too-long',
  'time-future',
  'time-too-old',
  'commune-mismatch',
  'class-mismatch',
  'gateway-mismatch',
  'gateway-unknown',
  'no-metrics',
  'metric-type',
  'session-old',
  'refused-by-database',
] as const;
export const rejectReason = z.enum(REJECT_REASONS);
export type RejectReason = z.infer<typeof rejectReason>;

export const deadLetter = z.object({
  id: z.string(),
  receivedAt: instant,
  topic: z.string(),
  reason: rejectReason,
  /** What exactly, such as the path of the bad field. */
  detail: z.string().nullable(),
  /** The first 1 KiB, as text where it is UTF-8. */
  payload: z.string(),
  payloadBytes: z.number().int(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

export const quarantinedDevice = z.object({
  id: entityId,
  /** From its topic; null when it came in a gateway's batch. */
  communeCode: communeCode.nullable(),
  deviceClass: deviceClassId.nullable(),
  gatewayId: entityId.nullable(),
  firstSeenAt: instant,
  lastSeenAt: instant,
  messages: z.number().int(),
  ignored: z.boolean(),
  /** The latest payload, first 1 KiB. */
  sample: z.string(),
});
export type QuarantinedDevice = z.infer<typeof quarantinedDevice>;

export const intakeEndpoints = {
  listDeadLetters: endpoint({
    method: 'GET',
    path: '/dead-letters',
    tag: 'intake',
    summary: 'Rejected messages, newest first; the list is bounded',
    access: 'intake:read',
    query: z.strictObject({
      ...pageQuery,
      reason: rejectReason.optional(),
      q: z.string().max(100).optional(),
    }),
    response: page(deadLetter),
  }),
  deadLetterCounts: endpoint({
    method: 'GET',
    path: '/dead-letters/counts',
    tag: 'intake',
    summary: 'Rejections by reason and hour of the last 24 hours',
    access: 'intake:read',
    response: z.object({
      items: z.array(
        z.object({
          hour: instant,
          reason: rejectReason,
          count: z.number().int(),
        }),
      ),
    }),
  }),
  listQuarantine: endpoint({
    method: 'GET',
    path: '/quarantine',
    tag: 'intake',
    summary: 'Devices that speak but are not registered',
    access: 'intake:read',
    query: z.strictObject({ ...pageQuery, ignored: z.stringbool().optional() }),
    response: page(quarantinedDevice),
  }),
  adoptDevice: endpoint({
    method: 'POST',
    path: '/quarantine/{id}/adopt',
    tag: 'intake',
    summary: 'Register a quarantined device; its readings are taken from now on',
    access: 'register:write',
    params: z.strictObject({ id: entityId }),
    body: z.strictObject({
      deviceClass: deviceClassId,
      communeCode,
      name: z.string().min(1).max(120),
      owner: z.string().min(1).max(60),
      siteId: entityId.optional(),
      hubId: entityId.optional(),
      gatewayId: entityId.optional(),
      lat: z.number().min(13).max(17),
      lon: z.number().min(106).max(111),
      hardened: z.boolean().default(false),
      attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
    status: 201,
    response: z.object({ id: entityId }),
  }),
  ignoreDevice: endpoint({
    method: 'POST',
    path: '/quarantine/{id}/ignore',
    tag: 'intake',
    summary: 'Ignore or watch again; it stays listed',
    access: 'register:write',
    params: z.strictObject({ id: entityId }),
    body: z.strictObject({ ignored: z.boolean() }),
    status: 204,
  }),
};
