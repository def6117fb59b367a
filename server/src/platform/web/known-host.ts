import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/**
 * Whether a request names us by a name that is ours: an address, `localhost`, or the public origin. Any other name may be
 * somebody's own that he lets point here, so that his page in a browser of our network reads this server as its own.
 */
export function isKnownHost(request: IncomingMessage, publicOrigin: string | undefined): boolean {
  const { host } = request.headers;
  if (host === undefined || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  if (hostname === 'localhost' || isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return true;
  return publicOrigin !== undefined && new URL(publicOrigin).hostname === hostname;
}
