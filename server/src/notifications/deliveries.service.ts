import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { Database } from '../platform/database/database.js';
import { createMailer, type Mailer } from '../platform/outbound/mailer.js';
import { post, type PostResult } from '../platform/outbound/post.js';
import { pushRequest } from '../platform/outbound/push-request.js';
import { CONFIG } from '../platform/platform.module.js';
import { StartError } from '../platform/start-error.js';
import { UNREADABLE, webhookPurpose } from './kept-secret.js';
import { KeptSecretsService } from './kept-secrets.service.js';
import { NotificationSettingsRepository } from './notification-settings.repository.js';
import type { ClaimedNotification } from './outbox.repository.js';
import { OwnChannelsRepository } from './own-channels.repository.js';
import { OwnChannelsService } from './own-channels.service.js';
import { refusalIn, webhookRequest } from './webhook-request.js';

/** What came of sending one message once. */
export type Delivery =
  | { readonly kind: 'sent' }
  /** `lane`: the other side as a whole does not take messages now, not only this one. */
  | { readonly kind: 'later'; readonly lane: boolean; readonly askedMs: number | null; readonly error: string }
  | { readonly kind: 'never'; readonly error: string }
  /** The address is gone: nobody is there to be told. */
  | { readonly kind: 'withdrawn'; readonly error: string };

const TIMEOUT_MS = 10_000;
/** How long a push service keeps a message for a phone that is off; s. */
const PUSH_TTL_S = 6 * 3_600;
/** A service takes 4,096 bytes, encrypted (RFC 8030 §7.2); letters of Vietnamese have up to 3. */
const LONGEST_PUSH_TEXT = 900;

/** Sends one message over its channel. Knows of no queue. */
@Injectable()
export class DeliveriesService {
  #ca: string | null = null;
  #mailer: Mailer | null = null;
  readonly #subject: string;
  readonly #mailDomain: string;

  constructor(
    private readonly database: Database,
    private readonly settings: NotificationSettingsRepository,
    private readonly addresses: OwnChannelsRepository,
    private readonly channels: OwnChannelsService,
    private readonly secrets: KeptSecretsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { publicOrigin, mailFrom } = config;
    const site = publicOrigin?.startsWith('https:') === true ? publicOrigin : 'https://localhost';
    this.#subject = mailFrom === undefined ? site : `mailto:${mailFrom}`;
    this.#mailDomain = mailFrom?.split('@')[1] ?? 'localhost';
  }

  /** @throws StartError when the file of certificate authorities cannot be read. */
  async start(): Promise<void> {
    const { outboundCa, smtpUrl, mailFrom } = this.config;
    if (outboundCa !== undefined) {
      this.#ca = await readFile(outboundCa, 'utf8').catch((cause: unknown) => {
        throw new StartError(`The file ${outboundCa} cannot be read: correct IOC_OUTBOUND_CA.`, { cause });
      });
    }
    if (smtpUrl !== undefined && mailFrom !== undefined) this.#mailer = createMailer(smtpUrl, mailFrom, this.#ca);
  }

  async deliver(message: ClaimedNotification): Promise<Delivery> {
    switch (message.channel) {
      case 'email':
        return this.#mail(message);
      case 'webPush':
        return this.#push(message);
      case 'webhook':
        return this.#webhook(message);
    }
  }

  async #mail({ key, address, title, text, link }: ClaimedNotification): Promise<Delivery> {
    if (this.#mailer === null) return { kind: 'later', lane: true, askedMs: null, error: 'no mail server is set' };
    const result = await this.#mailer.send({
      to: address,
      subject: title,
      text: link === null ? text : `${text}\n\n${link}`,
      messageId: `<${key}@${this.#mailDomain}>`,
      // RFC 3834: no vacation note shall answer it.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Idempotency-Key': key },
    });
    if (result.ok) return { kind: 'sent' };
    if (result.final) return { kind: 'never', error: result.detail };
    return { kind: 'later', lane: !result.ofThisMail, askedMs: null, error: result.detail };
  }

  async #push(message: ClaimedNotification): Promise<Delivery> {
    const { key, targetId, title, text, severity, incidentId } = message;
    const vapid = this.channels.vapidKeys();
    const subscription = await this.addresses.subscription(this.database, targetId);
    if (subscription === null) return { kind: 'withdrawn', error: 'the subscription is gone' };
    if (vapid === null) {
      return { kind: 'later', lane: true, askedMs: null, error: 'the key of web push cannot be read (IOC_SECRET_KEY)' };
    }
    const { endpoint, p256dh, auth } = subscription;
    const url = incidentId === null ? '/' : `/incidents?incident=${incidentId}`;
    const payload = JSON.stringify({ key, title, body: text.slice(0, LONGEST_PUSH_TEXT), url });
    const request = pushRequest({ endpoint, keys: { p256dh, auth } }, payload, {
      vapid,
      subject: this.#subject,
      ttlS: PUSH_TTL_S,
      topic: createHash('sha256').update(key).digest('base64url').slice(0, 32),
      urgent: severity === 'critical',
    });
    const result = await this.#post({ ...request, headers: { ...request.headers, 'idempotency-key': key } });
    if (result.ok && (result.status === 404 || result.status === 410)) {
      await this.addresses.forgetSubscription(this.database, targetId);
      return { kind: 'withdrawn', error: `the browser gave its subscription up (${result.status})` };
    }
    const delivery = deliveryOf(result);
    // A key that is not taken any more is a matter of one browser, not of its push service.
    const oneBrowser = result.ok && (result.status === 401 || result.status === 403);
    return delivery.kind === 'later' && oneBrowser ? { ...delivery, lane: false } : delivery;
  }

  async #webhook(message: ClaimedNotification): Promise<Delivery> {
    const webhook = await this.settings.webhook(this.database, message.targetId);
    if (webhook === null || !webhook.enabled) return { kind: 'withdrawn', error: 'the webhook is switched off' };
    const { key, kind, incidentId, title, text, link, severity, createdAt } = message;
    const told = { key, kind, incidentId, title, text, link, severity, at: createdAt.toISOString() };
    const opened = webhook.secret === null ? null : this.secrets.open(webhook.secret, webhookPurpose(webhook.url));
    if (opened !== null && !opened.ok) {
      return { kind: 'later', lane: true, askedMs: null, error: UNREADABLE[opened.reason] };
    }
    const result = await this.#post(webhookRequest({ ...webhook, secret: opened?.secret ?? null }, told));
    const delivery = deliveryOf(result);
    const refusal = result.ok && delivery.kind === 'sent' ? refusalIn(webhook.template, result.body) : null;
    if (refusal === null) return delivery;
    return { kind: 'later', lane: true, askedMs: null, error: refusal.slice(0, 300) };
  }

  #post(request: Pick<Parameters<typeof post>[0], 'url' | 'headers' | 'body'>): Promise<PostResult> {
    return post({ ...request, timeoutMs: TIMEOUT_MS, allowPrivate: this.config.webhookPrivate, ca: this.#ca });
  }
}

/** Answers that say that it can be mended: not allowed in (a secret to renew), busy, too many, later. */
const MENDABLE = new Set([401, 403, 408, 409, 423, 425, 429]);

function deliveryOf(result: PostResult): Delivery {
  if (!result.ok) {
    return { kind: 'later', lane: true, askedMs: null, error: `${result.reason}: ${result.detail}` };
  }
  const { status, retryAfterMs } = result;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const error = status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`;
  if (status >= 500 || MENDABLE.has(status)) return { kind: 'later', lane: true, askedMs: retryAfterMs, error };
  return { kind: 'never', error };
}
