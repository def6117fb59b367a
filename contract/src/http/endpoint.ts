import { z } from 'zod';
import type { Permission } from '../vocabulary.js';

/** Who may call: everybody, anybody signed in (or with a display token), or whoever has a permission. */
export type Access = 'public' | 'session' | Permission;

/**
 * One route of the API: the server's validation and OpenAPI, and the client's typed calls, all come from it. A schema that
 * is absent means that there is none: no path parameters, no query, no body, an empty answer.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for path parameters, below `/api/v1`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly response?: z.ZodType;
  /** Status of success; 200 unless told. 204 has no body. */
  readonly status?: 200 | 201 | 204;
  /** The answer carries an `ETag`; a write also requires `If-Match` (428 without, 412 when stale). */
  readonly versioned?: boolean;
  /** Media type of the response when it is not JSON. */
  readonly produces?: string;
  /** Largest body taken, bytes; 1 MiB unless told, 16 KiB where the public may call. */
  readonly maxBodyBytes?: number;
}

/** Declares a route and keeps the exact types of its schemas. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

type Nothing = Record<string, never>;
type InputOf<E extends Endpoint, K extends keyof Endpoint> =
  E extends Readonly<Record<K, infer S extends z.ZodType>> ? z.input<S> : Nothing;
type OutputOf<E extends Endpoint, K extends keyof Endpoint> =
  E extends Readonly<Record<K, infer S extends z.ZodType>> ? z.output<S> : Nothing;

/** What a caller passes, before defaults. */
export type ParamsOf<E extends Endpoint> = InputOf<E, 'params'>;
export type QueryOf<E extends Endpoint> = InputOf<E, 'query'>;
export type BodyOf<E extends Endpoint> = InputOf<E, 'body'>;
/** What the server works with, after validation and defaults. */
export type ParsedQueryOf<E extends Endpoint> = OutputOf<E, 'query'>;
export type ParsedBodyOf<E extends Endpoint> = OutputOf<E, 'body'>;
/** What comes back; nothing for a 204. */
export type ResponseOf<E extends Endpoint> = E extends {
  readonly response: infer S extends z.ZodType;
}
  ? z.output<S>
  : undefined;

/** `limit` and `cursor` of a paged list. A cursor is opaque and comes from the page before. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(400).optional(),
};

/** A page of a list; `nextCursor` is null on the last one. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
