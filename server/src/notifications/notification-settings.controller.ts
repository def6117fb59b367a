import { Controller } from '@nestjs/common';
import { ENDPOINTS, type NotificationRule, type ResponseOf, type SessionInfo, type Webhook } from '@ioc/contract';
import { actorOf } from '../access/session.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { NotificationSettingsService, type SettingOutcome } from './notification-settings.service.js';

/** Who is told about what, for administrators. */
@Controller()
export class NotificationSettingsController {
  constructor(private readonly settings: NotificationSettingsService) {}

  @Route(ENDPOINTS.listNotificationRules)
  async listRules(): Promise<ResponseOf<typeof ENDPOINTS.listNotificationRules>> {
    return { rules: [...(await this.settings.rules())] };
  }

  @Route(ENDPOINTS.createNotificationRule)
  async createRule(
    @Input() { body }: RouteInput<typeof ENDPOINTS.createNotificationRule>,
    @Caller() caller: SessionInfo,
  ): Promise<NotificationRule> {
    return answer(await this.settings.createRule(body, actorOf(caller)));
  }

  @Route(ENDPOINTS.saveNotificationRule)
  async saveRule(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.saveNotificationRule>,
    @Caller() caller: SessionInfo,
  ): Promise<NotificationRule> {
    return answer(await this.settings.saveRule(params.id, ifMatch, body, actorOf(caller)));
  }

  @Route(ENDPOINTS.removeNotificationRule)
  async removeRule(
    @Input() { params, ifMatch }: RouteInput<typeof ENDPOINTS.removeNotificationRule>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    answer(await this.settings.removeRule(params.id, ifMatch, actorOf(caller)));
  }

  @Route(ENDPOINTS.listWebhooks)
  async listWebhooks(): Promise<ResponseOf<typeof ENDPOINTS.listWebhooks>> {
    return { webhooks: [...(await this.settings.webhooks())] };
  }

  @Route(ENDPOINTS.createWebhook)
  async createWebhook(
    @Input() { body }: RouteInput<typeof ENDPOINTS.createWebhook>,
    @Caller() caller: SessionInfo,
  ): Promise<Webhook> {
    return answer(await this.settings.createWebhook(body, actorOf(caller)));
  }

  @Route(ENDPOINTS.saveWebhook)
  async saveWebhook(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.saveWebhook>,
    @Caller() caller: SessionInfo,
  ): Promise<Webhook> {
    return answer(await this.settings.saveWebhook(params.id, ifMatch, body, actorOf(caller)));
  }

  @Route(ENDPOINTS.removeWebhook)
  async removeWebhook(
    @Input() { params, ifMatch }: RouteInput<typeof ENDPOINTS.removeWebhook>,
    @Caller() caller: SessionInfo,
  ): Promise<void> {
    answer(await this.settings.removeWebhook(params.id, ifMatch, actorOf(caller)));
  }
}

function answer<T>(outcome: SettingOutcome<T>): T {
  if (outcome.ok) return outcome.value;
  switch (outcome.reason) {
    case 'not-found':
      throw new ProblemError('not-found');
    case 'stale':
      throw new ProblemError('precondition-failed', { currentEtag: `"${outcome.version}"` });
    case 'conflict':
      throw new ProblemError('conflict', { detail: outcome.text });
    case 'invalid':
      throw new ProblemError('bad-request', {
        detail: outcome.text,
        errors: [{ path: outcome.path, message: outcome.text.en }],
      });
  }
}
