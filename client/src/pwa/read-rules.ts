/** The cache of what this browser has read for the person who is signed in; emptied when they sign out. */
export const READS_CACHE = 'ioc-reads';

const API = '/api/v1';
/** What the technician's page needs when there is no connection: who I am, an incident with its comments, their photos. */
const KEPT_READS = /^\/api\/v1\/(session|incidents\/\d{1,18}|attachments\/[0-9a-f-]{36})$/;
const TECHNICIAN_PAGE = /^\/technician(\/|$)/;

/** What a rule needs of a request. `referrer` is the address of the page that asks. */
export interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly referrer: string;
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : '';
}

/** Whether an answer to it is kept for a time without connection: reads of the technician's page and nothing else. */
export function isKeptRead({ method, url, referrer }: AskedRequest): boolean {
  return method === 'GET' && KEPT_READS.test(pathOf(url)) && TECHNICIAN_PAGE.test(pathOf(referrer));
}

/**
 * Whether an answer means that what was read belongs to somebody who is no longer here: they signed out, somebody signed
 * in, or the session has ended.
 */
export function endsSession({ method, url }: Pick<AskedRequest, 'method' | 'url'>, status: number): boolean {
  const path = pathOf(url);
  if (path !== `${API}/session` && path !== `${API}/session/display`) return false;
  if (method === 'GET') return status === 401;
  return method === 'DELETE' ? status === 204 || status === 401 : method === 'POST' && status === 200;
}

/** Whether an answer about the session has run out meanwhile: without connection it must not outlive itself. */
export function hasExpired(session: unknown, nowMs: number): boolean {
  if (typeof session !== 'object' || session === null || !('expiresAt' in session)) return false;
  return typeof session.expiresAt === 'string' && Date.parse(session.expiresAt) <= nowMs;
}
