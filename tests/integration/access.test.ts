import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { API_PREFIX, person, sessionInfo, type Clock } from '@ioc/contract';
import { AccessService } from '@ioc/server/access/access.service';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { startTestConsole, subscribe, type TestConsole, type TestConsoleOptions } from '../harness/console.js';
import { administer } from '../harness/database-admin.js';
import { freshDatabase, type FreshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';

const SESSION = `${API_PREFIX}/session`;
const PEOPLE = `${API_PREFIX}/people`;
const TOKENS = `${API_PREFIX}/display-tokens`;
const HOUR_MS = 3_600_000;

/** A clock that a test moves by hand. */
class HandClock implements Clock {
  readonly speed = 1;
  #nowMs = Date.now();
  now(): number {
    return this.#nowMs;
  }
  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

const running: TestConsole[] = [];
async function started(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const ioc = await startTestConsole(options);
  running.push(ioc);
  return ioc;
}
afterEach(async () => {
  for (const ioc of running.splice(0)) await ioc.stop();
});

async function rows<T extends pg.QueryResultRow>(databaseUrl: string, statement: string): Promise<readonly T[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** From somewhere else than this machine, as far as the console can tell. */
const away = { 'x-forwarded-for': '203.0.113.7' };

function cookieOf(answer: { get(name: 'Set-Cookie'): string[] | undefined }): string {
  return answer.get('Set-Cookie')?.[0] ?? '';
}

describe('signing in', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole();
  });
  afterAll(async () => {
    await ioc.stop();
  });

  test('gives a cookie that scripts and other sites cannot use, and the database keeps only its hash', async () => {
    const answer = await ioc.anonymous
      .post(SESSION)
      .send({ login: ' TRUC ', password: 'password of the tests' })
      .expect(200);
    expect(sessionInfo.strict().parse(answer.body)).toMatchObject({ kind: 'person', role: 'operator', demo: false });
    const [, token = ''] = /^ioc_session=([\w-]{43}); Path=\/; HttpOnly; SameSite=Strict$/.exec(cookieOf(answer)) ?? [];
    expect(token).not.toBe('');
    const stored = await rows<{ text: string }>(
      ioc.databaseUrl,
      `select encode(token_hash, 'escape') || token_hash::text as text from session`,
    );
    expect(stored.length).toBeGreaterThan(0);
    expect(JSON.stringify(stored)).not.toContain(token);
    const people = await rows<{ passwordHash: string }>(
      ioc.databaseUrl,
      `select password_hash as "passwordHash" from person`,
    );
    expect(people.every(({ passwordHash }) => passwordHash.startsWith('$argon2id$'))).toBe(true);
  });

  test('answers an unknown login exactly as a wrong password, and in about the same time', async () => {
    const times: Record<string, number[]> = { known: [], unknown: [] };
    const texts = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      for (const [kind, login] of [
        ['known', 'rasoat'],
        ['unknown', `nobody${round}`],
      ] as const) {
        const began = performance.now();
        const answer = await ioc.anonymous
          .post(SESSION)
          .set('x-forwarded-for', `198.51.100.${round}`)
          .send({ login, password: 'wrong password' });
        times[kind]?.push(performance.now() - began);
        expect(answer.status).toBe(401);
        texts.add(answer.text);
      }
    }
    expect(texts.size).toBe(1);
    // The shortest of each: what else the machine does only adds.
    const shortest = (kind: string) => Math.min(...(times[kind] ?? []));
    // A login that skipped the hash would take a few milliseconds against about 25.
    expect(shortest('unknown')).toBeGreaterThan(shortest('known') / 6);
  });

  test('a sixth guess of one login from one address waits, and so does the right password; others do not', async () => {
    const guess = (login: string, password: string, address: string) =>
      ioc.anonymous.post(SESSION).set('x-forwarded-for', address).send({ login, password });
    for (let attempt = 0; attempt < 5; attempt += 1)
      await guess('kythuat', 'a wrong password', '192.0.2.1').expect(401);
    const blocked = await guess('kythuat', 'password of the tests', '192.0.2.1').expect(429);
    expect(blocked.body).toMatchObject({ code: 'too-many-attempts' });
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(20);
    await guess('kythuat', 'password of the tests', '192.0.2.2').expect(200);
    await guess('xem', 'password of the tests', '192.0.2.1').expect(200);
  });

  test('many guesses at once are no way around the throttle', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        ioc.anonymous
          .post(SESSION)
          .set('x-forwarded-for', '192.0.2.50')
          .send({ login: 'quantri', password: 'guess guess' }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
  });

  test('is in the audit trail with its address, refused or not, and the trail cannot be changed', async () => {
    await ioc.anonymous
      .post(SESSION)
      .set('x-forwarded-for', '192.0.2.77')
      .send({ login: 'ghost', password: 'wrong password' })
      .expect(401);
    await ioc.anonymous
      .post(SESSION)
      .set('x-forwarded-for', '192.0.2.78')
      .send({ login: 'xem', password: 'password of the tests' })
      .expect(200);
    const trail = await rows<{ actor: string; action: string; subject: string; detail: unknown }>(
      ioc.databaseUrl,
      'select actor, action, subject, detail from audit_entry',
    );
    expect(trail).toContainEqual({ actor: '192.0.2.77', action: 'session:refused', subject: 'ghost', detail: {} });
    expect(trail).toContainEqual(
      expect.objectContaining({ actor: 'xem', action: 'session:signed-in', detail: { address: '192.0.2.78' } }),
    );
    expect(JSON.stringify(trail)).not.toContain('wrong password');
    await expect(rows(ioc.databaseUrl, `delete from audit_entry`)).rejects.toThrow('never changed');
  });

  test('signing out ends the session for the cookie that somebody kept', async () => {
    const cookie = await ioc.cookieOf('viewer');
    const signedOut = await ioc.anonymous.delete(SESSION).set('cookie', cookie).expect(204);
    expect(cookieOf(signedOut)).toContain('Max-Age=0');
    await ioc.anonymous.get(SESSION).set(away).set('cookie', cookie).expect(401);
  });

  test('a person has at most twenty sessions: the oldest ends', async () => {
    const first = await ioc.cookieOf('reviewer');
    for (let more = 0; more < 20; more += 1) await ioc.cookieOf('reviewer');
    await ioc.anonymous.get(SESSION).set(away).set('cookie', first).expect(401);
  });
});

describe('a session', () => {
  test('lasts as long as it is used and ends 12 hours after', async () => {
    const clock = new HandClock();
    const ioc = await started({ clock });
    const cookie = await ioc.cookieOf('operator');
    const ask = () => ioc.anonymous.get(SESSION).set(away).set('cookie', cookie);
    for (let turn = 0; turn < 3; turn += 1) {
      clock.advance(11 * HOUR_MS);
      await ask().expect(200);
    }
    clock.advance(12 * HOUR_MS + 1);
    await ask().expect(401);
  });

  test('is Secure and bound to its host behind https, and opens nothing without sign-in there', async () => {
    const ioc = await started({ settings: { IOC_PUBLIC_ORIGIN: 'https://ioc.example.vn' } });
    const answer = await ioc.anonymous
      .post(SESSION)
      .set({ host: 'ioc.example.vn', origin: 'https://ioc.example.vn' })
      .send({ login: 'truc', password: 'password of the tests' })
      .expect(200);
    expect(cookieOf(answer)).toMatch(/^__Host-ioc_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    await ioc.anonymous.get(SESSION).set('host', 'ioc.example.vn').expect(401);
  });
});

describe('while the database is away', () => {
  test('a wall that was open is still known, what needs the database is unavailable, and all is well when it is back', async () => {
    const database = await freshDatabase();
    const ioc = await startTestConsole({ databaseUrl: database.url, demo: true });
    const cookie = await ioc.cookieOf('operator');
    const stranger = await ioc.cookieOf('viewer');
    const ask = (path: string, from = cookie) => ioc.anonymous.get(path).set(away).set('cookie', from);
    await ask(SESSION).expect(200);

    await administer(inject('testDatabaseServerUrl'), `alter database ${database.name} with allow_connections false`);
    await administer(
      inject('testDatabaseServerUrl'),
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'`,
    );
    await eventually(async () => {
      const answer = await ask(`${API_PREFIX}/people`, stranger);
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ code: 'unavailable' });
    });
    await ask(SESSION).expect(200);
    await ask(`${API_PREFIX}/communes`).expect(200);
    await ioc.anonymous.post(SESSION).send({ login: 'truc', password: 'password of the tests' }).expect(503);

    await administer(inject('testDatabaseServerUrl'), `alter database ${database.name} with allow_connections true`);
    await ask(SESSION, stranger).expect(200);
    await ioc.stop();
    await database.drop();
  });
});

describe('the wall of the demo', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole();
  });
  afterAll(async () => {
    await ioc.stop();
  });

  test('opens from this machine without sign-in, reads, and cannot write', async () => {
    const answer = await ioc.anonymous.get(SESSION).expect(200);
    expect(answer.body).toMatchObject({
      kind: 'display',
      personId: null,
      role: 'viewer',
      demo: true,
      permissions: ['wall:read'],
    });
    await ioc.anonymous.get(`${API_PREFIX}/communes`).expect(200);
    await ioc.anonymous.get(PEOPLE).expect(403);
    await ioc.anonymous.post(`${API_PREFIX}/incidents/1/acknowledge`).send({}).expect(403);
    await ioc.anonymous.put(`${SESSION}/password`).send({ current: 'x', next: 'a password to be' }).expect(403);
  });

  test.each([
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-Proto', 'https'],
    ['Forwarded', 'for=203.0.113.7'],
    ['X-Real-IP', '203.0.113.7'],
    ['Via', '1.1 proxy'],
    ['Origin', 'http://evil.example'],
  ])('stays closed to a request with %s: %s', async (name, value) => {
    await ioc.anonymous.get(SESSION).set(name, value).expect(401);
  });

  test('stays closed to a proxy that speaks HTTP/1.0 and adds no header', async () => {
    const { port } = new URL(ioc.httpUrl);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`GET ${SESSION} HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('stays closed to a foreign name that was resolved to this machine', async () => {
    const { port } = new URL(ioc.httpUrl);
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port, path: SESSION, headers: { host: 'evil.example' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject);
      request.end();
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  test('a socket of this machine opens it too, and not one that comes through a proxy', async () => {
    const socket = await ioc.socket();
    await expect(subscribe(socket, 'overview')).resolves.toMatchObject({ ok: true });
  });

  test('does not open without the demo', async () => {
    const console = await started({ demo: false });
    await console.anonymous.get(SESSION).expect(401);
  });
});

describe('walls with a display token', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole();
  });
  afterAll(async () => {
    await ioc.stop();
  });

  test('open read-only from anywhere, stay open for months, and close at once when the token is revoked', async () => {
    const administrator = await ioc.signedIn('administrator');
    const created = await administrator.post(TOKENS).send({ name: 'Phòng họp tầng 2' }).expect(201);
    const { id, token } = z.object({ id: z.uuid(), token: z.string() }).parse(created.body);
    const opened = await ioc.anonymous.post(`${SESSION}/display`).set(away).send({ token }).expect(200);
    expect(opened.body).toMatchObject({
      kind: 'display',
      name: 'Phòng họp tầng 2',
      role: 'viewer',
      demo: false,
      expiresAt: null,
    });
    expect(cookieOf(opened)).toContain('Max-Age=34560000');
    const cookie = cookieOf(opened).split(';')[0] ?? '';
    const ask = (path: string) => ioc.anonymous.get(path).set(away).set('cookie', cookie);
    expect(cookieOf(await ask(SESSION).expect(200))).toContain(cookie);
    await ask(`${API_PREFIX}/communes`).expect(200);
    await ask(PEOPLE).expect(403);
    const listed = await administrator.get(TOKENS).expect(200);
    expect(JSON.stringify(listed.body)).not.toContain(token);

    const ended: string[] = [];
    const stop = ioc.running.app.get(AccessService).onSessionEnded('test', ({ key }) => ended.push(key));
    await administrator.delete(`${TOKENS}/${id}`).expect(204);
    stop();
    expect(ended).toHaveLength(1);
    await ask(SESSION).expect(401);
    await ioc.anonymous.post(`${SESSION}/display`).set(away).send({ token }).expect(401);
    await administrator.delete(`${TOKENS}/${id}`).expect(404);
  });

  test('a socket is told that its session has ended', async () => {
    const administrator = await ioc.signedIn('administrator');
    const created = await administrator.post(TOKENS).send({ name: 'Sảnh' }).expect(201);
    const { id, token } = z.object({ id: z.uuid(), token: z.string() }).parse(created.body);
    const opened = await ioc.anonymous.post(`${SESSION}/display`).send({ token }).expect(200);
    const socket = await ioc.socket({ cookie: cookieOf(opened).split(';')[0] ?? '' });
    await subscribe(socket, 'overview');
    await administrator.delete(`${TOKENS}/${id}`).expect(204);
    await eventually(() => expect(socket.connected).toBe(false));
  });

  test('a made-up token opens nothing', async () => {
    await ioc.anonymous
      .post(`${SESSION}/display`)
      .send({ token: 'x'.repeat(43) })
      .expect(401);
  });
});

describe('people', () => {
  let ioc: TestConsole;
  beforeAll(async () => {
    ioc = await startTestConsole();
  });
  afterAll(async () => {
    await ioc.stop();
  });

  const signIn = (login: string, password: string) => ioc.anonymous.post(SESSION).set(away).send({ login, password });

  test('a new person must change the given password before anything else works', async () => {
    const administrator = await ioc.signedIn('administrator');
    const body = { login: 'nguyen.an', name: 'Nguyễn An', role: 'operator', password: 'given by somebody' };
    const created = await administrator.post(PEOPLE).send(body).expect(201);
    expect(person.strict().parse(created.body)).toMatchObject({
      login: 'nguyen.an',
      name: 'Nguyễn An',
      lastSignInAt: null,
    });
    await administrator.post(PEOPLE).send(body).expect(409);

    const signedIn = await signIn('nguyen.an', 'given by somebody').expect(200);
    expect(signedIn.body).toMatchObject({ mustChangePassword: true, permissions: [] });
    const cookie = cookieOf(signedIn).split(';')[0] ?? '';
    const closed = await ioc.anonymous.get(`${API_PREFIX}/communes`).set('cookie', cookie).expect(403);
    expect(closed.body).toMatchObject({ code: 'password-change-required' });

    const other = cookieOf(await signIn('nguyen.an', 'given by somebody').expect(200)).split(';')[0] ?? '';
    const change = (current: string, next: string) =>
      ioc.anonymous.put(`${SESSION}/password`).set('cookie', cookie).send({ current, next });
    await change('not the password', 'my own password').expect(401);
    await change('given by somebody', 'given by somebody').expect(400);
    await change('given by somebody', 'short').expect(400);
    await change('given by somebody', 'my own password').expect(204);
    await ioc.anonymous.get(`${API_PREFIX}/communes`).set('cookie', cookie).expect(200);
    await ioc.anonymous.get(SESSION).set(away).set('cookie', other).expect(401);
    await signIn('nguyen.an', 'given by somebody').expect(401);
    const again = await signIn('nguyen.an', 'my own password').expect(200);
    expect(again.body).toMatchObject({ mustChangePassword: false });
  });

  test('a changed role, a new password and a disabled account end the sessions of that person', async () => {
    const administrator = await ioc.signedIn('administrator');
    const created = await administrator
      .post(PEOPLE)
      .send({ login: 'tran.binh', name: 'Trần Bình', role: 'viewer', password: 'given by somebody' })
      .expect(201);
    const { id } = person.parse(created.body);
    const changes = [
      ['given by somebody', { role: 'operator' }],
      ['given by somebody', { password: 'another password' }],
      ['another password', { disabled: true }],
    ] as const;
    for (const [password, body] of changes) {
      const cookie = cookieOf(await signIn('tran.binh', password).expect(200)).split(';')[0] ?? '';
      await administrator.patch(`${PEOPLE}/${id}`).send(body).expect(200);
      await ioc.anonymous.get(SESSION).set(away).set('cookie', cookie).expect(401);
    }
    await signIn('tran.binh', 'another password').expect(401);
    await administrator.patch(`${PEOPLE}/${id}`).send({ disabled: false }).expect(200);
    await signIn('tran.binh', 'another password').expect(200);
  });

  test('there remains an administrator, also when two disable each other at once', async () => {
    const first = await ioc.cookieOf('administrator');
    const created = await ioc.anonymous
      .post(PEOPLE)
      .set('cookie', first)
      .send({ login: 'second', name: 'Second', role: 'administrator', password: 'given by somebody' })
      .expect(201);
    const second = person.parse(created.body).id;
    const listed = z
      .object({ items: z.array(person) })
      .parse((await ioc.anonymous.get(PEOPLE).set('cookie', first)).body);
    const own = listed.items.find(({ login }) => login === 'quantri')?.id ?? '';
    const other = await ioc.cookieOf('administrator');
    const disable = (id: string, cookie: string) =>
      ioc.anonymous.patch(`${PEOPLE}/${id}`).set('cookie', cookie).send({ disabled: true });
    const answers = await Promise.all([disable(second, first), disable(own, other)]);
    // The one who comes second is refused, or has lost the session to the first.
    const [first200, refused] = answers.map(({ status }) => status).sort();
    expect(first200).toBe(200);
    expect([401, 409]).toContain(refused);
    const left = await rows<{ login: string }>(
      ioc.databaseUrl,
      `select login from person where role = 'administrator' and not disabled`,
    );
    expect(left).toHaveLength(1);
  });

  test('somebody who is not there is not found', async () => {
    const fresh = await started();
    const administrator = await fresh.signedIn('administrator');
    await administrator.patch(`${PEOPLE}/00000000-0000-4000-8000-000000000000`).send({ name: 'x' }).expect(404);
    const listed = z.object({ items: z.array(person) }).parse((await administrator.get(PEOPLE).expect(200)).body);
    const own = listed.items.find(({ login }) => login === 'quantri');
    const answer = await administrator.patch(`${PEOPLE}/${own?.id}`).send({ role: 'viewer' }).expect(409);
    expect(answer.body).toMatchObject({ code: 'conflict' });
  });
});

describe('accounts that nobody made', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  test('the demo accounts exist while both parts are embedded, and are shut with their sessions at the next other start', async () => {
    const demo = await startTestConsole({ databaseUrl: database.url });
    expect(demo.running.notice).toMatchObject({ kind: 'demo', password: 'password of the tests' });
    const roles = await rows<{ role: string }>(
      database.url,
      'select role from person where demo and not disabled order by role',
    );
    expect(roles.map(({ role }) => role)).toEqual(['administrator', 'operator', 'reviewer', 'technician', 'viewer']);
    const cookie = await demo.cookieOf('administrator');
    await demo.anonymous
      .put(`${SESSION}/password`)
      .set('cookie', cookie)
      .send({ current: 'password of the tests', next: 'a new password' })
      .expect(403);
    await demo.stop();

    const production = await startTestConsole({ databaseUrl: database.url, demo: false });
    await production.anonymous.get(SESSION).set('cookie', cookie).expect(401);
    await production.anonymous.post(SESSION).send({ login: 'quantri', password: 'password of the tests' }).expect(401);
    await production.stop();

    const again = await startTestConsole({
      databaseUrl: database.url,
      settings: { IOC_DEMO_PASSWORD: 'another password of the tests' },
    });
    await again.anonymous.post(SESSION).send({ login: 'quantri', password: 'password of the tests' }).expect(401);
    await again.anonymous
      .post(SESSION)
      .send({ login: 'quantri', password: 'another password of the tests' })
      .expect(200);
    await again.stop();
  });

  test('without IOC_DEMO_PASSWORD one is made and told at the start', async () => {
    const ioc = await started({ settings: { IOC_DEMO_PASSWORD: '' } });
    const { notice } = ioc.running;
    if (notice.kind !== 'demo') throw new Error(`not a demo but ${notice.kind}`);
    expect(notice.lines.join('\n')).toContain(notice.password);
    await ioc.anonymous.post(SESSION).send({ login: 'truc', password: notice.password }).expect(200);
  });

  test('the first start without the demo prints a one-time administrator password, anew until it was used', async () => {
    const own = await freshDatabase();
    const passwords: string[] = [];
    for (let start = 0; start < 2; start += 1) {
      const ioc = await startTestConsole({ databaseUrl: own.url, demo: false });
      const { notice } = ioc.running;
      if (notice.kind !== 'first-start') throw new Error(`not a first start but ${notice.kind}`);
      passwords.push(notice.password);
      expect(notice.lines.join('\n')).toContain(notice.password);
      if (start === 1) {
        await ioc.anonymous.post(SESSION).send({ login: 'admin', password: passwords[0] }).expect(401);
        const answer = await ioc.anonymous.post(SESSION).send({ login: 'admin', password: passwords[1] }).expect(200);
        expect(answer.body).toMatchObject({ role: 'administrator', mustChangePassword: true, permissions: [] });
      }
      await ioc.stop();
    }
    const third = await startTestConsole({ databaseUrl: own.url, demo: false });
    expect(third.running.notice).toEqual({ kind: 'none', lines: [] });
    await third.stop();
    await own.drop();
  });
});
