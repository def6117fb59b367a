import { z } from 'zod';
import { instant } from '../vocabulary.js';

/** RFC 9457 problem details, `application/problem+json`. `code` is stable; screens translate it. */
export const PROBLEM_CODES = [
  'bad-request',
  'bad-cursor',
  'not-signed-in',
  'wrong-credentials',
  'too-many-attempts',
  'forbidden',
  'password-change-required',
  'not-found',
  'method-not-allowed',
  'payload-too-large',
  'unsupported-media-type',
  'precondition-required',
  'precondition-failed',
  'already-taken',
  'conflict',
  'import-rejected',
  'unavailable',
  'internal',
] as const;
export const problemCode = z.enum(PROBLEM_CODES);
export type ProblemCode = z.infer<typeof problemCode>;

/** A bad row of an import. `line` counts from 1, the header being line 1. */
export const importIssue = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.string(),
  reason: z.string(),
  value: z.string().max(200),
});
export type ImportIssue = z.infer<typeof importIssue>;

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: problemCode,
  detail: z.string().optional(),
  /** Bad fields of a request, by path. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** `already-taken`: who has it, since when, and what they wrote. */
  holder: z.object({ name: z.string(), at: instant, note: z.string().nullable() }).optional(),
  /** `precondition-failed`: the ETag that would be right now. */
  currentEtag: z.string().optional(),
  /** `import-rejected`: the first 200 bad rows. */
  issues: z.array(importIssue).optional(),
});
export type Problem = z.infer<typeof problem>;
