import { z } from 'zod';
import { communeCode, entityId, instant } from '../vocabulary.js';
import { endpoint } from './endpoint.js';

/** Whether a commune has VCS equipment that works: `none` · `dead`: it has, but down or unseen for 14 days · `working`. */
export const coverageState = z.enum(['working', 'dead', 'none']);
export type CoverageState = z.infer<typeof coverageState>;

export const coverageRow = z.object({
  communeCode,
  communeName: z.string(),
  formerProvince: z.string(),
  formerDistrict: z.string(),
  population: z.number().int(),
  populationConfirmed: z.boolean(),
  state: coverageState,
  /** Why it counts as dead, or null. */
  reason: z.enum(['down', 'unseen', 'neverSeen']).nullable(),
  endpoints: z.array(
    z.object({
      id: entityId,
      name: z.string(),
      lastSeenAt: instant.nullable(),
      lastCallAt: instant.nullable(),
    }),
  ),
  linkUp: z.boolean().nullable(),
});
export type CoverageRow = z.infer<typeof coverageRow>;

export const coverageEndpoints = {
  vcsCoverage: endpoint({
    method: 'GET',
    path: '/coverage/vcs',
    tag: 'coverage',
    summary: 'VCS equipment of the 96 communes',
    access: 'wall:read',
    response: z.object({
      asOf: instant,
      counts: z.object({
        working: z.number().int(),
        dead: z.number().int(),
        none: z.number().int(),
      }),
      items: z.array(coverageRow),
    }),
  }),
  vcsCoverageCsv: endpoint({
    method: 'GET',
    path: '/coverage/vcs.csv',
    tag: 'coverage',
    summary: 'The same as CSV in UTF-8 with a byte-order mark, so that Excel opens it right',
    access: 'coverage:export',
    query: z.strictObject({
      state: coverageState.optional(),
      language: z.enum(['vi', 'en']).default('vi'),
    }),
    produces: 'text/csv',
    response: z.string(),
  }),
};
