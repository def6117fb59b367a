import { ENDPOINTS, type BodyOf, type Notification, type NotificationRule, type Webhook } from '@ioc/contract';
import { call } from '../../live/api.js';

export type RuleBody = BodyOf<typeof ENDPOINTS.createNotificationRule>;
export type WebhookBody = BodyOf<typeof ENDPOINTS.createWebhook>;

export function fetchRules(signal: AbortSignal) {
  return call(ENDPOINTS.listNotificationRules, { signal });
}

/** @param rule the one that is changed; null: a new one */
export function saveRule(rule: NotificationRule | null, body: RuleBody) {
  return rule === null
    ? call(ENDPOINTS.createNotificationRule, { body })
    : call(ENDPOINTS.saveNotificationRule, { params: { id: rule.id }, body, ifMatch: rule.version });
}

export function removeRule({ id, version }: NotificationRule) {
  return call(ENDPOINTS.removeNotificationRule, { params: { id }, ifMatch: version });
}

export function fetchWebhooks(signal: AbortSignal) {
  return call(ENDPOINTS.listWebhooks, { signal });
}

/** @param webhook the one that is changed; null: a new one */
export function saveWebhook(webhook: Webhook | null, body: WebhookBody) {
  return webhook === null
    ? call(ENDPOINTS.createWebhook, { body })
    : call(ENDPOINTS.saveWebhook, { params: { id: webhook.id }, body, ifMatch: webhook.version });
}

export function removeWebhook({ id, version }: Webhook) {
  return call(ENDPOINTS.removeWebhook, { params: { id }, ifMatch: version });
}

export function fetchPeople(signal: AbortSignal) {
  return call(ENDPOINTS.listPeople, { signal });
}

export function fetchLog(cursor: string | undefined, state: Notification['state'] | undefined, signal: AbortSignal) {
  return call(ENDPOINTS.listNotifications, { query: { limit: 50, cursor, state }, signal });
}

export function dryRun(body: BodyOf<typeof ENDPOINTS.dryRunNotifications>) {
  return call(ENDPOINTS.dryRunNotifications, { body });
}

export function explainIncident(id: string, signal: AbortSignal) {
  return call(ENDPOINTS.explainNotifications, { params: { id }, signal });
}

export function fetchOwnChannels(signal: AbortSignal) {
  return call(ENDPOINTS.getOwnChannels, { signal });
}

export function saveOwnEmail(email: string | null) {
  return call(ENDPOINTS.saveOwnEmail, { body: { email } });
}

export function subscribePush(body: BodyOf<typeof ENDPOINTS.subscribePush>) {
  return call(ENDPOINTS.subscribePush, { body });
}

export function unsubscribePush(endpoint: string) {
  return call(ENDPOINTS.unsubscribePush, { body: { endpoint } });
}

export function testChannel(body: BodyOf<typeof ENDPOINTS.testChannel>) {
  return call(ENDPOINTS.testChannel, { body });
}
