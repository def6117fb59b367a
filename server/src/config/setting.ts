import { z } from 'zod';

/** One environment variable: the README's table is made from these. */
export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly variable: `IOC_${string}`;
  readonly description: string;
  /** How the default is written in the README; absent: unset. */
  readonly shownDefault?: string;
  /** Never printed or logged. */
  readonly secret?: boolean;
  readonly schema: S;
}

export function setting<const S extends Setting>(definition: S): S {
  return definition;
}

/** "3d", "90m", "10s", "250ms" → milliseconds. */
export const duration = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|y)$/.exec(text.trim());
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, y: 365 * 8.64e7 };
  const factor = match?.[2] === undefined ? undefined : unit[match[2]];
  if (match === null || factor === undefined) {
    context.addIssue({ code: 'custom', message: 'must be a duration such as 250ms, 10s, 90m, 12h, 3d or 2y' });
    return z.NEVER;
  }
  return Number(match[1]) * factor;
});

export const flag = z.enum(['0', '1']).transform((text) => text === '1');
export const port = z.coerce.number().int().min(0).max(65_535);

/** A key of 32 bytes as base64 or base64url, without line breaks. */
export const SECRET_KEY_TEXT = /^[A-Za-z0-9+/_-]{43}=?$/;
