import { isIP } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, ENDPOINTS, LocalizedText, NotificationRule, ParsedBodyOf, Webhook } from '@ioc/contract';
import { AuditService } from '../access/audit.service.js';
import { PeopleService } from '../access/people.service.js';
import type { Config } from '../config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { isPublicAddress } from '../platform/outbound/public-address.js';
import { CLOCK, CONFIG } from '../platform/platform.module.js';
import { webhookPurpose } from './kept-secret.js';
import { KeptSecretsService } from './kept-secrets.service.js';
import { NotificationSettingsRepository, type KeptRule, type KeptWebhook } from './notification-settings.repository.js';
import { FAULT_TEXTS, ruleFault } from './settings-fault.js';
import { faultOf, type WebhookFault } from './webhook-request.js';

const MOST_RULES = 200;
const MOST_WEBHOOKS = 50;

type RuleBody = ParsedBodyOf<typeof ENDPOINTS.createNotificationRule>;
type WebhookBody = ParsedBodyOf<typeof ENDPOINTS.createWebhook>;

export type SettingRefusal =
  | { readonly ok: false; readonly reason: 'not-found' }
  | { readonly ok: false; readonly reason: 'stale'; readonly version: number }
  | { readonly ok: false; readonly reason: 'invalid'; readonly path: string; readonly text: LocalizedText }
  | { readonly ok: false; readonly reason: 'conflict'; readonly text: LocalizedText };
export type SettingOutcome<T> = { readonly ok: true; readonly value: T } | SettingRefusal;

/** Rules and webhooks, as administrators set them. */
@Injectable()
export class NotificationSettingsService {
  constructor(
    private readonly database: Database,
    private readonly repository: NotificationSettingsRepository,
    private readonly people: PeopleService,
    private readonly secrets: KeptSecretsService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async rules(): Promise<readonly NotificationRule[]> {
    return (await this.repository.rules(this.database)).map(shownRule);
  }

  async createRule(body: RuleBody, actor: string): Promise<SettingOutcome<NotificationRule>> {
    return await this.database.transaction(async (tx): Promise<SettingOutcome<NotificationRule>> => {
      const fault = await this.#ruleFault(tx, body);
      if (fault !== null) return fault;
      if ((await this.repository.countRules(tx)) >= MOST_RULES) {
        return { ok: false, reason: 'conflict', text: FAULT_TEXTS['too-many-rules'] };
      }
      const rule = await this.repository.insertRule(tx, body, this.clock.now());
      await this.#record(tx, actor, 'notification-rule:created', rule);
      return { ok: true, value: shownRule(rule) };
    });
  }

  async saveRule(
    id: string,
    version: number | null,
    body: RuleBody,
    actor: string,
  ): Promise<SettingOutcome<NotificationRule>> {
    return await this.database.transaction(async (tx): Promise<SettingOutcome<NotificationRule>> => {
      const refusal = refusalOf(await this.repository.lockRule(tx, id), version) ?? (await this.#ruleFault(tx, body));
      if (refusal !== null) return refusal;
      const rule = await this.repository.updateRule(tx, id, body, this.clock.now());
      await this.#record(tx, actor, 'notification-rule:changed', rule);
      return { ok: true, value: shownRule(rule) };
    });
  }

  async removeRule(id: string, version: number | null, actor: string): Promise<SettingOutcome<null>> {
    return await this.database.transaction(async (tx): Promise<SettingOutcome<null>> => {
      const rule = await this.repository.lockRule(tx, id);
      const refusal = refusalOf(rule, version);
      if (refusal !== null || rule === null) return refusal ?? { ok: false, reason: 'not-found' };
      await this.repository.deleteRule(tx, id);
      await this.#record(tx, actor, 'notification-rule:removed', rule);
      return { ok: true, value: null };
    });
  }

  async webhooks(): Promise<readonly Webhook[]> {
    return (await this.repository.webhooks(this.database)).map((webhook) => this.#shown(webhook));
  }

  async createWebhook(body: WebhookBody, actor: string): Promise<SettingOutcome<Webhook>> {
    return await this.database.transaction(async (tx): Promise<SettingOutcome<Webhook>> => {
      const values = { ...body, secret: keptSecret(body.secret ?? null) };
      const fault = this.#webhookFault(values);
      if (fault !== null) return fault;
      if ((await this.repository.countWebhooks(tx)) >= MOST_WEBHOOKS) {
        return { ok: false, reason: 'conflict', text: FAULT_TEXTS['too-many-webhooks'] };
      }
      const webhook = await this.repository.insertWebhook(tx, this.#sealed(values));
      await this.#record(tx, actor, 'webhook:created', webhook);
      return { ok: true, value: this.#shown(webhook) };
    });
  }

  /** A secret that is not given stays, unless the address becomes another host’s: it was not given to that one. */
  async saveWebhook(
    id: string,
    version: number | null,
    body: WebhookBody,
    actor: string,
  ): Promise<SettingOutcome<Webhook>> {
    return await this.database.transaction(async (tx): Promise<SettingOutcome<Webhook>> => {
      const before = await this.repository.lockWebhook(tx, id);
      const refusal = refusalOf(before, version);
      if (refusal !== null || before === null) return refusal ?? { ok: false, reason: 'not-found' };
      const elsewhere = new URL(before.url).origin !== new URL(body.url).origin;
      if (elsewhere && before.hasSecret && body.secret === undefined) {
        return { ok: false, reason: 'invalid', path: 'secret', text: FAULT_TEXTS['secret-of-another-host'] };
      }
      const kept = before.secret === null ? null : this.secrets.open(before.secret, webhookPurpose(before.url));
      if (body.secret === undefined && kept !== null && !kept.ok) {
        return { ok: false, reason: 'invalid', path: 'secret', text: FAULT_TEXTS['secret-unreadable'] };
      }
      const unchanged = kept?.ok === true ? kept.secret : null;
      const values = { ...body, secret: body.secret === undefined ? unchanged : keptSecret(body.secret) };
      const fault = this.#webhookFault(values);
      if (fault !== null) return fault;
      const webhook = await this.repository.updateWebhook(tx, id, this.#sealed(values));
      await this.#record(tx, actor, 'webhook:changed', webhook);
      return { ok: true, value: this.#shown(webhook) };
    });
  }

  /** Refused while rules post to it. What waits for it is dropped by the sender. */
  async removeWebhook(id: string, version: number | null, actor: string): Promise<SettingOutcome<null>> {
    return await this.database.transaction(async (tx): Promise<SettingOutcome<null>> => {
      const webhook = await this.repository.lockWebhook(tx, id);
      const refusal = refusalOf(webhook, version);
      if (refusal !== null || webhook === null) return refusal ?? { ok: false, reason: 'not-found' };
      const used = await this.repository.rulesOfWebhook(tx, id);
      if (used.length > 0) {
        const names = used.join('”, “');
        const text = { vi: `Quy tắc còn dùng: “${names}”`, en: `Rules still use it: “${names}”` };
        return { ok: false, reason: 'conflict', text };
      }
      await this.repository.deleteWebhook(tx, id);
      await this.#record(tx, actor, 'webhook:removed', webhook);
      return { ok: true, value: null };
    });
  }

  /** Without its secret. */
  #shown(webhook: KeptWebhook): Webhook {
    const { id, version, name, url, template, recipient, customBody, enabled, hasSecret, secret } = webhook;
    const secretReadable = secret === null || this.secrets.open(secret, webhookPurpose(url)).ok;
    return { id, version, name, url, template, recipient, customBody, enabled, hasSecret, secretReadable };
  }

  #sealed<T extends { readonly url: string; readonly secret: string | null }>(values: T) {
    const { url, secret } = values;
    return { ...values, secret: secret === null ? null : this.secrets.seal(secret, webhookPurpose(url)) };
  }

  async #ruleFault(tx: Tx, body: RuleBody): Promise<SettingRefusal | null> {
    const people = new Set((await this.people.list(tx)).map(({ id }) => id));
    const webhooks = new Set((await this.repository.webhooks(tx)).map(({ id }) => id));
    const fault = ruleFault(body, people, webhooks);
    return fault === null ? null : { ok: false, reason: 'invalid', ...fault };
  }

  #webhookFault(values: Parameters<typeof faultOf>[0]): SettingRefusal | null {
    const fault = faultOf(values) ?? (this.#isPrivate(values.url) ? 'url-private' : null);
    return fault === null ? null : { ok: false, reason: 'invalid', path: PATHS[fault], text: FAULT_TEXTS[fault] };
  }

  /** By what can be seen of the address itself; what a name stands for is looked at whenever it is posted to. */
  #isPrivate(url: string): boolean {
    if (this.config.webhookPrivate) return false;
    const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
    return isIP(host) === 0 ? /(^|\.)localhost\.?$/i.test(host) : !isPublicAddress(host);
  }

  async #record(
    tx: Tx,
    actor: string,
    action: `${'notification-rule' | 'webhook'}:${'created' | 'changed' | 'removed'}`,
    { id, name, enabled, version }: Pick<NotificationRule, 'id' | 'name' | 'enabled' | 'version'>,
  ): Promise<void> {
    await this.audit.record({ actor, action, subject: id, detail: { name, enabled, version } }, tx);
  }
}

const PATHS: Readonly<Record<WebhookFault, string>> = {
  'recipient-missing': 'recipient',
  'secret-missing': 'secret',
  'secret-characters': 'secret',
  'body-missing': 'customBody',
  'body-not-json': 'customBody',
  'url-not-http': 'url',
  'url-has-password': 'url',
  'url-private': 'url',
};

function refusalOf(kept: { readonly version: number } | null, version: number | null): SettingRefusal | null {
  if (kept === null) return { ok: false, reason: 'not-found' };
  return kept.version === version ? null : { ok: false, reason: 'stale', version: kept.version };
}

function keptSecret(secret: string | null): string | null {
  return secret === null || secret === '' ? null : secret;
}

function shownRule({ changedAtMs: _changedAtMs, ...rule }: KeptRule): NotificationRule {
  return rule;
}
