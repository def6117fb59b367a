import { z } from 'zod';
import { communeCode, entityId, instant } from '../vocabulary.js';
import { personName } from './alarms.js';
import { endpoint } from './endpoint.js';

/** What people know and no sensor says. */
export const FACT_KINDS = [
  'generatorRunning',
  'reached',
  'powerExpected',
  'roadCut',
  'officeFlooded',
  'roamingOn',
  'other',
] as const;
export const factKind = z.enum(FACT_KINDS);
export type FactKind = z.infer<typeof factKind>;

export const factSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('site'), id: entityId }),
  z.strictObject({ kind: z.literal('commune'), id: communeCode }),
  z.strictObject({ kind: z.literal('feed'), id: entityId }),
]);
export type FactSubject = z.infer<typeof factSubject>;

export const factBody = z.strictObject({
  subject: factSubject,
  kind: factKind,
  note: z.string().trim().max(2_000),
  /** When it was so; not in the future. */
  at: instant,
  /** Until when it counts; at most 7 days. A generator: when its fuel ends. Power: when it is expected. */
  expiresAt: instant,
  /** `reached`: by what. */
  means: z.enum(['satellitePhone', 'radio', 'landline', 'messenger', 'inPerson']).optional(),
  /** `roamingOn`: whose network carries the others’ subscribers, and whose they are. */
  host: entityId.optional(),
  guests: z.array(entityId).max(10).optional(),
  requestId: z.uuid().optional(),
});
export type FactBody = z.infer<typeof factBody>;

/**
 * A fact counts until it expires or is withdrawn: a running generator stops the battery forecast and the mains alarm’s
 * countdown of its site; a commune that was reached stays isolated in its counts but says how it is reached.
 */
export const fact = factBody.omit({ requestId: true }).extend({
  id: z.string(),
  subjectName: z.string(),
  author: personName,
  recordedAt: instant,
  withdrawnAt: instant.nullable(),
  withdrawnBy: personName.nullable(),
});
export type Fact = z.infer<typeof fact>;

export const factEndpoints = {
  listFacts: endpoint({
    method: 'GET',
    path: '/facts',
    tag: 'facts',
    summary: 'What people know, newest first, at most 500; without `past` only what counts now',
    access: 'wall:read',
    query: z.strictObject({
      kind: z.enum(['site', 'commune', 'feed']).optional(),
      id: z.string().max(64).optional(),
      past: z.stringbool().optional(),
    }),
    response: z.object({ facts: z.array(fact) }),
  }),
  recordFact: endpoint({
    method: 'POST',
    path: '/facts',
    tag: 'facts',
    summary: 'Records a fact',
    access: 'incident:work',
    body: factBody,
    response: fact,
    status: 201,
  }),
  withdrawFact: endpoint({
    method: 'POST',
    path: '/facts/{id}/withdraw',
    tag: 'facts',
    summary: 'It is no longer so, or never was; it stays in the record',
    access: 'incident:work',
    params: z.strictObject({ id: z.string().regex(/^\d{1,18}$/) }),
    response: fact,
  }),
};
