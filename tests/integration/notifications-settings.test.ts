import { API_PREFIX, type NotificationReason, type NotificationRule, type Person, type Webhook } from '@ioc/contract';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';
import { startHttpStandIn, type HttpStandIn } from '../harness/http-stand-in.js';

const RULES = `${API_PREFIX}/notification-rules`;
const WEBHOOKS = `${API_PREFIX}/webhooks`;

describe('Rules and webhooks of notifications', () => {
  let system: TestConsole;
  let database: pg.Client;
  let inside: HttpStandIn;
  let administrator: Awaited<ReturnType<TestConsole['signedIn']>>;

  beforeAll(async () => {
    inside = await startHttpStandIn();
    system = await startTestConsole();
    database = new pg.Client({ connectionString: system.databaseUrl });
    await database.connect();
    administrator = await system.signedIn('administrator');
  });

  afterAll(async () => {
    await database.end();
    await system.stop();
    await inside.close();
  });

  const ruleBody = (overrides: Partial<NotificationRule> = {}) => ({
    name: 'Trực đêm',
    enabled: true,
    roles: ['operator'],
    personIds: [],
    channels: ['email'],
    webhookIds: [],
    communeCodes: [],
    owners: [],
    deviceClasses: [],
    kinds: [],
    minimumSeverity: 'major',
    hours: { from: '18:00', until: '06:00', days: [1, 2, 3, 4, 5, 6, 7] },
    afterMinutes: 0,
    ...overrides,
  });
  const webhookBody = (overrides: object = {}) => ({
    name: 'LGSP',
    url: 'https://lgsp.example/in',
    template: 'generic',
    recipient: null,
    customBody: null,
    enabled: true,
    ...overrides,
  });
  async function makeWebhook(overrides: object = {}): Promise<Webhook> {
    return (await administrator.post(WEBHOOKS).send(webhookBody(overrides)).expect(201)).body as Webhook;
  }

  test('a rule is kept whole, changed against its version, and removed', async () => {
    const created = await administrator.post(RULES).send(ruleBody()).expect(201);
    const rule = created.body as NotificationRule;
    expect(rule).toEqual({ ...ruleBody(), id: rule.id, version: 1 });
    const path = `${RULES}/${rule.id}`;
    const saved = await administrator
      .put(path)
      .set('if-match', '"1"')
      .send(ruleBody({ name: 'Ngày' }))
      .expect(200);
    expect(saved.body).toMatchObject({ name: 'Ngày', version: 2 });
    const stale = await administrator.put(path).set('if-match', '"1"').send(ruleBody()).expect(412);
    expect(stale.body).toMatchObject({ currentEtag: '"2"' });
    await administrator.put(path).send(ruleBody()).expect(428);
    await administrator.delete(path).set('if-match', '"2"').expect(204);
    await administrator.delete(path).set('if-match', '"2"').expect(404);
    const { rows } = await database.query(
      `select action from audit_entry where subject = $1 and action like 'notification-rule:%' order by id`,
      [rule.id],
    );
    expect(rows.map(({ action }: { action: string }) => action)).toEqual([
      'notification-rule:created',
      'notification-rule:changed',
      'notification-rule:removed',
    ]);
  });

  test('a rule that tells nobody, or names what is not there, is refused at its field', async () => {
    const refused = async (overrides: Partial<NotificationRule>) => {
      const answer = await administrator.post(RULES).send(ruleBody(overrides)).expect(400);
      return (answer.body as { errors: { path: string }[]; detail: string }).errors[0]?.path;
    };
    expect(await refused({ roles: [] })).toBe('roles');
    expect(await refused({ personIds: ['00000000-0000-4000-8000-000000000000'] })).toBe('personIds');
    expect(await refused({ channels: ['email', 'webhook'], webhookIds: ['999'] })).toBe('webhookIds');
    await administrator
      .post(RULES)
      .send({ ...ruleBody(), hours: { from: '25:00', until: '06:00', days: [1] } })
      .expect(400);
  });

  test('a secret is kept and never given back, and does not go along to another host', async () => {
    const secret = 'Bearer rất-bí-mật'.normalize('NFD').replaceAll(/[^\x20-\x7e]/g, '');
    const webhook = await makeWebhook({ secret });
    expect(webhook).toMatchObject({ hasSecret: true, secretReadable: true, version: 1 });
    const path = `${WEBHOOKS}/${webhook.id}`;
    const answers = [
      await administrator.get(WEBHOOKS).expect(200),
      await administrator
        .put(path)
        .set('if-match', '"1"')
        .send(webhookBody({ name: 'Mới' }))
        .expect(200),
      await administrator
        .put(path)
        .set('if-match', '"2"')
        .send(webhookBody({ url: 'https://evil.example/' }))
        .expect(400),
    ];
    for (const { text } of answers) expect(text).not.toContain(secret);
    const { rows: kept } = await database.query('select * from webhook where id = $1', [webhook.id]);
    expect(kept).toHaveLength(1);
    for (const part of [secret, Buffer.from(secret).toString('base64url'), Buffer.from(secret).toString('hex')]) {
      expect(JSON.stringify(kept)).not.toContain(part);
    }
    const moved = webhookBody({ url: 'https://other.example/', secret: null });
    const after = await administrator.put(path).set('if-match', '"2"').send(moved).expect(200);
    expect(after.body).toMatchObject({ hasSecret: false, url: 'https://other.example/' });
    const { rows } = await database.query(
      `select detail::text as detail from audit_entry where action like 'webhook:%'`,
    );
    for (const { detail } of rows as { detail: string }[]) expect(detail).not.toContain(secret);
  });

  test('addresses inside the network are refused when they are set, and when a name turns out to stand for one', async () => {
    const urls = [
      inside.url,
      'http://[::1]/',
      'http://169.254.169.254/latest',
      'http://localhost/',
      'http://192.168.1.1/',
    ];
    for (const url of urls) {
      const answer = await administrator.post(WEBHOOKS).send(webhookBody({ url })).expect(400);
      expect((answer.body as { errors: { path: string }[] }).errors[0]?.path).toBe('url');
    }
    for (const url of ['ftp://lgsp.example/', 'https://me:word@lgsp.example/']) {
      await administrator.post(WEBHOOKS).send(webhookBody({ url })).expect(400);
    }
    // A name of this machine that does not look like one; where it has none, the address as a number.
    const { id } = await makeWebhook();
    await database.query('update webhook set url = $2 where id = $1', [id, `http://localhost:${inside.port}/`]);
    await administrator
      .post(`${API_PREFIX}/notifications/test`)
      .send({ channel: 'webhook', webhookId: id })
      .expect(201);
    await eventually(async () => {
      const { rows } = await database.query<{ last_error: string }>(
        'select last_error from notification where target_id = $1',
        [id],
      );
      expect(rows[0]?.last_error).toContain('private-address');
    });
    expect(inside.received).toEqual([]);
  });

  test('a webhook that a rule uses stays until the rule lets it go', async () => {
    const webhook = await makeWebhook();
    const created = await administrator
      .post(RULES)
      .send(ruleBody({ roles: [], channels: ['webhook'], webhookIds: [webhook.id] }))
      .expect(201);
    const remove = () => administrator.delete(`${WEBHOOKS}/${webhook.id}`).set('if-match', '"1"');
    expect((await remove().expect(409)).text).toContain('Trực đêm');
    await administrator
      .delete(`${RULES}/${(created.body as NotificationRule).id}`)
      .set('if-match', '"1"')
      .expect(204);
    await remove().expect(204);
  });

  test('a dry run says of everybody who would be told, when, and why not', async () => {
    const people = await administrator.get(`${API_PREFIX}/people`).expect(200);
    const nameOf = (login: string) =>
      (people.body as { items: Person[] }).items.find((person) => person.login === login)?.name;
    const webhook = await makeWebhook({ name: 'Nhóm trực' });
    const rules = [
      ruleBody({ roles: [], channels: ['webhook'], webhookIds: [webhook.id], communeCodes: ['21025'], hours: null }),
      ruleBody({ roles: ['viewer'], hours: null, communeCodes: ['21115'] }),
    ];
    for (const body of rules) await administrator.post(RULES).send(body).expect(201);
    const dryRun = async (overrides: object = {}) => {
      const body = {
        kind: 'hubDown',
        severity: 'critical',
        communeCode: '21025',
        owner: null,
        deviceClass: null,
        at: '2026-01-12T05:00:00Z',
        ...overrides,
      };
      const answer = await administrator.post(`${API_PREFIX}/notifications/dry-run`).send(body).expect(200);
      const { reasons } = answer.body as { reasons: NotificationReason[] };
      return new Map(reasons.map((reason) => [reason.personName, reason]));
    };
    const reasons = await dryRun();
    expect(reasons.get('Nhóm trực')).toMatchObject({
      told: true,
      at: '2026-01-12T05:00:00.000Z',
      reason: 'would-be-told',
    });
    // The rules that a new console has; nobody has given an address.
    expect(reasons.get(nameOf('truc') ?? '')).toMatchObject({ told: false, reason: 'no-address' });
    expect(reasons.get(nameOf('quantri') ?? '')).toMatchObject({ told: false, reason: 'no-address' });
    expect(reasons.get(nameOf('xem') ?? '')).toMatchObject({ told: false, reason: 'other-area' });
    expect(reasons.get(nameOf('rasoat') ?? '')).toMatchObject({ told: false, reason: 'no-rule' });
    const waits = ruleBody({
      name: 'Sau 10 phút',
      roles: [],
      channels: ['webhook'],
      webhookIds: [(await makeWebhook({ name: 'Lãnh đạo' })).id],
      hours: null,
      afterMinutes: 10,
    });
    await administrator.post(RULES).send(waits).expect(201);
    expect((await dryRun()).get('Lãnh đạo')).toMatchObject({
      told: true,
      at: '2026-01-12T05:10:00.000Z',
      reason: 'escalation',
    });
    expect((await dryRun({ severity: 'minor' })).get('Nhóm trực')).toMatchObject({
      told: false,
      reason: 'below-severity',
    });
    const { rows } = await database.query(`select from notification where incident_id is not null`);
    expect(rows).toEqual([]);
  });

  test('all of it is for administrators', async () => {
    const operator = await system.signedIn('operator');
    for (const path of [RULES, WEBHOOKS, `${API_PREFIX}/notifications`]) {
      await operator.get(path).expect(403);
      await system.anonymous.get(path).expect(403);
    }
    await operator.post(RULES).send(ruleBody()).expect(403);
    await operator.post(WEBHOOKS).send(webhookBody()).expect(403);
  });
});
