import { Controller, Req } from '@nestjs/common';
import { ENDPOINTS, deviceClassId, entityId, rejectReason, type ResponseOf, type SessionInfo } from '@ioc/contract';
import type { Request } from 'express';
import { z } from 'zod';
import { actorOf } from '../access/session.js';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { preferredLanguage } from '../platform/http/language.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { payloadText } from './payload-text.js';
import type { LetterRow, QuarantineRow } from './refusal-row.js';
import { RefusalsService } from './refusals.service.js';

const letterCursor = z.object({ id: z.number().int().nonnegative() });
const quarantineCursor = z.object({ id: entityId });

/** What was not taken: rejected messages, and devices that speak without being registered. */
@Controller()
export class IntakeController {
  constructor(private readonly refusals: RefusalsService) {}

  @Route(ENDPOINTS.listDeadLetters)
  async listDeadLetters(
    @Input() { query }: RouteInput<typeof ENDPOINTS.listDeadLetters>,
  ): Promise<ResponseOf<typeof ENDPOINTS.listDeadLetters>> {
    const after = decodeCursor(query.cursor, letterCursor);
    const filter = { beforeId: after?.id ?? null, reason: query.reason ?? null, text: query.q ?? null };
    const rows = await this.refusals.listLetters(filter, query.limit);
    const { items, last } = firstPage(rows, query.limit);
    return { items: items.map(letterOf), nextCursor: last === null ? null : encodeCursor({ id: last.id }) };
  }

  @Route(ENDPOINTS.deadLetterCounts)
  async deadLetterCounts(): Promise<ResponseOf<typeof ENDPOINTS.deadLetterCounts>> {
    const rows = await this.refusals.letterCounts();
    return {
      items: rows.map(({ hour_ms, reason, count }) => ({
        hour: new Date(hour_ms).toISOString(),
        reason: rejectReason.parse(reason),
        count,
      })),
    };
  }

  @Route(ENDPOINTS.listQuarantine)
  async listQuarantine(
    @Input() { query }: RouteInput<typeof ENDPOINTS.listQuarantine>,
  ): Promise<ResponseOf<typeof ENDPOINTS.listQuarantine>> {
    const after = decodeCursor(query.cursor, quarantineCursor);
    const filter = { ignored: query.ignored ?? null, afterId: after?.id ?? null };
    const rows = await this.refusals.listQuarantine(filter, query.limit);
    const { items, last } = firstPage(rows, query.limit);
    return { items: items.map(quarantinedOf), nextCursor: last === null ? null : encodeCursor({ id: last.id }) };
  }

  @Route(ENDPOINTS.adoptDevice)
  async adoptDevice(
    @Input() { params, body }: RouteInput<typeof ENDPOINTS.adoptDevice>,
    @Caller() caller: SessionInfo,
    @Req() request: Request,
  ): Promise<ResponseOf<typeof ENDPOINTS.adoptDevice>> {
    const outcome = await this.refusals.adopt(params.id, body, actorOf(caller));
    if (outcome.ok) return { id: outcome.id };
    if (outcome.code !== 'bad-request') throw new ProblemError(outcome.code);
    const language = preferredLanguage(request.headers['accept-language']);
    const errors = outcome.issues.map(({ path, message }) => ({ path, message: message[language] }));
    throw new ProblemError('bad-request', { errors });
  }

  @Route(ENDPOINTS.ignoreDevice)
  async ignoreDevice(@Input() { params, body }: RouteInput<typeof ENDPOINTS.ignoreDevice>): Promise<void> {
    const listed = await this.refusals.setIgnored(params.id, body.ignored);
    if (!listed) throw new ProblemError('not-found');
  }
}

/** The page itself of rows of which one more was asked for; `last` is where the next page begins, null when there is none. */
function firstPage<T>(rows: readonly T[], limit: number): { readonly items: readonly T[]; readonly last: T | null } {
  const items = rows.slice(0, limit);
  return { items, last: rows.length > limit ? (items.at(-1) ?? null) : null };
}

function letterOf(row: LetterRow): ResponseOf<typeof ENDPOINTS.listDeadLetters>['items'][number] {
  return {
    id: String(row.id),
    receivedAt: new Date(row.received_ms).toISOString(),
    topic: row.topic,
    reason: rejectReason.parse(row.reason),
    detail: row.detail,
    payload: payloadText(row.payload),
    payloadBytes: row.payload_bytes,
  };
}

function quarantinedOf(row: QuarantineRow): ResponseOf<typeof ENDPOINTS.listQuarantine>['items'][number] {
  return {
    id: row.id,
    communeCode: row.commune_code,
    deviceClass: deviceClassId.nullable().parse(row.device_class),
    gatewayId: row.gateway_id,
    firstSeenAt: new Date(row.first_ms).toISOString(),
    lastSeenAt: new Date(row.last_ms).toISOString(),
    messages: row.messages,
    ignored: row.ignored,
    sample: payloadText(row.sample),
  };
}
