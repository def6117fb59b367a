import { request as httpRequest } from 'node:http';
import { ModulesContainer } from '@nestjs/core';
import {
  API_PREFIX,
  ENDPOINTS,
  problem,
  ROLE_PERMISSIONS,
  ROLES,
  type Endpoint,
  type EndpointName,
  type Problem,
  type Role,
} from '@ioc/contract';
import { ENDPOINT_METADATA } from '@ioc/server/platform/http/route';
import Ajv2020 from 'ajv/dist/2020.js';
import fc from 'fast-check';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { smallFleetCsv } from '../harness/small-fleet.js';

const ALL = Object.entries<Endpoint>(ENDPOINTS);
const UUID = '00000000-0000-4000-8000-000000000000';

let ioc: TestConsole;
const cookies = new Map<Role, string>();

beforeAll(async () => {
  ioc = await startTestConsole({ register: smallFleetCsv() });
  for (const role of ROLES) cookies.set(role, await ioc.cookieOf(role));
});
afterAll(async () => {
  await ioc.stop();
});

function cookieOf(role: Role): string {
  return cookies.get(role) ?? '';
}

/** A path of the endpoint that is well-formed, and names nothing that is there. */
function pathOf(endpoint: Endpoint): string {
  const id = endpoint.path.startsWith('/incidents')
    ? '999999'
    : /^\/(people|display)/.test(endpoint.path)
      ? UUID
      : 'NOT-THERE';
  return API_PREFIX + endpoint.path.replaceAll(/\{\w+\}/g, id);
}

function begin(method: Endpoint['method'], path: string) {
  const agent = supertest(ioc.httpUrl);
  switch (method) {
    case 'GET':
      return agent.get(path);
    case 'POST':
      return agent.post(path);
    case 'PUT':
      return agent.put(path);
    case 'PATCH':
      return agent.patch(path);
    case 'DELETE':
      return agent.delete(path);
  }
}

function call(endpoint: Endpoint, { path = pathOf(endpoint), cookie }: { path?: string; cookie?: string } = {}) {
  // Whoever comes through a proxy is nobody, also on this machine.
  const request = begin(endpoint.method, path).set('x-forwarded-for', '203.0.113.7');
  return cookie === undefined ? request : request.set('cookie', cookie);
}

/** Checks that the answer is problem details and nothing but that, and gives them back. */
function problemOf(answer: {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}): Problem {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const body = problem.strict().parse(JSON.parse(answer.text));
  expect(body.status).toBe(answer.status);
  expect(answer.text).not.toMatch(/\bat .*\(|node_modules|\.ts:\d|\.js:\d/);
  return body;
}

describe('the contract', () => {
  test('every endpoint has a handler, and every handler an endpoint', () => {
    const handled = new Map<unknown, number>();
    for (const module of ioc.running.app.get(ModulesContainer).values()) {
      for (const { metatype } of module.controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const prototype: unknown = metatype.prototype;
        if (typeof prototype !== 'object' || prototype === null) continue;
        for (const name of Object.getOwnPropertyNames(prototype)) {
          const handler: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
          if (typeof handler !== 'function') continue;
          const endpoint: unknown = Reflect.getMetadata(ENDPOINT_METADATA, handler);
          if (endpoint !== undefined) handled.set(endpoint, (handled.get(endpoint) ?? 0) + 1);
        }
      }
    }
    const counts = Object.fromEntries(ALL.map(([name, endpoint]) => [name, handled.get(endpoint) ?? 0]));
    expect(counts).toEqual(Object.fromEntries(ALL.map(([name]) => [name, 1])));
    expect([...handled.keys()].filter((endpoint) => !ALL.some(([, known]) => known === endpoint))).toEqual([]);
  });

  test('no two endpoints share a method and a path', () => {
    const routes = ALL.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(routes).size).toBe(routes.length);
  });
});

describe('access, by the rule of every endpoint', () => {
  test.each(ALL)('%s is closed to nobody unless it is public', async (_name, endpoint) => {
    const answer = await call(endpoint);
    if (endpoint.access === 'public') expect(answer.status).toBe(400);
    else {
      expect(answer.status).toBe(401);
      expect(problemOf(answer).code).toBe('not-signed-in');
    }
  });

  const cases = ALL.filter(([name]) => name !== 'signOut').flatMap(([name, endpoint]) =>
    ROLES.map((role) => [name, role, endpoint] as const),
  );
  test.each(cases)('%s answers a %s as their role says', async (_name, role, endpoint) => {
    const answer = await call(endpoint, { cookie: cookieOf(role) });
    const { access } = endpoint;
    const allowed = access === 'public' || access === 'session' || ROLE_PERMISSIONS[role].includes(access);
    if (allowed) expect([200, 201, 204, 304, 400, 404, 428]).toContain(answer.status);
    else {
      expect(answer.status).toBe(403);
      expect(problemOf(answer).code).toBe('forbidden');
    }
  });

  test('a cookie that is no session is nobody', async () => {
    const answer = await call(ENDPOINTS.currentSession, { cookie: `ioc_session=${'x'.repeat(43)}` });
    expect(answer.status).toBe(401);
  });

  test.each(['http://evil.example', 'https://localhost', 'null'])(
    'a write from a page of %s is refused, a read is not its business',
    async (origin) => {
      const write = await call(ENDPOINTS.signOut, { cookie: cookieOf('viewer') }).set('origin', origin);
      expect(write.status).toBe(403);
      expect(problemOf(write).code).toBe('forbidden');
      await call(ENDPOINTS.currentSession, { cookie: cookieOf('viewer') }).expect(200);
    },
  );

  test('a write that the browser calls cross-site is refused; one from our own page is taken', async () => {
    const refused = await call(ENDPOINTS.signIn)
      .set('sec-fetch-site', 'cross-site')
      .send({ login: 'x', password: 'x' });
    expect(refused.status).toBe(403);
    const own = await call(ENDPOINTS.signIn).set('origin', ioc.httpUrl).send({ login: 'x', password: 'x' });
    expect(own.status).toBe(401);
  });
});

describe('what a request may carry', () => {
  test.each(ALL)('%s refuses an unknown query field by its name', async (_name, endpoint) => {
    const answer = await call(endpoint, { path: `${pathOf(endpoint)}?nonsense=1`, cookie: cookieOf('administrator') });
    expect(answer.status).toBe(400);
    const { code, errors } = problemOf(answer);
    expect(code).toBe('bad-request');
    expect(JSON.stringify(errors)).toContain('nonsense');
  });

  test.each(ALL.filter(([, { method }]) => method !== 'GET'))(
    '%s refuses an unknown field of the body by its name',
    async (_name, endpoint) => {
      const answer = await call(endpoint, { cookie: cookieOf('administrator') }).send({ nonsense: 1 });
      expect(answer.status).toBe(400);
      expect(JSON.stringify(problemOf(answer).errors)).toContain('nonsense');
    },
  );

  const paged = ALL.filter(
    ([, { path, query }]) => !path.includes('{') && query?.safeParse({ cursor: 'x' }).success === true,
  );
  const cursors = [
    'x',
    '%',
    '!!!',
    Buffer.from('null').toString('base64url'),
    Buffer.from('{"a":1}').toString('base64url'),
    Buffer.from('["\\u0000"]').toString('base64url'),
    Buffer.from('[1e400,-1]').toString('base64url'),
  ];
  test('there are paged lists to try', () => {
    expect(paged.map(([name]) => name)).toEqual(
      expect.arrayContaining<EndpointName>(['listDevices', 'listIncidents', 'listDeadLetters', 'listQuarantine']),
    );
  });
  test.each(paged.flatMap(([name, endpoint]) => cursors.map((cursor) => [name, cursor, endpoint] as const)))(
    '%s refuses the cursor %j',
    async (_name, cursor, endpoint) => {
      const path = `${pathOf(endpoint)}?cursor=${encodeURIComponent(cursor)}`;
      const answer = await call(endpoint, { path, cookie: cookieOf('administrator') });
      expect(answer.status).toBe(400);
      expect(problemOf(answer).code).toBe('bad-cursor');
    },
  );

  test('a body that is not JSON, is broken, is compressed, or is too large has its own problem each', async () => {
    const signIn = () => call(ENDPOINTS.signIn);
    const form = await signIn().type('form').send('login=a&password=b');
    expect([form.status, problemOf(form).code]).toEqual([415, 'unsupported-media-type']);
    const text = await signIn().set('content-type', 'text/plain').send('{"login":"a","password":"b"}');
    expect([text.status, problemOf(text).code]).toEqual([415, 'unsupported-media-type']);
    const broken = await signIn().type('json').send('{"login": ');
    expect([broken.status, problemOf(broken).code]).toEqual([400, 'bad-request']);
    const scalar = await signIn().type('json').send('"text"');
    expect([scalar.status, problemOf(scalar).code]).toEqual([400, 'bad-request']);
    const charset = await signIn().set('content-type', 'application/json; charset=iso-8859-1').send('{}');
    expect([charset.status, problemOf(charset).code]).toEqual([415, 'unsupported-media-type']);
    const packed = await signIn().type('json').set('content-encoding', 'gzip').send('{}');
    expect([packed.status, problemOf(packed).code]).toEqual([415, 'unsupported-media-type']);
    const large = await signIn().send({ login: 'a', password: 'x'.repeat(17 * 1024) });
    expect([large.status, problemOf(large).code]).toEqual([413, 'payload-too-large']);
    const larger = await call(ENDPOINTS.createPerson, { cookie: cookieOf('administrator') }).send({
      name: 'x'.repeat(1024 * 1024 + 1),
    });
    expect([larger.status, problemOf(larger).code]).toEqual([413, 'payload-too-large']);
  });

  test('who may not call does not make us read a body', async () => {
    const answer = await call(ENDPOINTS.importRegister)
      .type('json')
      .send(`{"devices":"${'x'.repeat(5 * 1024 * 1024)}"}`);
    expect(answer.status).toBe(401);
  });

  test('bad fields are told by path, in the language asked for', async () => {
    const bad = { login: 'Không Được', name: '', role: 'king', password: 'short' };
    const vietnamese = problemOf(await call(ENDPOINTS.createPerson, { cookie: cookieOf('administrator') }).send(bad));
    expect(vietnamese.errors?.map(({ path }) => path)).toEqual([
      'body.login',
      'body.name',
      'body.role',
      'body.password',
    ]);
    expect(vietnamese.title).toBe('Yêu cầu không hợp lệ');
    const english = problemOf(
      await call(ENDPOINTS.createPerson, { cookie: cookieOf('administrator') })
        .set('accept-language', 'en')
        .send(bad),
    );
    expect(english.title).toBe('The request is not valid');
    expect(english.errors?.[1]?.message).not.toBe(vietnamese.errors?.[1]?.message);
  });

  test('a NUL or half a surrogate pair, which the database cannot store, is a bad request', async () => {
    const query = await call(ENDPOINTS.listDevices, {
      path: `${API_PREFIX}/devices?q=%00`,
      cookie: cookieOf('viewer'),
    });
    expect([query.status, problemOf(query).code]).toEqual([400, 'bad-request']);
    const body = await call(ENDPOINTS.signIn).send({ login: 'a\u0000', password: 'b' });
    expect([body.status, problemOf(body).code]).toEqual([400, 'bad-request']);
    const half = await call(ENDPOINTS.createDisplayToken, { cookie: cookieOf('administrator') }).send({
      name: '\ud800',
    });
    expect([half.status, problemOf(half).code]).toEqual([400, 'bad-request']);
  });
});

describe('paths and methods', () => {
  test('an unknown path below /api is not found; a known one with another method says which it has', async () => {
    const unknown = await supertest(ioc.httpUrl).get(`${API_PREFIX}/nothing`);
    expect([unknown.status, problemOf(unknown).code]).toEqual([404, 'not-found']);
    const wrong = await supertest(ioc.httpUrl).delete(`${API_PREFIX}/people`);
    expect([wrong.status, problemOf(wrong).code]).toEqual([405, 'method-not-allowed']);
    expect(wrong.headers['allow']?.split(', ').sort()).toEqual(['GET', 'POST']);
    const broken = await supertest(ioc.httpUrl).get(`${API_PREFIX}/devices/%E0%A4%A`);
    expect([broken.status, problemOf(broken).code]).toEqual([400, 'bad-request']);
  });

  test('a versioned write without If-Match is 428, with a malformed one 400', async () => {
    const agent = call(ENDPOINTS.acknowledgeIncident, { cookie: cookieOf('operator') });
    const without = await agent.send({});
    expect([without.status, problemOf(without).code]).toEqual([428, 'precondition-required']);
    for (const tag of ['*', 'x', '"1", "2"', '"9999999999"']) {
      const malformed = await call(ENDPOINTS.acknowledgeIncident, { cookie: cookieOf('operator') })
        .set('if-match', tag)
        .send({});
      expect([tag, malformed.status]).toEqual([tag, 400]);
    }
  });

  test('an answer is not kept by caches unless it says so', async () => {
    const answer = await call(ENDPOINTS.listCommunes, { cookie: cookieOf('viewer') }).expect(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['x-powered-by']).toBeUndefined();
  });
});

describe('fuzzed requests', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const odd = fc.oneof(
    json,
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.constantFrom('__proto__', 'constructor', -1, 1e308, '٣', '\ud800', '99999999999999999999'),
  );
  const fuzzable = ALL.filter(([name]) => name !== 'signOut');

  test.each(fuzzable)('%s never fails of a strange body, query or path', async (_name, endpoint) => {
    const shape = endpoint.body === undefined ? [] : Object.keys(knownFields(endpoint.body));
    const fields = endpoint.query === undefined ? [] : Object.keys(knownFields(endpoint.query));
    const body = fc.oneof(
      json,
      fc.dictionary(shape.length > 0 ? fc.constantFrom(...shape) : fc.string({ maxLength: 10 }), odd),
    );
    const query = fc.dictionary(
      fields.length > 0 ? fc.constantFrom(...fields) : fc.string({ maxLength: 10 }),
      odd.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(
        body,
        query,
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
        async (sent, asked, id) => {
          const search = new URLSearchParams(asked).toString();
          const filled = endpoint.path.replaceAll(/\{\w+\}/g, encodeURIComponent(id));
          const status = await rawStatus(
            endpoint,
            `${API_PREFIX}${filled}${search === '' ? '' : `?${search}`}`,
            JSON.stringify(sent),
          );
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** Names of the fields of an object schema. */
function knownFields(schema: object): Record<string, unknown> {
  return 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? { ...schema.shape } : {};
}

/** Sends what a client library would refuse to. */
function rawStatus(endpoint: Endpoint, path: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(ioc.httpUrl);
    const headers = {
      cookie: cookieOf('administrator'),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'if-match': '"1"',
      'x-forwarded-for': '203.0.113.8',
    };
    const request = httpRequest({ hostname, port, path, method: endpoint.method, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', reject);
    request.end(body);
  });
}

const described = z.object({ schema: z.record(z.string(), z.unknown()) });
const openApi = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        security: z.array(z.unknown()),
        parameters: z.array(described),
        requestBody: z.object({ content: z.record(z.string(), described) }).optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

describe('the description of the API', () => {
  test('is closed to nobody and open to anybody signed in', async () => {
    for (const path of ['/api/openapi.json', '/api/docs']) {
      const closed = await supertest(ioc.httpUrl).get(path).set('x-forwarded-for', '203.0.113.7');
      expect(problemOf(closed).code).toBe('not-signed-in');
      await supertest(ioc.httpUrl).get(path).set('cookie', cookieOf('viewer')).expect(200);
    }
  });

  test('is OpenAPI 3.1 whose schemas are valid and which has every endpoint with its problems', async () => {
    const answer = await supertest(ioc.httpUrl).get('/api/openapi.json').set('cookie', cookieOf('viewer')).expect(200);
    const { paths } = openApi.parse(answer.body);
    const ajv = new Ajv2020.default({ strict: false });
    for (const [name, { method, path, access }] of ALL) {
      const operation = paths[path]?.[method.toLowerCase()];
      expect(operation?.operationId).toBe(name);
      expect(operation?.security).toHaveLength(access === 'public' ? 0 : 1);
      expect(operation?.responses['default']).toBeDefined();
      const schemas = [...(operation?.parameters ?? []), ...Object.values(operation?.requestBody?.content ?? {})];
      for (const { schema } of schemas) expect(ajv.validateSchema(schema)).toBe(true);
    }
  });

  test('is a page that needs no script and nothing from elsewhere', async () => {
    const { text, headers } = await supertest(ioc.httpUrl)
      .get('/api/docs')
      .set('cookie', cookieOf('viewer'))
      .expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).not.toMatch(/<script|src=|https?:\/\/(?!json-schema)/);
    for (const [name] of ALL) expect(text).toContain(`id="${name}"`);
  });
});
