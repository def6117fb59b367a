import { randomUUID } from 'node:crypto';
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import {
  API_PREFIX,
  ENDPOINTS,
  type Endpoint,
  type LocalizedText,
  type Problem,
  type ProblemCode,
} from '@ioc/contract';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { LOGGER } from '../platform.module.js';
import { preferredLanguage } from './language.js';
import { PROBLEMS, ProblemError } from './problem-error.js';

/** Answers every failure of an HTTP request as problem details (RFC 9457): never a stack trace, never another shape. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') {
      this.logger.error({ err: error }, 'a handler outside HTTP failed');
      return;
    }
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = this.#problemOf(error, request);
    if (response.headersSent) {
      // The head is out: all that is left is to break the answer off instead of passing it for whole.
      response.destroy();
      return;
    }
    const language = preferredLanguage(request.headers['accept-language']);
    const { status, title } = PROBLEMS[problem.code];
    const { detail, errors, headers, ...rest } = problem.details;
    const inLanguage = (text: string | LocalizedText) => (typeof text === 'string' ? text : text[language]);
    const body: Problem = {
      type: `urn:ioc:problem:${problem.code}`,
      title: title[language],
      status,
      code: problem.code,
      ...(detail === undefined ? {} : { detail: inLanguage(detail) }),
      ...(errors === undefined
        ? {}
        : { errors: errors.map(({ path, message }) => ({ path, message: inLanguage(message) })) }),
      ...rest,
    };
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    response.removeHeader('etag');
    response.setHeader('cache-control', 'no-store');
    response.setHeader('content-language', language);
    response.setHeader('content-type', 'application/problem+json; charset=utf-8');
    response.status(status).end(request.method === 'HEAD' ? undefined : JSON.stringify(body));
  }

  #problemOf(error: unknown, request: Request): ProblemError {
    if (error instanceof ProblemError) return error;
    const code = knownCode(error, request);
    if (code === 'method-not-allowed') {
      return new ProblemError(code, { headers: { allow: allowedMethods(request.path).join(', ') } });
    }
    if (code !== null && code !== 'unavailable') return new ProblemError(code);
    const requestId = randomUUID();
    this.logger.error({ err: error, requestId, method: request.method, path: request.path }, 'a request failed');
    return new ProblemError(code ?? 'internal', {
      detail: { vi: `Mã yêu cầu ${requestId}`, en: `Request ${requestId}` },
    });
  }
}

const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'bad-request',
  401: 'not-signed-in',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  503: 'unavailable',
};

/**
 * The database is not there, takes nobody in, has no room, or lost us on the way: PostgreSQL's classes 08, 53 and 57P, a
 * database that is missing (3D000) or closed to connections (55000), and the sockets' own codes.
 */
const AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|08\w{3}|53\w{3}|57P\w{2}|3D000|55000)$/;
const AWAY_MESSAGE = /timeout exceeded when trying to connect|Connection terminated|Query read timeout/;

/** The code of a failure that is not ours: the framework's, a body parser's, the database's; null when nobody knows it. */
function knownCode(error: unknown, request: Request): ProblemCode | null {
  const status = error instanceof HttpException ? error.getStatus() : ownNumber(error, 'status');
  if (status === 404 && allowedMethods(request.path).length > 0) return 'method-not-allowed';
  const byStatus = status === undefined ? undefined : CODE_BY_STATUS[status];
  if (byStatus !== undefined) return byStatus;
  if (status !== undefined && status >= 400 && status < 500) return 'bad-request';
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return AWAY.test(code) || AWAY_MESSAGE.test(error.message) ? 'unavailable' : null;
}

function ownNumber(error: unknown, name: string): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'number' ? value : undefined;
}

const PATTERNS = Object.values<Endpoint>(ENDPOINTS).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${API_PREFIX}${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
}));

/** The methods that a path of the contract has; none when it is no path of ours. */
function allowedMethods(path: string): readonly string[] {
  return PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
