import type { IncomingMessage } from 'node:http';
import type { SessionInfo } from '@ioc/contract';

/** What of a request, or of a socket's handshake, decides who is asking. */
export interface SessionRequest {
  readonly cookieHeader: string | undefined;
  readonly remoteAddress: string | undefined;
  /**
   * True when it certainly comes from a browser or tool on this machine and not through a proxy or a foreign page; see
   * `sessionRequestOf`. Absent counts as false.
   */
  readonly direct?: boolean;
}

/** Answers who is asking; provided by the access module, asked by the guard. */
export interface Authenticator {
  /** The cookie that carries a session. */
  readonly cookie: { readonly name: string };
  authenticate(request: SessionRequest): Promise<SessionInfo | null>;
}
export const AUTHENTICATOR = Symbol('Authenticator');

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
const FORWARDING_HEADER = /^(forwarded|via|x-forwarded-.+|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

/**
 * Reads a request or handshake. `direct` asks for all of: a loopback peer; no header that a proxy adds, and not HTTP/1.0,
 * which is what a proxy that adds none speaks; a loopback `Host`, so that a foreign name resolved to 127.0.0.1 gets
 * nothing; and an `Origin`, if any, that is the host's own, so that a foreign page open on this machine gets nothing.
 */
export function sessionRequestOf(request: IncomingMessage): SessionRequest {
  const remoteAddress = request.socket.remoteAddress;
  const { host, origin, cookie } = request.headers;
  const direct =
    remoteAddress !== undefined &&
    LOOPBACK_ADDRESS.test(remoteAddress) &&
    request.httpVersion !== '1.0' &&
    !Object.keys(request.headers).some((name) => FORWARDING_HEADER.test(name)) &&
    host !== undefined &&
    LOOPBACK_HOST.test(host) &&
    (origin === undefined || originIs(origin, host));
  return { cookieHeader: cookie, remoteAddress, direct };
}

/** Whether a browser's `Origin` is the page of this very host. */
function originIs(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/**
 * Whether a write, or a socket, comes from our own pages or from no page at all: its `Origin` is this host's or the public
 * one, and the browser does not call it cross-site. Tools that send neither header pass; they hold no browser's cookie.
 */
export function isOwnOrigin(request: IncomingMessage, publicOrigin: string | undefined): boolean {
  const { host, origin } = request.headers;
  if (origin !== undefined) {
    if (publicOrigin !== undefined && URL.canParse(origin) && new URL(origin).origin === new URL(publicOrigin).origin)
      return true;
    return host !== undefined && originIs(origin, host);
  }
  const site = request.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
