import { z } from 'zod';
import { communeCode, deviceClassId, instant, localizedText, role, severity } from '../vocabulary.js';
import { incidentKind } from './incidents.js';
import { endpoint, page, pageQuery } from './endpoint.js';

export const CHANNEL_KINDS = ['email', 'webPush', 'webhook'] as const;
export const channelKind = z.enum(CHANNEL_KINDS);
export type ChannelKind = z.infer<typeof channelKind>;

/** Ready-made bodies of webhooks; `custom` has a template of its own with `{{title}}`, `{{text}}`, `{{link}}`, `{{severity}}`. */
export const WEBHOOK_TEMPLATES = ['generic', 'zaloOa', 'telegram', 'custom'] as const;

const hours = z.strictObject({
  /** Local time of day; `from` after `until` runs over midnight. */
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  until: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  /** 1 Monday … 7 Sunday: the days on which it begins. */
  days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
});

/**
 * Who is told about what, through which channels. Empty lists of communes, owners, classes and kinds mean: any; roles, people
 * and webhooks must name somebody.
 */
export const notificationRuleBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean(),
  /** People of these roles, and these people. */
  roles: z.array(role).max(5),
  personIds: z.array(z.uuid()).max(100),
  channels: z.array(channelKind).min(1).max(3),
  /** Webhook channels by id, beside the people’s own e-mail and push. */
  webhookIds: z.array(z.string().regex(/^\d{1,18}$/)).max(20),
  communeCodes: z.array(communeCode).max(96),
  owners: z.array(z.string().max(64)).max(50),
  deviceClasses: z.array(deviceClassId).max(10),
  kinds: z.array(incidentKind).max(20),
  minimumSeverity: severity,
  hours: hours.nullable(),
  /** Tells these when nobody has acknowledged for so many minutes; 0: at once, as it opens. */
  afterMinutes: z.number().int().min(0).max(1_440),
});
export type NotificationRuleBody = z.infer<typeof notificationRuleBody>;
export const notificationRule = notificationRuleBody.extend({ id: z.string(), version: z.number().int() });
export type NotificationRule = z.infer<typeof notificationRule>;

export const webhookBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  url: z.url().max(2_000),
  template: z.enum(WEBHOOK_TEMPLATES),
  /** Recipient id of Zalo OA or chat id of Telegram. */
  recipient: z.string().max(200).nullable(),
  /** Sent as a header (`Authorization`, `access_token`); never given back. Absent: unchanged. */
  secret: z.string().max(2_000).nullable().optional(),
  customBody: z.string().max(10_000).nullable(),
  enabled: z.boolean(),
});
export const webhook = webhookBody.omit({ secret: true }).extend({
  id: z.string(),
  version: z.number().int(),
  hasSecret: z.boolean(),
  /** False: it was sealed with a key that the server does not have; nothing is sent until it is given again. */
  secretReadable: z.boolean(),
});
export type Webhook = z.infer<typeof webhook>;

/** `held`: kept for a digest · `dropped`: a digest took it up, or its address is gone. */
export const NOTIFICATION_STATES = ['waiting', 'sending', 'sent', 'failed', 'held', 'dropped'] as const;
export const notification = z.object({
  id: z.string(),
  /** One message: sent at least once, and to be taken once by this key. */
  key: z.string(),
  incidentId: z.string().nullable(),
  /** `opened`: also what is open again · `assigned`: a colleague gave it to the recipient. */
  kind: z.enum(['opened', 'worsened', 'escalated', 'resolved', 'assigned', 'digest', 'test']),
  channel: channelKind,
  recipient: z.string(),
  personName: z.string().nullable(),
  title: z.string(),
  text: z.string(),
  state: z.enum(NOTIFICATION_STATES),
  attempts: z.number().int(),
  createdAt: instant,
  sentAt: instant.nullable(),
  nextAttemptAt: instant.nullable(),
  lastError: z.string().nullable(),
});
export type Notification = z.infer<typeof notification>;

/** Why somebody was or was not told about an incident. */
export const notificationReason = z.object({
  personName: z.string(),
  told: z.boolean(),
  at: instant.nullable(),
  /**
   * `sent`, `waiting`, `in-digest` (a flood), `over-limit` and `close-together` (told by digest, or held for one), `would-be-told` (dry run), `escalation`
   * (told when nobody acknowledges), or why not: `no-rule`, `no-address`, `other-kind`, `other-area`, `below-severity`,
   * `outside-hours`, `not-told-before` (of what is over), `own-act` (did it themselves), `acknowledged-in-time`, `failed`, `withdrawn`.
   */
  reason: z.string(),
  text: localizedText,
});
export type NotificationReason = z.infer<typeof notificationReason>;

const byId = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });
const tag = 'notifications';

export const notificationEndpoints = {
  listNotificationRules: endpoint({
    method: 'GET',
    path: '/notification-rules',
    tag,
    summary: 'Who is told about what',
    access: 'notification:write',
    response: z.object({ rules: z.array(notificationRule) }),
  }),
  createNotificationRule: endpoint({
    method: 'POST',
    path: '/notification-rules',
    tag,
    summary: 'Adds a rule',
    access: 'notification:write',
    body: notificationRuleBody,
    response: notificationRule,
    status: 201,
  }),
  saveNotificationRule: endpoint({
    method: 'PUT',
    path: '/notification-rules/{id}',
    tag,
    summary: 'Changes a rule',
    access: 'notification:write',
    params: byId,
    body: notificationRuleBody,
    response: notificationRule,
    versioned: true,
  }),
  removeNotificationRule: endpoint({
    method: 'DELETE',
    path: '/notification-rules/{id}',
    tag,
    summary: 'Removes a rule',
    access: 'notification:write',
    params: byId,
    versioned: true,
    status: 204,
  }),
  listWebhooks: endpoint({
    method: 'GET',
    path: '/webhooks',
    tag,
    summary: 'Where messages are posted',
    access: 'notification:write',
    response: z.object({ webhooks: z.array(webhook) }),
  }),
  createWebhook: endpoint({
    method: 'POST',
    path: '/webhooks',
    tag,
    summary: 'Adds a webhook',
    access: 'notification:write',
    body: webhookBody,
    response: webhook,
    status: 201,
  }),
  saveWebhook: endpoint({
    method: 'PUT',
    path: '/webhooks/{id}',
    tag,
    summary: 'Changes a webhook',
    access: 'notification:write',
    params: byId,
    body: webhookBody,
    response: webhook,
    versioned: true,
  }),
  removeWebhook: endpoint({
    method: 'DELETE',
    path: '/webhooks/{id}',
    tag,
    summary: 'Removes a webhook',
    access: 'notification:write',
    params: byId,
    versioned: true,
    status: 204,
  }),
  testChannel: endpoint({
    method: 'POST',
    path: '/notifications/test',
    tag,
    summary: 'Puts a test message into the outbox, to oneself or to a webhook',
    access: 'session',
    body: z.strictObject({
      channel: channelKind,
      webhookId: z
        .string()
        .regex(/^\d{1,18}$/)
        .optional(),
    }),
    response: z.object({ id: z.string() }),
    status: 201,
  }),
  dryRunNotifications: endpoint({
    method: 'POST',
    path: '/notifications/dry-run',
    tag,
    summary: 'Who would be told about such an incident at such a moment; sends nothing',
    access: 'notification:write',
    body: z.strictObject({
      kind: incidentKind,
      severity,
      communeCode: communeCode.nullable(),
      owner: z.string().max(64).nullable(),
      deviceClass: deviceClassId.nullable(),
      at: instant,
    }),
    response: z.object({ reasons: z.array(notificationReason) }),
  }),
  listNotifications: endpoint({
    method: 'GET',
    path: '/notifications',
    tag,
    summary: 'The log of messages, newest first',
    access: 'notification:write',
    query: z.strictObject({
      ...pageQuery,
      incidentId: z
        .string()
        .regex(/^\d{1,18}$/)
        .optional(),
      state: z.enum(NOTIFICATION_STATES).optional(),
    }),
    response: page(notification),
  }),
  explainNotifications: endpoint({
    method: 'GET',
    path: '/incidents/{id}/notifications',
    tag,
    summary: 'Why each person was, or was not, told about an incident',
    access: 'incident:work',
    params: byId,
    response: z.object({ reasons: z.array(notificationReason) }),
  }),
  getOwnChannels: endpoint({
    method: 'GET',
    path: '/me/channels',
    tag,
    summary: 'Where one is told oneself, and the public key for web push',
    access: 'session',
    response: z.object({
      email: z.string().nullable(),
      emailAvailable: z.boolean(),
      pushSubscriptions: z.number().int(),
      vapidPublicKey: z.string().nullable(),
    }),
  }),
  saveOwnEmail: endpoint({
    method: 'PUT',
    path: '/me/channels/email',
    tag,
    summary: 'Sets or removes one’s e-mail address',
    access: 'session',
    body: z.strictObject({ email: z.email().max(254).nullable() }),
    status: 204,
  }),
  subscribePush: endpoint({
    method: 'POST',
    path: '/me/channels/push',
    tag,
    summary: 'A browser’s push subscription; a repeated one is one',
    access: 'session',
    body: z.strictObject({
      endpoint: z.url().max(2_000),
      keys: z.strictObject({ p256dh: z.string().max(200), auth: z.string().max(100) }),
    }),
    status: 204,
  }),
  unsubscribePush: endpoint({
    method: 'POST',
    path: '/me/channels/push/remove',
    tag,
    summary: 'Forgets a browser’s push subscription',
    access: 'session',
    body: z.strictObject({ endpoint: z.url().max(2_000) }),
    status: 204,
  }),
};
