import { lookup as resolve } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { isPublicAddress } from './public-address.js';

export interface PostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** For everything, from the name to the last byte of the answer; ms. */
  readonly timeoutMs: number;
  /** Whether addresses that are not of the public internet may be used. */
  readonly allowPrivate: boolean;
  /** PEM of further certificate authorities. */
  readonly ca: string | null;
}

export type PostResult =
  | {
      readonly ok: true;
      readonly status: number;
      /** The first 64 KiB. */
      readonly body: string;
      /** How long the other side asks to wait before the next one; ms. */
      readonly retryAfterMs: number | null;
    }
  | { readonly ok: false; readonly reason: 'timeout' | 'private-address' | 'unreachable'; readonly detail: string };

const LONGEST_ANSWER = 64 * 1024;

class PrivateAddress extends Error {}

/**
 * Posts, follows no redirect, reads a bounded answer. The address that a name stands for is looked at when it is connected
 * to, so that a name cannot mean one address when it is checked and another when it is used; `fetch` offers no such hold.
 */
export async function post(options: PostOptions): Promise<PostResult> {
  const url = new URL(options.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!options.allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
    return { ok: false, reason: 'private-address', detail: 'the address is not of the public internet' };
  }
  const signal = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await answerTo(url, options, signal);
    const body = await readBounded(response);
    return { ok: true, status: response.statusCode ?? 0, body, retryAfterMs: retryAfter(response) };
  } catch (error) {
    if (error instanceof PrivateAddress) return { ok: false, reason: 'private-address', detail: error.message };
    if (signal.aborted) return { ok: false, reason: 'timeout', detail: `no answer within ${options.timeoutMs} ms` };
    return { ok: false, reason: 'unreachable', detail: codeOf(error) };
  }
}

function answerTo(url: URL, options: PostOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const settings: RequestOptions = {
    method: 'POST',
    headers: { ...options.headers, 'content-length': Buffer.byteLength(options.body) },
    signal,
    // A connection of its own: none that is kept could go to an address that was not looked at.
    agent: false,
    ...(options.allowPrivate ? {} : { lookup: publicLookup }),
  };
  return new Promise((resolveAnswer, reject) => {
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, options.ca === null ? settings : { ...settings, ca: [...rootCertificates, options.ca] })
        : requestHttp(url, settings);
    request.once('response', resolveAnswer);
    request.once('error', reject);
    request.end(options.body);
  });
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '', 4);
      return;
    }
    if (!addresses.every(({ address }) => isPublicAddress(address))) {
      callback(new PrivateAddress('the name stands for an address that is not of the public internet'), '', 4);
      return;
    }
    const [first] = addresses;
    if (options.all === true) callback(null, addresses);
    else if (first !== undefined) callback(null, first.address, first.family);
    else callback(new Error('ENOTFOUND'), '', 4);
  });
};

async function readBounded(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes >= LONGEST_ANSWER) break;
  }
  return Buffer.concat(parts).subarray(0, LONGEST_ANSWER).toString('utf8');
}

const LONGEST_WAIT_S = 6 * 3_600;

function retryAfter(response: IncomingMessage): number | null {
  const header = response.headers['retry-after'];
  return header !== undefined && /^\d{1,6}$/.test(header) ? Math.min(Number(header), LONGEST_WAIT_S) * 1_000 : null;
}

/** Codes only: the text of an error may hold the URL, and with it a secret. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
