import type { Endpoint } from '@ioc/contract';
import type { Request } from 'express';
import { z } from 'zod';
import { preferredLanguage } from './language.js';
import { ProblemError } from './problem-error.js';
import type { RouteInput } from './route.js';

const MESSAGES = { vi: z.locales.vi().localeError, en: z.locales.en().localeError };
const NOTHING = z.strictObject({});

/**
 * Validates what a request carries against its endpoint; unknown fields are errors.
 * @throws ProblemError `bad-request` with every bad field, `precondition-required`
 */
export function readInput(endpoint: Endpoint, request: Request, body: unknown): RouteInput<Endpoint> {
  const errors: { readonly path: string; readonly message: string }[] = [];
  const error = MESSAGES[preferredLanguage(request.headers['accept-language'])];
  const parse = (part: 'params' | 'query' | 'body', value: unknown): unknown => {
    const unstorable = findUnstorable(value, part);
    if (unstorable !== null) {
      errors.push({ path: unstorable, message: 'U+0000, U+D800–U+DFFF' });
      return undefined;
    }
    const parsed = (endpoint[part] ?? NOTHING).safeParse(value, { error });
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues.slice(0, 50)) {
      errors.push({ path: [part, ...issue.path.map(String)].join('.'), message: issue.message });
    }
    return undefined;
  };
  const params = parse('params', { ...request.params });
  const query = parse('query', { ...request.query });
  const parsedBody = parse('body', body ?? {});
  if (errors.length > 0) throw new ProblemError('bad-request', { errors });
  const ifMatch =
    endpoint.versioned === true && endpoint.method !== 'GET' ? readIfMatch(request.headers['if-match']) : null;
  return { params, query, body: parsedBody, ifMatch } as RouteInput<Endpoint>;
}

/** A weak tag is taken too: a proxy that compresses weakens ours, and versions are exact. */
function readIfMatch(header: string | undefined): number {
  if (header === undefined) throw new ProblemError('precondition-required');
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new ProblemError('bad-request', { errors: [{ path: 'headers.if-match', message: '"<version>"' }] });
  }
  return Number(version);
}

const MAX_DEPTH = 32;

/** A NUL, or half of a surrogate pair: PostgreSQL stores neither. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** The path of a text or key that cannot be stored, or of nesting that is too deep; null when there is none. */
function findUnstorable(value: unknown, path: string, depth = 0): string | null {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  if (depth > MAX_DEPTH) return path;
  for (const [key, member] of Object.entries(value)) {
    if (UNSTORABLE.test(key)) return path;
    const found = findUnstorable(member, `${path}.${key}`, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
