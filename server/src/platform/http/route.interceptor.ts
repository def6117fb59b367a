import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Endpoint } from '@ioc/contract';
import express, { type Request, type Response } from 'express';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';
import { ProblemError } from './problem-error.js';
import { requestState } from './request-state.js';
import { readInput } from './route-input.js';
import { ENDPOINT_METADATA } from './route.js';

const MIB = 1024 * 1024;
const PUBLIC_BODY_BYTES = 16 * 1024;
const versionedAnswer = z.looseObject({ version: z.number().int() });

/**
 * Reads and validates the input of a `@Route` handler and finishes its answer. It runs behind the guard, so that nobody
 * who may not call makes us read a body.
 */
@Injectable()
export class RouteInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const endpoint = this.reflector.get<Endpoint | undefined>(ENDPOINT_METADATA, context.getHandler());
    if (context.getType() !== 'http' || endpoint === undefined) return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    response.setHeader('cache-control', 'no-store');
    const body = await readBody(request, response, endpoint);
    requestState(request).input = readInput(endpoint, request, body);
    return next.handle().pipe(
      map((answer: unknown) => {
        // What is gone has no version left.
        if (endpoint.versioned === true && endpoint.status !== 204)
          response.setHeader('etag', `"${versionedAnswer.parse(answer).version}"`);
        return answer;
      }),
    );
  }
}

function bodyLimit(endpoint: Endpoint): number {
  return endpoint.maxBodyBytes ?? (endpoint.access === 'public' ? PUBLIC_BODY_BYTES : MIB);
}

const parsers = new Map<number, ReturnType<typeof express.json>>();
function jsonParser(limit: number): ReturnType<typeof express.json> {
  const known = parsers.get(limit);
  if (known !== undefined) return known;
  const parser = express.json({ limit, strict: true, inflate: false });
  parsers.set(limit, parser);
  return parser;
}

/** The JSON body, or undefined when the request has none. A body that is not JSON is refused: a foreign form cannot send JSON. */
async function readBody(request: Request, response: Response, endpoint: Endpoint): Promise<unknown> {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  if (!hasBody) return undefined;
  if (request.is('application/json') === false) throw new ProblemError('unsupported-media-type');
  await new Promise<void>((resolve, reject) => {
    jsonParser(bodyLimit(endpoint))(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('the body was not read', { cause: error }));
    });
  });
  const body: unknown = request.body;
  return body;
}
