import { API_PREFIX } from '@ioc/contract';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startConsoleProcess } from '../harness/console-process.js';
import { freshDatabase } from '../harness/database.js';
import { eventually } from '../harness/eventually.js';
import { startHttpStandIn } from '../harness/http-stand-in.js';

const KEY = 'test.kill.webhook';

test('a server that is killed between sending and recording sends again under the same key, and once it is recorded no more', async () => {
  const hook = await startHttpStandIn();
  const database = await freshDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'ioc-test-kill-'));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const settings = {
    IOC_DATABASE_URL: database.url,
    IOC_DATA_DIR: dataDir,
    IOC_SIMULATE: '0',
    IOC_WEBHOOK_PRIVATE: '1',
  };
  const stateOf = async () => {
    const { rows } = await client.query<{ state: string; attempts: number }>(
      'select state, attempts from notification where key = $1',
      [KEY],
    );
    return rows[0];
  };
  let running = startConsoleProcess(settings);
  try {
    // It takes the message, and is killed before it can know that it was taken.
    hook.answer('hang');
    const killed = new Promise<void>((resolve) =>
      hook.onRequest(() => {
        running.signal('SIGKILL');
        resolve();
      }),
    );
    const address = await running.address;
    expect((await fetch(`${address}${API_PREFIX}/session`)).status).toBeLessThan(500);
    await client.query(
      `with hook as (
         insert into webhook (name, url, template, enabled) values ('LGSP', $1, 'generic', true) returning id)
       insert into notification (key, message, kind, recipient_key, channel, target_id, address, lane, title, text,
         counts_in_limit, state, created_at, next_attempt_at)
       select $2, 'test.kill', 'test', 'webhook.' || id, 'webhook', id, 'LGSP', 'webhook ' || id, 'Tin', 'Tin', false,
         'waiting', now(), now()
       from hook`,
      [`${hook.url}/in`, KEY],
    );
    await killed;
    await running.ended;
    expect(await stateOf()).toEqual({ state: 'sending', attempts: 1 });

    hook.onRequest(() => undefined);
    hook.answer({ status: 204 });
    running = startConsoleProcess(settings);
    await running.address;
    await eventually(async () => expect(await stateOf()).toEqual({ state: 'sent', attempts: 2 }), {
      timeoutMs: 20_000,
    });
    expect(hook.received.map(({ headers }) => headers['idempotency-key'])).toEqual([KEY, KEY]);

    running.signal('SIGKILL');
    await running.ended;
    running = startConsoleProcess(settings);
    await running.address;
    const againMs = performance.now();
    await eventually(() => expect(performance.now() - againMs).toBeGreaterThan(3_000));
    expect(hook.received).toHaveLength(2);
  } finally {
    running.signal('SIGKILL');
    await running.ended;
    await client.end();
    await database.drop();
    await hook.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
