import { API_PREFIX, problem as problemSchema } from '@ioc/contract';
import type { BodyOf, Endpoint, ParamsOf, Problem, QueryOf } from '@ioc/contract';
import type { z } from 'zod';

/** How long a call may take before it counts as unavailable. */
const CALL_TIMEOUT_MS = 20_000;

type Declared<E extends Endpoint, K extends 'params' | 'body', V> =
  E extends Readonly<Record<K, z.ZodType>> ? Readonly<Record<K, V>> : { readonly [P in K]?: undefined };
type IfMatch<E extends Endpoint> = E extends {
  readonly versioned: true;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
}
  ? { readonly ifMatch: number }
  : { readonly ifMatch?: undefined };

/** What a call takes: exactly the parts that its endpoint declares. `ifMatch` is the version of what is being changed. */
export type CallInput<E extends Endpoint> = Declared<E, 'params', ParamsOf<E>> &
  Declared<E, 'body', BodyOf<E>> &
  IfMatch<E> & {
    readonly query?: QueryOf<E>;
    readonly signal?: AbortSignal;
    /** In place of 20 s, for what is large. */
    readonly timeoutMs?: number;
  };

type CallArguments<E extends Endpoint> = object extends CallInput<E> ? [input?: CallInput<E>] : [input: CallInput<E>];

interface AnyInput {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly ifMatch?: number;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** A call never throws: what went wrong is a problem with a stable code; `status` 0 when no answer came at all. */
export type CallResult<T> =
  | { readonly ok: true; readonly value: T; readonly version: number | null }
  | { readonly ok: false; readonly problem: Problem };

function unreachable(detail: string): Problem {
  return { type: 'about:blank', title: 'No answer', status: 0, code: 'unavailable', detail };
}

function fillPath(path: string, params: unknown): string {
  const values = new Map(typeof params === 'object' && params !== null ? Object.entries(params) : []);
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name) ?? '')));
}

function queryText(query: unknown): string {
  if (typeof query !== 'object' || query === null) return '';
  const search = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    // A list is the same name again for each of its values.
    for (const value of Array.isArray(given) ? given : [given])
      if (value !== undefined && value !== null && value !== '') search.append(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** The address of an endpoint, for links and downloads. */
export function addressOf(endpoint: Endpoint, input: Pick<AnyInput, 'params' | 'query'> = {}): string {
  return `${API_PREFIX}${fillPath(endpoint.path, input.params)}${queryText(input.query)}`;
}

function versionOf(response: Response): number | null {
  const match = /^(?:W\/)?"(\d+)"$/.exec(response.headers.get('etag') ?? '');
  return match?.[1] === undefined ? null : Number(match[1]);
}

async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  return { type: 'about:blank', title: response.statusText, status: response.status, code: 'internal' };
}

/**
 * Calls one route of the API with the browser's session. The answer is checked against the contract: a shape that this page
 * does not know is a problem too.
 */
export async function call<E extends Endpoint & { readonly response: z.ZodType }>(
  endpoint: E,
  ...args: CallArguments<E>
): Promise<CallResult<z.output<E['response']>>>;
export async function call<E extends Endpoint>(endpoint: E, ...args: CallArguments<E>): Promise<CallResult<undefined>>;
export async function call(endpoint: Endpoint, input: AnyInput = {}): Promise<CallResult<unknown>> {
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  if (endpoint.produces !== undefined) headers.append('accept', endpoint.produces);
  // What a person reads of an answer (details of a problem, reasons of a bad row) comes in the language of the screen.
  headers.set('accept-language', document.documentElement.lang);
  if (input.ifMatch !== undefined) headers.set('if-match', `"${input.ifMatch}"`);
  if (input.body !== undefined) headers.set('content-type', 'application/json');
  const timeout = AbortSignal.timeout(input.timeoutMs ?? CALL_TIMEOUT_MS);
  try {
    const response = await fetch(addressOf(endpoint, input), {
      method: endpoint.method,
      headers,
      credentials: 'same-origin',
      body: input.body === undefined ? null : JSON.stringify(input.body),
      signal: input.signal === undefined ? timeout : AbortSignal.any([input.signal, timeout]),
    });
    if (!response.ok) return { ok: false, problem: await readProblem(response) };
    return await readAnswer(endpoint, response);
  } catch (error) {
    return { ok: false, problem: unreachable(error instanceof Error ? error.message : String(error)) };
  }
}

async function readAnswer(endpoint: Endpoint, response: Response): Promise<CallResult<unknown>> {
  const version = versionOf(response);
  if (response.status === 204 || endpoint.response === undefined) return { ok: true, value: undefined, version };
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const raw: unknown = isJson ? await response.json() : await response.text();
  const parsed = endpoint.response.safeParse(raw);
  return parsed.success
    ? { ok: true, value: parsed.data, version }
    : { ok: false, problem: unreachable(`${endpoint.method} ${endpoint.path}: ${parsed.error.message}`) };
}
