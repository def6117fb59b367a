import type { Webhook } from '@ioc/contract';

/** What a webhook is told; the names of its template’s placeholders. */
export interface WebhookMessage {
  readonly key: string;
  readonly kind: string;
  readonly incidentId: string | null;
  readonly title: string;
  readonly text: string;
  readonly link: string | null;
  readonly severity: string | null;
  readonly at: string;
}

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Destination = Pick<Webhook, 'url' | 'template' | 'recipient' | 'customBody'> & { readonly secret: string | null };

/**
 * The request that tells a webhook.
 * - Telegram: `POST <url>/bot<secret>/sendMessage` with `chat_id` and `text` (core.telegram.org/bots/api#sendmessage).
 * - Zalo OA: `POST <url>` (`https://openapi.zalo.me/v3.0/oa/message/cs`) with header `access_token` and
 *   `recipient.user_id`, `message.text` (developers.zalo.me, Official Account API 3.0).
 * - generic and custom: the secret is the `Authorization` header.
 */
export function webhookRequest(webhook: Destination, message: WebhookMessage): WebhookRequest {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'idempotency-key': message.key };
  const spoken = [message.title, message.text, message.link].filter((part) => part !== null).join('\n');
  const secret = webhook.secret ?? '';
  switch (webhook.template) {
    case 'telegram':
      return {
        url: `${webhook.url.replace(/\/+$/, '')}/bot${secret}/sendMessage`,
        headers,
        body: JSON.stringify({ chat_id: webhook.recipient, text: spoken, disable_web_page_preview: true }),
      };
    case 'zaloOa':
      return {
        url: webhook.url,
        headers: { ...headers, access_token: secret },
        body: JSON.stringify({ recipient: { user_id: webhook.recipient }, message: { text: spoken } }),
      };
    case 'generic':
      return { url: webhook.url, headers: withSecret(headers, webhook.secret), body: JSON.stringify(message) };
    case 'custom': {
      const body = filled(webhook.customBody ?? '', message);
      const type = isJsonTemplate(webhook.customBody ?? '') ? headers['content-type'] : 'text/plain; charset=utf-8';
      return { url: webhook.url, headers: withSecret({ ...headers, 'content-type': type }, webhook.secret), body };
    }
  }
}

/**
 * Whether an answer of 2xx means that it was taken: Zalo and Telegram say in the body that it was not. Null: taken, else why
 * not.
 */
export function refusalIn(template: Webhook['template'], body: string): string | null {
  if (template !== 'zaloOa' && template !== 'telegram') return null;
  const answer = parsed(body);
  if (template === 'telegram') {
    return valueOf(answer, 'ok') === true ? null : `Telegram: ${textOf(answer, 'description')}`;
  }
  return valueOf(answer, 'error') === 0 ? null : `Zalo ${textOf(answer, 'error')}: ${textOf(answer, 'message')}`;
}

export type WebhookFault =
  | 'recipient-missing'
  | 'secret-missing'
  | 'secret-characters'
  | 'body-missing'
  | 'body-not-json'
  | 'url-not-http'
  | 'url-has-password'
  | 'url-private';

/** What is wrong with a webhook as given; null: nothing. Addresses behind a name are looked at when it is used. */
export function faultOf(webhook: Destination): WebhookFault | null {
  const url = new URL(webhook.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'url-not-http';
  if (url.username !== '' || url.password !== '') return 'url-has-password';
  const speaks = webhook.template === 'telegram' || webhook.template === 'zaloOa';
  if (speaks && !webhook.recipient?.trim()) return 'recipient-missing';
  if (speaks && !webhook.secret) return 'secret-missing';
  // It becomes a part of a header or of a path.
  const allowed = webhook.template === 'telegram' ? /^[\w:-]*$/ : /^[\x20-\x7e]*$/;
  if (webhook.secret !== null && !allowed.test(webhook.secret)) return 'secret-characters';
  if (webhook.template !== 'custom') return null;
  if (!webhook.customBody?.trim()) return 'body-missing';
  const example = { key: 'k', kind: 'k', incidentId: null, title: '"', text: '\n', link: null, severity: null, at: '' };
  if (isJsonTemplate(webhook.customBody) && parsed(filled(webhook.customBody, example)) === undefined) {
    return 'body-not-json';
  }
  return null;
}

function withSecret(headers: Readonly<Record<string, string>>, secret: string | null): Record<string, string> {
  return secret === null || secret === '' ? { ...headers } : { ...headers, authorization: secret };
}

function isJsonTemplate(template: string): boolean {
  return /^\s*(\{(?!\{)|\[)/.test(template);
}

/** In JSON a placeholder stands inside quotes, and what is put there is escaped for it. */
function filled(template: string, message: WebhookMessage): string {
  const json = isJsonTemplate(template);
  return template.replaceAll(
    /\{\{(title|text|link|severity|key|kind|at)\}\}/g,
    (_whole, name: keyof WebhookMessage) => {
      const value = message[name] ?? '';
      return json ? JSON.stringify(value).slice(1, -1) : value;
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valueOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = valueOf(value, name);
  return typeof text === 'string' || typeof text === 'number' ? String(text) : 'no answer';
}
