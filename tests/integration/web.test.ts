import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LIVE_NAMESPACE } from '@ioc/contract';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestConsole, type TestConsole } from '../harness/console.js';
import { eventually } from '../harness/eventually.js';

const TOKEN = 'token-of-the-metrics-test';
/** What a proxy adds: the request is from somewhere else. */
const FROM_ELSEWHERE = { 'x-forwarded-for': '203.0.113.7' };

let clientFolder: string;
let tested: TestConsole;

beforeAll(async () => {
  clientFolder = await mkdtemp(path.join(tmpdir(), 'ioc-test-client-'));
  await mkdir(path.join(clientFolder, 'assets'));
  await writeFile(path.join(clientFolder, 'index.html'), '<!doctype html><title>IOC</title>');
  await writeFile(path.join(clientFolder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(path.join(clientFolder, 'assets', 'index-1a2b3c4d.js'), 'export {};');
  tested = await startTestConsole({ clientFolder, settings: { IOC_METRICS_TOKEN: TOKEN } });
});

afterAll(async () => {
  await tested.stop();
  await rm(clientFolder, { recursive: true, force: true });
});

describe('the web client', () => {
  test.each(['/', '/incidents', '/devices/BTS-21025-001-VT4G', '/communes/21025'])('%s is a page', async (page) => {
    const answer = await tested.anonymous.get(page).expect(200);
    expect(answer.text).toContain('<title>IOC</title>');
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  test('files with a hash in their name are kept for ever, others are asked for again', async () => {
    const asset = await tested.anonymous.get('/assets/index-1a2b3c4d.js').expect(200);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const icon = await tested.anonymous.get('/favicon.svg').expect(200);
    expect(icon.headers['cache-control']).toBe('no-cache');
    await tested.anonymous.get('/favicon.svg').set('if-none-match', String(icon.headers['etag'])).expect(304);
  });

  test('a file of an older build is not answered with a page', async () => {
    await tested.anonymous.get('/assets/index-00000000.js').expect(404, 'Not found\n');
    await tested.anonymous.get('/missing.png').expect(404);
  });

  test('nothing outside the client can be read', async () => {
    for (const hostile of ['/..%2f..%2fpackage.json', '/assets/..%2f..%2f..%2fpackage.json', '/%2e%2e/package.json']) {
      const answer = await tested.anonymous.get(hostile);
      expect(answer.text).not.toContain('"workspaces"');
    }
  });

  test('an unknown path of the API is a problem and not a page', async () => {
    const answer = await tested.anonymous.get('/api/v1/nothing').expect(404);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test('no page runs a script or loads anything that is not ours', async () => {
    const { headers } = await tested.anonymous.get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
    // Over plain HTTP a browser must not be told to come with HTTPS.
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});

describe('foreign names and pages', () => {
  test('a name that is not ours reads nothing, wherever it points', async () => {
    await tested.anonymous.get('/').set('host', 'rebind.example.org').expect(421);
    await tested.anonymous.get('/api/v1/session').set('host', 'rebind.example.org').expect(421);
  });

  test('a socket opens from our own pages only', async () => {
    const cookie = await tested.cookieOf('operator');
    const attempt = (extraHeaders: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const socket = io(`${tested.httpUrl}${LIVE_NAMESPACE}`, {
          transports: ['websocket'],
          forceNew: true,
          reconnection: false,
          extraHeaders: { cookie, ...extraHeaders },
        });
        const done = (result: string) => {
          socket.close();
          resolve(result);
        };
        socket.once('connect', () => done('connected'));
        socket.once('connect_error', () => done('refused'));
      });
    expect(await attempt({ origin: 'https://evil.example.org' })).toBe('refused');
    expect(await attempt({ host: 'rebind.example.org' })).toBe('refused');
    expect(await attempt({ origin: tested.httpUrl })).toBe('connected');
  });
});

describe('health', () => {
  test('anybody learns that it lives and is ready, and nothing more', async () => {
    await tested.anonymous.get('/health/live').set(FROM_ELSEWHERE).expect(200, { status: 'live' });
    await eventually(async () => {
      await tested.anonymous.get('/health/ready').set(FROM_ELSEWHERE).expect(200, { status: 'ready' });
    });
  });

  test('this machine is told about database, broker, intake and storage', async () => {
    const answer = await eventually(() => tested.anonymous.get('/health/ready').expect(200));
    expect(answer.body).toMatchObject({
      status: 'ready',
      database: { answers: true, embedded: false },
      broker: { connected: true, embedded: true },
      intake: { seeing: true, reason: null },
      storage: { profile: 'plain', extensionVersion: null },
    });
  });

  test('metrics are for this machine, people signed in and holders of the token', async () => {
    await tested.anonymous.get('/metrics').set(FROM_ELSEWHERE).expect(403);
    await tested.anonymous.get('/metrics').set(FROM_ELSEWHERE).set('authorization', 'Bearer wrong').expect(403);
    await tested.anonymous.get('/metrics').set(FROM_ELSEWHERE).set('authorization', `Bearer ${TOKEN}`).expect(200);
    const person = await tested.signedIn('viewer');
    await person.get('/metrics').set(FROM_ELSEWHERE).expect(200);
    const answer = await tested.anonymous.get('/metrics').expect(200);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.text).toMatch(/^ioc_intake_seeing 1$/m);
    expect(answer.text).toMatch(/^process_cpu_seconds_total /m);
  });

  test('connected sockets are counted', async () => {
    const socket = await tested.socket({ cookie: await tested.cookieOf('viewer') });
    await eventually(async () => {
      expect((await tested.anonymous.get('/metrics')).text).toMatch(/^ioc_connected_sockets [1-9]/m);
    });
    socket.close();
    await eventually(async () => {
      expect((await tested.anonymous.get('/metrics')).text).toMatch(/^ioc_connected_sockets 0$/m);
    });
  });
});
