import { Injectable } from '@nestjs/common';
import type { NotificationRule, NotificationRuleBody, Webhook } from '@ioc/contract';
import type { Tx } from '../platform/database/database.js';
import type { SealedSecret } from '../platform/outbound/secret-keys.js';
import type { KeptSecret } from './kept-secret.js';

/** A rule with the moment since which it is as it is. */
export interface KeptRule extends NotificationRule {
  readonly changedAtMs: number;
}

/** A webhook with what is never given back; whether that can be read is not known here. */
export interface KeptWebhook extends Omit<Webhook, 'secretReadable'> {
  readonly secret: KeptSecret | null;
}

const RULE_COLUMNS = `
  id::text, version, name, enabled, roles, person_ids as "personIds", channels, webhook_ids::text[] as "webhookIds",
  commune_codes as "communeCodes", owners, device_classes as "deviceClasses", kinds, minimum_severity as "minimumSeverity",
  hours, after_minutes as "afterMinutes", changed_at as "changedAt"`;
const SELECT_RULES = `select ${RULE_COLUMNS} from notification_rule order by id`;
const LOCK_RULE = `select ${RULE_COLUMNS} from notification_rule where id = $1 for update`;
const COUNT_RULES = `select count(*) as count from notification_rule`;
const INSERT_RULE = `
  insert into notification_rule (name, enabled, roles, person_ids, channels, webhook_ids, commune_codes, owners,
    device_classes, kinds, minimum_severity, hours, after_minutes, changed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  returning ${RULE_COLUMNS}`;
const UPDATE_RULE = `
  update notification_rule set version = version + 1, name = $1, enabled = $2, roles = $3, person_ids = $4, channels = $5,
    webhook_ids = $6, commune_codes = $7, owners = $8, device_classes = $9, kinds = $10, minimum_severity = $11,
    hours = $12, after_minutes = $13, changed_at = $14
  where id = $15
  returning ${RULE_COLUMNS}`;
const DELETE_RULE = `delete from notification_rule where id = $1`;

const WEBHOOK_COLUMNS = `
  id::text, version, name, url, template, recipient, secret is not null as "hasSecret", custom_body as "customBody", enabled,
  case when secret is not null then jsonb_build_object('keyId', secret_key_id, 'sealed', secret) end as secret`;
const SELECT_WEBHOOKS = `select ${WEBHOOK_COLUMNS} from webhook order by id`;
const SELECT_WEBHOOK = `select ${WEBHOOK_COLUMNS} from webhook where id = $1`;
const LOCK_WEBHOOK = `${SELECT_WEBHOOK} for update`;
const COUNT_WEBHOOKS = `select count(*) as count from webhook`;
const INSERT_WEBHOOK = `
  insert into webhook (name, url, template, recipient, custom_body, enabled, secret, secret_key_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  returning ${WEBHOOK_COLUMNS}`;
const UPDATE_WEBHOOK = `
  update webhook set version = version + 1, name = $1, url = $2, template = $3, recipient = $4,
    custom_body = $5, enabled = $6, secret = $7, secret_key_id = $8
  where id = $9
  returning ${WEBHOOK_COLUMNS}`;
const LOCK_SECRETS = `select ${WEBHOOK_COLUMNS} from webhook where secret is not null order by id for update`;
const UPDATE_SECRET = `update webhook set secret = $2, secret_key_id = $3 where id = $1`;
const DELETE_WEBHOOK = `delete from webhook where id = $1`;
const SELECT_RULES_OF_WEBHOOK = `select name from notification_rule where $1::bigint = any (webhook_ids) order by id`;

type RuleRow = Omit<KeptRule, 'changedAtMs'> & { readonly changedAt: Date } & Record<string, unknown>;
type WebhookRow = KeptWebhook & Record<string, unknown>;
type WebhookValues = Omit<KeptWebhook, 'id' | 'version' | 'hasSecret' | 'secret'> & {
  readonly secret: SealedSecret | null;
};

/** SQL of rules and webhooks. */
@Injectable()
export class NotificationSettingsRepository {
  async rules(tx: Tx): Promise<readonly KeptRule[]> {
    return (await tx.query<RuleRow>(SELECT_RULES)).map(ruleOf);
  }

  async lockRule(tx: Tx, id: string): Promise<KeptRule | null> {
    const [row] = await tx.query<RuleRow>(LOCK_RULE, [id]);
    return row === undefined ? null : ruleOf(row);
  }

  countRules(tx: Tx): Promise<number> {
    return countOf(tx, COUNT_RULES);
  }

  async insertRule(tx: Tx, body: NotificationRuleBody, atMs: number): Promise<KeptRule> {
    const [row] = await tx.query<RuleRow>(INSERT_RULE, ruleValues(body, atMs));
    if (row === undefined) throw new Error('an insert returned no row');
    return ruleOf(row);
  }

  async updateRule(tx: Tx, id: string, body: NotificationRuleBody, atMs: number): Promise<KeptRule> {
    const [row] = await tx.query<RuleRow>(UPDATE_RULE, [...ruleValues(body, atMs), id]);
    if (row === undefined) throw new Error('a locked rule was not updated');
    return ruleOf(row);
  }

  async deleteRule(tx: Tx, id: string): Promise<void> {
    await tx.execute(DELETE_RULE, [id]);
  }

  webhooks(tx: Tx): Promise<readonly KeptWebhook[]> {
    return tx.query<WebhookRow>(SELECT_WEBHOOKS);
  }

  async webhook(tx: Tx, id: string): Promise<KeptWebhook | null> {
    return (await tx.query<WebhookRow>(SELECT_WEBHOOK, [id]))[0] ?? null;
  }

  async lockWebhook(tx: Tx, id: string): Promise<KeptWebhook | null> {
    return (await tx.query<WebhookRow>(LOCK_WEBHOOK, [id]))[0] ?? null;
  }

  countWebhooks(tx: Tx): Promise<number> {
    return countOf(tx, COUNT_WEBHOOKS);
  }

  async insertWebhook(tx: Tx, values: WebhookValues): Promise<KeptWebhook> {
    const [row] = await tx.query<WebhookRow>(INSERT_WEBHOOK, webhookValues(values));
    if (row === undefined) throw new Error('an insert returned no row');
    return row;
  }

  async updateWebhook(tx: Tx, id: string, values: WebhookValues): Promise<KeptWebhook> {
    const [row] = await tx.query<WebhookRow>(UPDATE_WEBHOOK, [...webhookValues(values), id]);
    if (row === undefined) throw new Error('a locked webhook was not updated');
    return row;
  }

  /** Webhooks with a secret. */
  async lockSecrets(tx: Tx): Promise<readonly (KeptWebhook & { readonly secret: KeptSecret })[]> {
    const rows = await tx.query<WebhookRow>(LOCK_SECRETS);
    return rows.flatMap((row) => (row.secret === null ? [] : [{ ...row, secret: row.secret }]));
  }

  async keepSecret(tx: Tx, id: string, { sealed, keyId }: SealedSecret): Promise<void> {
    await tx.execute(UPDATE_SECRET, [id, sealed, keyId]);
  }

  async deleteWebhook(tx: Tx, id: string): Promise<void> {
    await tx.execute(DELETE_WEBHOOK, [id]);
  }

  /** Names of the rules that post to it. */
  async rulesOfWebhook(tx: Tx, id: string): Promise<readonly string[]> {
    return (await tx.query<{ name: string }>(SELECT_RULES_OF_WEBHOOK, [id])).map(({ name }) => name);
  }
}

function ruleOf({ changedAt, ...rule }: RuleRow): KeptRule {
  return { ...rule, changedAtMs: changedAt.getTime() };
}

function ruleValues(body: NotificationRuleBody, atMs: number): readonly unknown[] {
  return [
    body.name,
    body.enabled,
    body.roles,
    body.personIds,
    body.channels,
    body.webhookIds,
    body.communeCodes,
    body.owners,
    body.deviceClasses,
    body.kinds,
    body.minimumSeverity,
    body.hours === null ? null : JSON.stringify(body.hours),
    body.afterMinutes,
    new Date(atMs),
  ];
}

function webhookValues(values: WebhookValues): readonly unknown[] {
  const { name, url, template, recipient, secret, customBody, enabled } = values;
  return [name, url, template, recipient, customBody, enabled, secret?.sealed ?? null, secret?.keyId ?? null];
}

async function countOf(tx: Tx, statement: string): Promise<number> {
  return (await tx.query<{ count: number }>(statement))[0]?.count ?? 0;
}
