import {
  applyDecorators,
  createParamDecorator,
  Header,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import { API_PREFIX, type Endpoint, type SessionInfo } from '@ioc/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { requestState } from './request-state.js';

export const ENDPOINT_METADATA = 'ioc:endpoint';
export const PUBLIC_METADATA = 'ioc:public';

type Parsed<E extends Endpoint, K extends 'params' | 'query' | 'body'> =
  E extends Readonly<Record<K, infer S extends z.ZodType>> ? z.output<S> : Record<string, never>;

/** What a handler gets: validated, defaults filled in, nothing unknown in it. */
export interface RouteInput<E extends Endpoint> {
  readonly params: Parsed<E, 'params'>;
  readonly query: Parsed<E, 'query'>;
  readonly body: Parsed<E, 'body'>;
  /** The version that a write of a `versioned` endpoint was made against; null elsewhere. */
  readonly ifMatch: number | null;
}

/**
 * Binds a handler to an endpoint of the contract: method, path, access rule, validation, status, media type, ETag.
 * A handler without it, and without `@PublicRoute`, is refused by the guard.
 */
export function Route(endpoint: Endpoint): MethodDecorator {
  const path = API_PREFIX + endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const decorators: MethodDecorator[] = [
    RequestMapping({ path, method: RequestMethod[endpoint.method] }),
    SetMetadata(ENDPOINT_METADATA, endpoint),
    HttpCode(endpoint.status ?? 200),
  ];
  if (endpoint.produces !== undefined) decorators.push(Header('content-type', mediaType(endpoint.produces)));
  return applyDecorators(...decorators);
}

/** Text says how it is written; bytes have no characters. */
function mediaType(produces: string): string {
  const binary = /^(image\/|application\/pdf)/.test(produces);
  return binary || produces.includes('charset=') ? produces : `${produces}; charset=utf-8`;
}

/** Marks a handler outside the contract, such as a health check, as open to everybody. */
export const PublicRoute = (): MethodDecorator => SetMetadata(PUBLIC_METADATA, true);

export const SESSION_ROUTE_METADATA = 'ioc:session-route';
/** Marks a handler outside the contract, such as the API's documentation, as open to anybody signed in. */
export const SessionRoute = (): MethodDecorator => SetMetadata(SESSION_ROUTE_METADATA, true);

/** The validated input of a `@Route` handler: `@Input() input: RouteInput<typeof ENDPOINTS.x>`. */
export const Input = createParamDecorator((_data: unknown, context: ExecutionContext): unknown => {
  return requestState(context.switchToHttp().getRequest<Request>()).input;
});

/** Who is asking; on a public route there is nobody, and asking for them is a mistake in the code. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): SessionInfo => {
  const { session } = requestState(context.switchToHttp().getRequest<Request>());
  if (session === undefined) throw new Error('@Caller() on a route that anybody may call');
  return session;
});
