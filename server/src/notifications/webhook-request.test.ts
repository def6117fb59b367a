import { describe, expect, it } from 'vitest';
import { faultOf, refusalIn, webhookRequest } from './webhook-request.js';

const message = {
  key: 'incident.1.opened.1.webhook.3',
  kind: 'opened',
  incidentId: '1',
  title: 'Xã “Trà Bồng” "bị cô lập"',
  text: 'dòng 1\ndòng 2 </script> {{title}}',
  link: 'https://ioc.example/incidents?incident=1',
  severity: 'critical',
  at: '2026-01-12T05:00:00.000Z',
};
const webhook = {
  url: 'https://hook.example/in',
  template: 'generic',
  recipient: null,
  secret: null,
  customBody: null,
} as const;

describe('the request to a webhook', () => {
  it('carries its idempotency key, and the secret as Authorization', () => {
    const request = webhookRequest({ ...webhook, secret: 'Bearer x' }, message);
    expect(request.headers).toMatchObject({ 'idempotency-key': message.key, authorization: 'Bearer x' });
    expect(JSON.parse(request.body)).toEqual(message);
    expect(webhookRequest(webhook, message).headers).not.toHaveProperty('authorization');
  });

  it('speaks to Zalo OA and to a Telegram bot as they ask', () => {
    const zalo = webhookRequest(
      {
        ...webhook,
        url: 'https://openapi.zalo.me/v3.0/oa/message/cs',
        template: 'zaloOa',
        recipient: 'u1',
        secret: 't',
      },
      message,
    );
    expect(zalo).toMatchObject({ url: 'https://openapi.zalo.me/v3.0/oa/message/cs', headers: { access_token: 't' } });
    expect(JSON.parse(zalo.body)).toMatchObject({
      recipient: { user_id: 'u1' },
      message: { text: `${message.title}\n${message.text}\n${message.link}` },
    });
    const telegram = webhookRequest(
      { ...webhook, url: 'https://api.telegram.org/', template: 'telegram', recipient: '-100', secret: '12:ab' },
      message,
    );
    expect(telegram.url).toBe('https://api.telegram.org/bot12:ab/sendMessage');
    expect(JSON.parse(telegram.body)).toMatchObject({ chat_id: '-100' });
    expect(JSON.parse(telegram.body)).not.toHaveProperty('parse_mode');
  });

  it('fills a template of its own: in JSON escaped, and a placeholder in a text stays text', () => {
    const customBody = '{"msg": "{{title}}: {{text}}", "level": "{{severity}}", "url": "{{link}}"}';
    const request = webhookRequest({ ...webhook, template: 'custom', customBody }, message);
    expect(JSON.parse(request.body)).toEqual({
      msg: `${message.title}: ${message.text}`,
      level: 'critical',
      url: message.link,
    });
    const plain = webhookRequest({ ...webhook, template: 'custom', customBody: '{{severity}}! {{title}}' }, message);
    expect(plain.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(plain.body).toBe(
      '{{severity}}! {{title}}'.replace('{{severity}}', 'critical').replace('{{title}}', message.title),
    );
  });

  it('takes what Zalo or Telegram refuse in an answer of 200 as refused', () => {
    expect(refusalIn('zaloOa', '{"error":-216,"message":"Access token is invalid"}')).toBe(
      'Zalo -216: Access token is invalid',
    );
    expect(refusalIn('zaloOa', '{"error":0,"message":"Success"}')).toBeNull();
    expect(refusalIn('telegram', '{"ok":false,"description":"chat not found"}')).toBe('Telegram: chat not found');
    expect(refusalIn('telegram', '<html>')).toBe('Telegram: no answer');
    expect(refusalIn('generic', 'whatever')).toBeNull();
  });
});

describe('what is wrong with a webhook', () => {
  it.each([
    ['url-not-http', { url: 'file:///etc/passwd' }],
    ['url-has-password', { url: 'https://me:secret@hook.example/' }],
    ['secret-characters', { secret: 'a\r\nx-evil: 1' }],
    ['secret-missing', { template: 'telegram', recipient: '1' }],
    ['secret-characters', { template: 'telegram', recipient: '1', secret: '../x' }],
    ['recipient-missing', { template: 'zaloOa', secret: 'x' }],
    ['body-missing', { template: 'custom' }],
    ['body-not-json', { template: 'custom', customBody: '{"msg": {{title}}}' }],
  ] as const)('is told: %s', (fault, given) => {
    expect(faultOf({ ...webhook, ...given })).toBe(fault);
  });

  it('is nothing with a good one', () => {
    expect(faultOf(webhook)).toBeNull();
    expect(faultOf({ ...webhook, template: 'custom', customBody: '{"msg": "{{title}}"}' })).toBeNull();
  });
});
