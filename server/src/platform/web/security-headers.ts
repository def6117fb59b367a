import helmet from 'helmet';
import type { RequestHandler } from 'express';

type Directives = Readonly<Record<string, readonly string[] | null>>;

/**
 * What a page of ours may load: its own files and nothing else. Style attributes are allowed because the charts' tooltips
 * are built with them; style elements and scripts inside a page are not.
 */
const PAGE: Directives = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'script-src-attr': ["'none'"],
  'style-src': ["'self'"],
  'style-src-attr': ["'unsafe-inline'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'manifest-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

/** The API's documentation brings style elements of its own. */
const DOCUMENTATION: Directives = { ...PAGE, 'style-src': ["'self'", "'unsafe-inline'"] };

/** Headers of every answer. `publicOrigin` with https: browsers are told to come back with https only. */
export function securityHeaders(publicOrigin: string | undefined): RequestHandler {
  const https = publicOrigin?.startsWith('https:') === true;
  const withPolicy = (directives: Directives) =>
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives },
      strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
      crossOriginEmbedderPolicy: false,
      referrerPolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
    });
  const page = withPolicy(PAGE);
  const documentation = withPolicy(DOCUMENTATION);
  return (request, response, next) => {
    // Technicians are shown what is near them; their place stays in the browser.
    response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(self), payment=(), usb=()');
    (request.path.startsWith('/api/docs') ? documentation : page)(request, response, next);
  };
}
