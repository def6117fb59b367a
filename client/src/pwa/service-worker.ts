import { registerPush } from './push-handler.js';
import { endsSession, hasExpired, isKeptRead, READS_CACHE } from './read-rules.js';

declare const self: ServiceWorkerGlobalScope;
/** Filled in by the build: a name for exactly these files, and their addresses. */
declare const __SHELL_VERSION__: string;
declare const __SHELL_FILES__: readonly string[];

/** The page that a path without a file gets. */
const PAGE = '/';
const SHELL_CACHE = `ioc-shell-${__SHELL_VERSION__}`;
/** On a bad connection what was kept is shown after so long; the answer is still taken when it comes. */
const PATIENCE_MS = 4_000;
/** Answers kept at most; the oldest go first. */
const MAX_READS = 120;
const NOT_A_PAGE = /^\/(api|health|metrics|socket\.io)(\/|$)/;
const shellFiles = new Set(__SHELL_FILES__);

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(SHELL_CACHE).then((cache) =>
      // Past the browser's own cache: the page must be the one of these files.
      cache.addAll([PAGE, ...__SHELL_FILES__].map((url) => new Request(url, { cache: 'reload' }))),
    ),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith('ioc-shell-') && name !== SHELL_CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until a page asks for it: pages that are open keep the files that they began with.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (!NOT_A_PAGE.test(url.pathname)) event.respondWith(openPage(request));
  } else if (shellFiles.has(url.pathname)) {
    event.respondWith(fromShell(request));
  } else if (isKeptRead(request)) {
    event.respondWith(readThrough(event));
  } else if (url.pathname.startsWith('/api/v1/session')) {
    event.respondWith(watchSession(request));
  }
});

/** Pages come from the server, so that an upgrade shows at once; without it, from what was kept. */
async function openPage(request: Request): Promise<Response> {
  const kept = await (await caches.open(SHELL_CACHE)).match(PAGE);
  if (kept === undefined) return await fetch(request);
  const answer = await withPatience(fetch(request));
  // A gateway that cannot reach the console is no console either.
  return answer === null || answer.status >= 502 ? kept : answer;
}

/** Files of the shell carry a hash of their content in their name: what is kept is right. */
async function fromShell(request: Request): Promise<Response> {
  const kept = await (await caches.open(SHELL_CACHE)).match(request.url);
  return kept ?? (await fetch(request));
}

async function readThrough(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const asking = fetch(request).then(async (answer) => {
    if (endsSession(request, answer.status)) await forgetReads();
    else if (answer.ok) await keep(request, answer.clone());
    return answer;
  });
  event.waitUntil(asking.catch(() => undefined));
  const kept = await keptAnswer(request);
  if (kept === null) return await asking;
  const answer = await withPatience(asking);
  return answer === null || answer.status >= 502 ? kept : answer;
}

async function watchSession(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (endsSession(request, answer.status)) await forgetReads();
  return answer;
}

async function keptAnswer(request: Request): Promise<Response | null> {
  const kept = await (await caches.open(READS_CACHE)).match(request.url);
  if (kept === undefined) return null;
  if (!request.url.endsWith('/session')) return kept;
  const session: unknown = await kept.clone().json();
  return hasExpired(session, Date.now()) ? null : kept;
}

async function keep(request: Request, answer: Response): Promise<void> {
  const cache = await caches.open(READS_CACHE);
  await cache.delete(request.url);
  await cache.put(request.url, answer);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MAX_READS)).map((key) => cache.delete(key)));
}

async function forgetReads(): Promise<void> {
  await caches.delete(READS_CACHE);
}

/** The answer, or null when none comes in time or at all. */
async function withPatience(asking: Promise<Response>): Promise<Response | null> {
  const late = new Promise<null>((resolve) => {
    setTimeout(() => resolve(null), PATIENCE_MS);
  });
  return await Promise.race([asking.catch(() => null), late]);
}

registerPush(self);
