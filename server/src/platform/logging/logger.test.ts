import { expect, test } from 'vitest';
import { createLogger } from './logger.js';

function linesOf(secrets: readonly string[], log: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  log(createLogger({ level: 'info', human: false, secrets, write: (line) => lines.push(line) }));
  return lines.join('');
}

test('a secret is not in the log, whether in a URL, an error or a field', () => {
  const output = linesOf(['postgres://ioc:s3cr%2Fet-word@db/ioc'], (logger) => {
    logger.info({ url: 'postgres://ioc:s3cr%2Fet-word@db/ioc' }, 'connecting');
    logger.error({ err: new Error('authentication failed for s3cr/et-word') }, 'no');
    logger.info({ person: { password: 'whatever' } }, 'signed in');
  });
  expect(output).toContain('[redacted]');
  expect(output).not.toMatch(/s3cr|whatever/);
});

test('an address without credentials stays readable', () => {
  const output = linesOf(['mqtt://broker.local:1883'], (logger) => {
    logger.info('connected to broker.local');
  });
  expect(output).toContain('broker.local');
});
