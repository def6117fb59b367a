import { API_PREFIX, type Notification, type Page, type Webhook } from '@ioc/contract';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate, type TestCertificate } from '../harness/certificate.js';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startHttpStandIn, type HttpStandIn } from '../harness/http-stand-in.js';
import { startMailStandIn, type MailStandIn } from '../harness/mail-stand-in.js';
import { PushBrowser, vapidClaims } from '../harness/push-browser.js';
import { TestClock } from '../harness/test-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('Delivery of notifications', () => {
  const clock = new TestClock();
  let certificate: TestCertificate;
  let mail: MailStandIn;
  let push: HttpStandIn;
  let hook: HttpStandIn;
  let system: TestConsole;
  let database: pg.Client;
  let administrator: Awaited<ReturnType<TestConsole['signedIn']>>;

  beforeAll(async () => {
    certificate = await makeCertificate();
    mail = await startMailStandIn();
    push = await startHttpStandIn(certificate);
    hook = await startHttpStandIn();
    system = await startTestConsole({
      clock,
      settings: {
        IOC_SMTP_URL: mail.url,
        IOC_MAIL_FROM: 'ioc@quangngai.example',
        IOC_WEBHOOK_PRIVATE: '1',
        IOC_OUTBOUND_CA: certificate.certFile,
      },
    });
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    administrator = await system.signedIn('administrator');
    await administrator.put(`${API_PREFIX}/me/channels/email`).send({ email: 'quantri@example.vn' }).expect(204);
  });

  afterEach(() => {
    hook.answer({ status: 204 });
    push.answer({ status: 201 });
    mail.refuse(null);
  });

  afterAll(async () => {
    await database.end();
    await system.stop();
    await Promise.all([mail.close(), push.close(), hook.close()]);
    await certificate.remove();
  });

  async function makeWebhook(overrides: Record<string, unknown> = {}): Promise<Webhook> {
    const body = {
      name: 'Nền tảng tích hợp',
      url: `${hook.url}/in`,
      template: 'generic',
      recipient: null,
      customBody: null,
      enabled: true,
      ...overrides,
    };
    const answer = await administrator.post(`${API_PREFIX}/webhooks`).send(body).expect(201);
    return answer.body as Webhook;
  }

  /** Puts a test message into the outbox and gives the part of its keys that all of them share. */
  async function sendTest(body: Record<string, unknown>): Promise<string> {
    // At most five tests in ten minutes.
    clock.advance(3 * MINUTE_MS);
    const answer = await administrator.post(`${API_PREFIX}/notifications/test`).send(body).expect(201);
    return (answer.body as { id: string }).id;
  }

  async function logOf(message: string): Promise<Notification> {
    const answer = await administrator.get(`${API_PREFIX}/notifications`).expect(200);
    const found = (answer.body as Page<Notification>).items.find(({ key }) => key.startsWith(message));
    if (found === undefined) throw new Error('it is not in the log');
    return found;
  }

  const requestsOf = (standIn: HttpStandIn, message: string) =>
    standIn.received.filter(({ headers }) => String(headers['idempotency-key']).startsWith(message));

  test('an e-mail goes out over SMTP, with the key as its Message-ID, in Vietnamese', async () => {
    const message = await sendTest({ channel: 'email' });
    await eventually(async () => expect(await logOf(message)).toMatchObject({ state: 'sent', attempts: 1 }));
    const received = mail.received.filter(({ source }) => source.includes(message));
    expect(received).toHaveLength(1);
    expect(received[0]?.to).toEqual(['quantri@example.vn']);
    const source = received[0]?.source ?? '';
    expect(source).toMatch(new RegExp(`^Message-ID:\\s+<${message}\\.email\\.[0-9a-f-]+@quangngai\\.example>`, 'mi'));
    expect(source).toContain('Auto-Submitted: auto-generated');
    expect(await logOf(message)).toMatchObject({ channel: 'email', recipient: 'quantri@example.vn', kind: 'test' });
  });

  test('a mail server that refuses is tried again later; a recipient that it does not know is not', async () => {
    mail.refuse('everything');
    const message = await sendTest({ channel: 'email' });
    const refused = await eventually(async () => {
      const entry = await logOf(message);
      expect(entry).toMatchObject({ state: 'waiting', attempts: 1 });
      return entry;
    });
    expect(refused.lastError).toContain('554');
    expect(Date.parse(refused.nextAttemptAt ?? '')).toBeGreaterThan(clock.now());
    mail.refuse(null);
    clock.advance(MINUTE_MS);
    await eventually(async () => expect(await logOf(message)).toMatchObject({ state: 'sent', attempts: 2 }));

    mail.refuse({ recipient: 'quantri@example.vn' });
    const unknown = await sendTest({ channel: 'email' });
    await eventually(async () => expect(await logOf(unknown)).toMatchObject({ state: 'failed', attempts: 1 }));
    expect((await logOf(unknown)).lastError).toContain('550');
  });

  test('a webhook that answers 500 for an hour gets the message once it answers, under one key; others wait for nothing', async () => {
    const { id: webhookId } = await makeWebhook();
    const well = await startHttpStandIn();
    const other = await makeWebhook({ url: well.url });
    hook.answer({ status: 500 });
    const message = await sendTest({ channel: 'webhook', webhookId });
    let attempts = 0;
    for (const endMs = clock.now() + HOUR_MS; clock.now() < endMs;) {
      await eventually(async () => expect((await logOf(message)).attempts).toBeGreaterThan(attempts));
      const entry = await eventually(async () => {
        const now = await logOf(message);
        expect(now).toMatchObject({ state: 'waiting', lastError: 'HTTP 500' });
        return now;
      });
      attempts = entry.attempts;
      if (attempts % 4 === 1) {
        for (const body of [{ channel: 'webhook', webhookId: other.id }, { channel: 'email' }]) {
          const passing = await sendTest(body);
          await eventually(async () => expect(await logOf(passing)).toMatchObject({ state: 'sent', attempts: 1 }));
        }
      }
      clock.advance(Math.max(0, Date.parse(entry.nextAttemptAt ?? '') - clock.now()));
    }
    expect(attempts, 'fewer and fewer').toBeLessThan(12);
    hook.answer({ status: 200 });
    await eventually(async () => expect((await logOf(message)).state).toBe('sent'));
    const requests = requestsOf(hook, message);
    expect(requests.length).toBe((await logOf(message)).attempts);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key']))).toEqual(
      new Set([`${message}.webhook.${webhookId}`]),
    );
    expect(JSON.parse(requests[0]?.body.toString() ?? '')).toMatchObject({ kind: 'test', incidentId: null });
    await well.close();
  });

  test('a message that nobody takes is given up after a day, and says so', async () => {
    const { id: webhookId } = await makeWebhook();
    hook.answer({ status: 503 });
    const message = await sendTest({ channel: 'webhook', webhookId });
    await eventually(async () => expect((await logOf(message)).attempts).toBe(1));
    clock.advance(24 * HOUR_MS);
    administrator = await system.signedIn('administrator');
    await eventually(async () =>
      expect(await logOf(message)).toMatchObject({ state: 'failed', lastError: 'HTTP 503' }),
    );
  });

  test('a webhook that hangs is given up after 10 s, and holds up no other', async () => {
    const hanging = await startHttpStandIn();
    hanging.answer('hang');
    const stuck = await makeWebhook({ url: hanging.url });
    const good = await makeWebhook();
    const began = performance.now();
    const waiting = await sendTest({ channel: 'webhook', webhookId: stuck.id });
    await eventually(() => expect(requestsOf(hanging, waiting)).toHaveLength(1));
    const passing = await sendTest({ channel: 'webhook', webhookId: good.id });
    await eventually(async () => expect((await logOf(passing)).state).toBe('sent'), { timeoutMs: 5_000 });
    await eventually(async () => expect((await logOf(waiting)).lastError).toContain('timeout'), { timeoutMs: 15_000 });
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThan(9_900);
    expect(tookMs).toBeLessThan(14_000);
    await hanging.close();
  });

  test('a redirect is not followed, and is no success', async () => {
    const { id: webhookId } = await makeWebhook();
    hook.answer({ status: 302, headers: { location: `${hook.url}/elsewhere` } });
    const message = await sendTest({ channel: 'webhook', webhookId });
    await eventually(async () => expect((await logOf(message)).state).toBe('failed'));
    expect(hook.received.some(({ path }) => path === '/elsewhere')).toBe(false);
  });

  test('an endless answer is read no further than it may be', async () => {
    const { id: webhookId } = await makeWebhook();
    hook.answer({ status: 200, body: 'x'.repeat(20 * 1024 * 1024) });
    const message = await sendTest({ channel: 'webhook', webhookId });
    await eventually(async () => expect((await logOf(message)).state).toBe('sent'));
  });

  test('Zalo and Telegram get what they ask for, and what they refuse with 200 is not taken as sent', async () => {
    const zalo = await makeWebhook({
      url: `${hook.url}/v3.0/oa/message/cs`,
      template: 'zaloOa',
      recipient: 'nhom-truc',
      secret: 'khoa',
    });
    const telegram = await makeWebhook({ url: hook.url, template: 'telegram', recipient: '-1001', secret: '12:AbC' });
    hook.answer({ status: 200, body: '{"error":-216,"message":"Access token is invalid"}' });
    const refused = await sendTest({ channel: 'webhook', webhookId: zalo.id });
    await eventually(async () =>
      expect(await logOf(refused)).toMatchObject({ state: 'waiting', lastError: 'Zalo -216: Access token is invalid' }),
    );
    hook.answer({ status: 200, body: '{"error":0,"message":"Success","data":{"message_id":"1"}}' });
    clock.advance(MINUTE_MS);
    await eventually(async () => expect((await logOf(refused)).state).toBe('sent'));
    expect(requestsOf(hook, refused)[0]).toMatchObject({
      path: '/v3.0/oa/message/cs',
      headers: { access_token: 'khoa' },
    });

    hook.answer({ status: 200, body: '{"ok":true,"result":{}}' });
    const sent = await sendTest({ channel: 'webhook', webhookId: telegram.id });
    await eventually(async () => expect((await logOf(sent)).state).toBe('sent'));
    const [request] = requestsOf(hook, sent);
    expect(request?.path).toBe('/bot12:AbC/sendMessage');
    expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ chat_id: '-1001' });
  });

  test('a web push is encrypted for the browser and signed with keys that are nowhere to be read', async () => {
    const browser = new PushBrowser(`${push.url}/send/abc`);
    await administrator.post(`${API_PREFIX}/me/channels/push`).send(browser.subscription).expect(204);
    await administrator.post(`${API_PREFIX}/me/channels/push`).send(browser.subscription).expect(204);
    const answer = await administrator.get(`${API_PREFIX}/me/channels`).expect(200);
    const channels: unknown = answer.body;
    expect(channels).toEqual({
      email: 'quantri@example.vn',
      emailAvailable: true,
      pushSubscriptions: 1,
      vapidPublicKey: expect.stringMatching(/^[\w-]{87}$/) as string,
    });

    const message = await sendTest({ channel: 'webPush' });
    await eventually(async () => expect((await logOf(message)).state).toBe('sent'));
    const [request, ...more] = requestsOf(push, message);
    expect(more).toEqual([]);
    expect(request?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '21600', urgency: 'normal' });
    expect(browser.read(request?.body ?? Buffer.alloc(0))).toMatchObject({
      key: request?.headers['idempotency-key'],
      title: '[Thử] Tin thử từ bảng điều khiển IOC Quảng Ngãi',
      url: '/',
    });
    const vapid = vapidClaims(request?.headers.authorization ?? '');
    expect(vapid).toMatchObject({
      key: (channels as { vapidPublicKey: string }).vapidPublicKey,
      claims: { aud: push.url, sub: 'mailto:ioc@quangngai.example' },
    });
    const { rows } = await database.query<{ private_key: string }>('select private_key from vapid_key');
    expect(rows).toHaveLength(1);
    // Sealed: a private key of P-256 would be 43 letters.
    expect(rows[0]?.private_key).toMatch(/^[\w-]{16}\.[\w-]{58}\.[\w-]{22}$/);
    expect(JSON.stringify(channels)).not.toContain(rows[0]?.private_key);
  });

  test('a browser that gave its subscription up is forgotten', async () => {
    push.answer({ status: 410 });
    const message = await sendTest({ channel: 'webPush' });
    await eventually(async () => expect((await logOf(message)).state).toBe('dropped'));
    const channels = await administrator.get(`${API_PREFIX}/me/channels`).expect(200);
    expect(channels.body).toMatchObject({ pushSubscriptions: 0 });
    await administrator.post(`${API_PREFIX}/notifications/test`).send({ channel: 'webPush' }).expect(409);
  });

  test('what is no subscription is refused', async () => {
    const { subscription } = new PushBrowser(`${push.url}/x`);
    const bad = [
      { ...subscription, endpoint: subscription.endpoint.replace('https:', 'http:') },
      { ...subscription, keys: { ...subscription.keys, p256dh: 'AAAA' } },
      { ...subscription, keys: { ...subscription.keys, auth: 'AA' } },
    ];
    for (const body of bad) await administrator.post(`${API_PREFIX}/me/channels/push`).send(body).expect(400);
  });

  test('tests of a channel are bounded, and those of a webhook are for administrators', async () => {
    const { id: webhookId } = await makeWebhook();
    const technician = await system.signedIn('technician');
    const test = (body: object) => technician.post(`${API_PREFIX}/notifications/test`).send(body);
    await test({ channel: 'webhook', webhookId }).expect(403);
    await test({ channel: 'email' }).expect(409);
    await technician.put(`${API_PREFIX}/me/channels/email`).send({ email: 'kythuat@example.vn' }).expect(204);
    for (let count = 0; count < 5; count += 1) await test({ channel: 'email' }).expect(201);
    await test({ channel: 'email' }).expect(429);
    await system.anonymous.post(`${API_PREFIX}/notifications/test`).send({ channel: 'email' }).expect(403);
    await system.anonymous.get(`${API_PREFIX}/me/channels`).expect(403);
  });
});
