import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { isKnownHost } from './known-host.js';

function requestTo(host: string | undefined): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  if (host !== undefined) request.headers.host = host;
  return request;
}

test.each(['localhost:8080', '127.0.0.1', '10.4.0.7:8080', '[::1]:8080', 'ioc.example.vn', 'IOC.example.vn:443'])(
  'a request to %s is ours',
  (host) => {
    expect(isKnownHost(requestTo(host), 'https://ioc.example.vn')).toBe(true);
  },
);

test.each(['rebind.example.org', 'localhost.example.org', 'a b', '', undefined])('a request to %s is not', (host) => {
  expect(isKnownHost(requestTo(host), 'https://ioc.example.vn')).toBe(false);
  expect(isKnownHost(requestTo('ioc.example.vn'), undefined)).toBe(false);
});
