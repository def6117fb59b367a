import { expect, test } from 'vitest';
import { isLoopback, mayReceive, samePassword } from './broker-rules.js';

test.each([
  ['LINK-21025', 'ioc/v1/51/21025/link/LINK-21025/status', true],
  ['LINK-21025', 'ioc/v1/51/21025/link/LINK-21025/#', true],
  ['LINK-21025', 'ioc/v1/+/+/+/LINK-21025/+', true],
  ['GW-VNPT', 'ioc/v1/51/gateways/GW-VNPT/status', true],
  ['LINK-21025', 'ioc/v1/51/21025/link/LINK-21115/status', false],
  ['LINK-21025', 'ioc/v1/51/21025/link/+/status', false],
  ['LINK-21025', 'ioc/v1/51/gateways/GW-VNPT/status', false],
  ['LINK-21025', 'ioc/v1/#', false],
  ['LINK-21025', '#', false],
  ['LINK-21025', '$SYS/#', false],
  ['LINK-21025', 'ioc/v1/51/21025/link', false],
  ['+', 'ioc/v1/51/21025/link/+/status', false],
  ['#', 'ioc/v1/51/21025/link/#', false],
])('client %s asking for %s: %s', (clientId, filter, allowed) => {
  expect(mayReceive(clientId, filter)).toBe(allowed);
});

test('only addresses of this machine are loopback', () => {
  expect(['127.0.0.1', '127.8.8.8', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.example.org', 'ioc.local'].some(isLoopback)).toBe(false);
});

test('a password is right only when it is the same', () => {
  expect(samePassword(Buffer.from('correct horse'), 'correct horse')).toBe(true);
  expect(samePassword(Buffer.from('correct horse '), 'correct horse')).toBe(false);
  expect(samePassword(undefined, 'correct horse')).toBe(false);
});
