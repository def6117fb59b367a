import type { z } from 'zod';
import { ProblemError } from './problem-error.js';

/** Packs where the next page begins; opaque to callers. Keep it below 400 characters. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/**
 * Unpacks a cursor that came back, or null when there was none.
 * @throws ProblemError `bad-cursor` when it is not one of ours or does not have the shape of this list.
 */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, schema: S): z.output<S> | null {
  if (cursor === undefined) return null;
  const position = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  const parsed = schema.safeParse(position);
  // A NUL is JSON that PostgreSQL cannot take as text.
  if (!parsed.success || JSON.stringify(position).includes('\\u0000')) throw new ProblemError('bad-cursor');
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError('bad-cursor');
  }
}
