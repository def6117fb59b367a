import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Shutdown } from './shutdown.js';

test('what was begun last is stopped first, once, and a failure does not keep the rest running', async () => {
  const stopped: string[] = [];
  const shutdown = new Shutdown(pino({ level: 'silent' }));
  shutdown.add('database', () => void stopped.push('database'));
  shutdown.add('broken', () => Promise.reject(new Error('does not stop')));
  shutdown.add('intake', async () => {
    await Promise.resolve();
    stopped.push('intake');
  });
  await Promise.all([shutdown.run(), shutdown.run()]);
  expect(stopped).toEqual(['intake', 'database']);
});
