import { randomBytes } from 'node:crypto';
import { API_PREFIX, type Notification, type Page, type Webhook } from '@ioc/contract';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { startHttpStandIn, type HttpStandIn } from '../harness/http-stand-in.js';
import { TestClock } from '../harness/test-clock.js';

const SECRET = 'Bearer khoa-rat-bi-mat';
const makeKey = () => randomBytes(32).toString('base64');

describe('Secrets in the database', () => {
  const [first, second, other] = [makeKey(), makeKey(), makeKey()];
  const clock = new TestClock();
  const lines: string[] = [];
  let fresh: FreshDatabase;
  let hook: HttpStandIn;
  let database: pg.Client;
  let system: TestConsole | null = null;

  beforeAll(async () => {
    fresh = await freshDatabase();
    hook = await startHttpStandIn();
    database = new pg.Client({ connectionString: fresh.url });
    await database.connect();
  });

  afterEach(async () => {
    await system?.stop();
    system = null;
  });

  afterAll(async () => {
    await database.end();
    await hook.close();
    await fresh.drop();
  });

  async function start(key: string): Promise<Awaited<ReturnType<TestConsole['signedIn']>>> {
    lines.length = 0;
    system = await startTestConsole({
      clock,
      databaseUrl: fresh.url,
      onLog: (line) => lines.push(line),
      settings: { IOC_WEBHOOK_PRIVATE: '1', IOC_SECRET_KEY: key },
    });
    return await system.signedIn('administrator');
  }

  /** Both tables as a dump would show them. */
  async function dump(): Promise<string> {
    const { rows } = await database.query(
      `select (select jsonb_agg(webhook) from webhook) as webhooks, (select jsonb_agg(vapid_key) from vapid_key) as vapid`,
    );
    return JSON.stringify(rows);
  }

  const keyIds = async () => {
    const { rows } = await database.query<{ id: string | null }>(
      'select secret_key_id as id from webhook union all select private_key_id from vapid_key',
    );
    return rows.map(({ id }) => id);
  };

  async function sendTest(agent: Awaited<ReturnType<TestConsole['signedIn']>>, webhookId: string): Promise<string> {
    const body = { channel: 'webhook', webhookId };
    return ((await agent.post(`${API_PREFIX}/notifications/test`).send(body).expect(201)).body as { id: string }).id;
  }

  async function logOf(agent: Awaited<ReturnType<TestConsole['signedIn']>>, message: string): Promise<Notification> {
    const { items } = (await agent.get(`${API_PREFIX}/notifications`).expect(200)).body as Page<Notification>;
    const found = items.find(({ key }) => key.startsWith(message));
    if (found === undefined) throw new Error('it is not in the log');
    return found;
  }

  let id = '';

  test('those of before are sealed at the next start, and are used as they were', async () => {
    const before = await start(first);
    const body = { name: 'LGSP', url: `${hook.url}/in`, template: 'generic', recipient: null, customBody: null };
    const made = await before
      .post(`${API_PREFIX}/webhooks`)
      .send({ ...body, enabled: true })
      .expect(201);
    ({ id } = made.body as Webhook);
    await system?.stop();
    await database.query('update webhook set secret = $1, secret_key_id = null', [SECRET]);
    expect(await dump()).toContain(SECRET);

    const agent = await start(first);
    expect(await dump()).not.toContain(SECRET);
    expect(await keyIds()).not.toContain(null);
    const message = await sendTest(agent, id);
    await eventually(async () => expect((await logOf(agent, message)).state).toBe('sent'));
    expect(hook.received.at(-1)?.headers.authorization).toBe(SECRET);
  });

  test('when the key is changed they are sealed with the new one, and the old one can go', async () => {
    const [before] = await keyIds();
    await start(`${second},${first}`);
    const [after, ofPush] = await keyIds();
    expect(after).not.toBe(before);
    expect(ofPush).toBe(after);
    await system?.stop();
    const agent = await start(second);
    const message = await sendTest(agent, id);
    await eventually(async () => expect((await logOf(agent, message)).state).toBe('sent'));
    expect(hook.received.at(-1)?.headers.authorization).toBe(SECRET);
  });

  test('with the wrong key the webhook says so, sends nothing and loses nothing', async () => {
    const kept = await dump();
    const taken = hook.received.length;
    let agent = await start(other);
    expect(lines.join('\n')).toMatch(/a webhook cannot be used: its secret was sealed with a key/);
    expect(lines.join('\n')).toMatch(/web push cannot be used/);
    expect(await dump(), 'what no key opens stays as it is').toBe(kept);
    const { webhooks } = (await agent.get(`${API_PREFIX}/webhooks`).expect(200)).body as { webhooks: Webhook[] };
    expect(webhooks).toMatchObject([{ hasSecret: true, secretReadable: false }]);
    const channels = await agent.get(`${API_PREFIX}/me/channels`).expect(200);
    expect(channels.body).toMatchObject({ vapidPublicKey: null });
    const message = await sendTest(agent, id);
    await eventually(async () =>
      expect(await logOf(agent, message)).toMatchObject({
        state: 'waiting',
        lastError: 'its secret was sealed with a key that this console does not have (IOC_SECRET_KEY)',
      }),
    );
    const [{ version = 0, ...body } = {}] = webhooks as (Partial<Webhook> & { version?: number })[];
    const { id: _id, hasSecret: _has, secretReadable: _readable, ...asBefore } = body;
    const save = (change: object) =>
      agent
        .put(`${API_PREFIX}/webhooks/${id}`)
        .set('if-match', `"${version}"`)
        .send({ ...asBefore, ...change });
    const refused = await save({ name: 'Mới' }).expect(400);
    expect(refused.body).toMatchObject({ errors: [{ path: 'secret' }] });
    expect(hook.received).toHaveLength(taken);

    await system?.stop();
    agent = await start(second);
    clock.advance(60_000);
    await eventually(async () => expect((await logOf(agent, message)).state).toBe('sent'));
    expect(hook.received.at(-1)?.headers.authorization).toBe(SECRET);
  });

  test('it goes to no other host, even when somebody changes the address in the database', async () => {
    const evil = await startHttpStandIn();
    const agent = await start(second);
    await database.query('update webhook set url = $1', [`${evil.url}/in`]);
    const message = await sendTest(agent, id);
    await eventually(async () => expect((await logOf(agent, message)).lastError).toContain('sealed for another host'));
    expect(evil.received).toEqual([]);
    await evil.close();
  });
});
