import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

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

/** Supervisors and Prometheus use names of their own network; what these paths tell is guarded by other means. */
const UNNAMED = /^\/(health|metrics)(\/|$)/;

/** Answers 421 to a request that names us by a foreign name. */
export function refuseUnknownHosts(publicOrigin: string | undefined): RequestHandler {
  return (request, response, next) => {
    if (UNNAMED.test(request.path) || isKnownHost(request, publicOrigin)) {
      next();
      return;
    }
    response
      .status(421)
      .type('text/plain')
      .send('This console is not known by that name: set IOC_PUBLIC_ORIGIN to the address that browsers use.\n');
  };
}
