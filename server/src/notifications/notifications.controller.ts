import { Controller } from '@nestjs/common';
import { ENDPOINTS, type Notification, type Page, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { z } from 'zod';
import { actorOf } from '../access/session.js';
import { IncidentsService } from '../incidents/incidents.service.js';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { notificationOf, NotificationsService, type TestOutcome } from './notifications.service.js';

const position = z.tuple([z.iso.datetime(), z.number().int()]);

/** The log of messages, why somebody was told, a dry run, and a test of a channel. */
@Controller()
export class NotificationsController {
  constructor(
    private readonly notifications: NotificationsService,
    private readonly incidents: IncidentsService,
  ) {}

  @Route(ENDPOINTS.listNotifications)
  async list(@Input() { query }: RouteInput<typeof ENDPOINTS.listNotifications>): Promise<Page<Notification>> {
    const { limit, cursor, ...filter } = query;
    const before = decodeCursor(cursor, position);
    const rows = await this.notifications.list(
      filter,
      limit,
      before && { createdAt: new Date(before[0]), id: before[1] },
    );
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(notificationOf),
      nextCursor: last === undefined ? null : encodeCursor([last.createdAt.toISOString(), last.id]),
    };
  }

  @Route(ENDPOINTS.explainNotifications)
  async explain(
    @Input() { params }: RouteInput<typeof ENDPOINTS.explainNotifications>,
  ): Promise<ResponseOf<typeof ENDPOINTS.explainNotifications>> {
    if ((await this.incidents.get(params.id)) === null) throw new ProblemError('not-found');
    return { reasons: [...(await this.notifications.explain(params.id))] };
  }

  @Route(ENDPOINTS.dryRunNotifications)
  async dryRun(
    @Input() { body }: RouteInput<typeof ENDPOINTS.dryRunNotifications>,
  ): Promise<ResponseOf<typeof ENDPOINTS.dryRunNotifications>> {
    return { reasons: [...(await this.notifications.dryRun(body))] };
  }

  @Route(ENDPOINTS.testChannel)
  async test(
    @Input() { body }: RouteInput<typeof ENDPOINTS.testChannel>,
    @Caller() caller: SessionInfo,
  ): Promise<ResponseOf<typeof ENDPOINTS.testChannel>> {
    const { channel, webhookId = null } = body;
    // A wall has no person behind it; a webhook is a matter of whoever sets them.
    if (caller.personId === null || (channel === 'webhook' && !caller.permissions.includes('notification:write'))) {
      throw new ProblemError('forbidden');
    }
    const { personId, name: personName } = caller;
    const request = { channel, webhookId, personId, personName, actor: actorOf(caller) };
    return { id: idOf(await this.notifications.test(request)) };
  }
}

function idOf(outcome: TestOutcome): string {
  if (outcome.ok) return outcome.id;
  switch (outcome.reason) {
    case 'not-found':
      throw new ProblemError('not-found');
    case 'too-many':
      throw new ProblemError('too-many-attempts');
    case 'no-address':
      throw new ProblemError('conflict', {
        detail: {
          vi: 'Chưa có địa chỉ cho kênh này, hoặc máy chủ thư chưa được đặt',
          en: 'There is no address for this channel, or no mail server is set',
        },
      });
  }
}
