import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router, type RequestHandler, type Response } from 'express';

/** The same distance from src/platform/web and from dist/platform/web. */
export const CLIENT_FOLDER = fileURLToPath(new URL('../../../../client/dist', import.meta.url));

/** Paths that are never a page. */
const RESERVED = /^\/(api|health|metrics|socket\.io)(\/|$)/;

const FILES_ONLY = { index: false, redirect: false } as const;

/**
 * Serves the built client. Files whose name carries a hash of their content never change; everything else is asked for
 * again each time, and is cheap to confirm. A path without a file is a page, which the client's router draws.
 */
export function webClient(folder: string): RequestHandler {
  const router = Router();
  const index = path.join(folder, 'index.html');
  router.use(
    '/assets',
    express.static(path.join(folder, 'assets'), { ...FILES_ONLY, immutable: true, maxAge: '365d' }),
  );
  // A file of an older build: a page in its place would be taken for a broken script.
  router.use('/assets', (_request, response) => void response.status(404).type('text/plain').send('Not found\n'));
  router.use(express.static(folder, { ...FILES_ONLY, setHeaders: askAgain }));
  router.use((request, response, next) => {
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      !RESERVED.test(request.path) &&
      path.extname(request.path) === '';
    if (!isPage) {
      next();
      return;
    }
    if (!existsSync(index)) {
      response
        .status(503)
        .type('text/plain')
        .send('The web client is not built: run "npm run build" in the project folder.\n');
      return;
    }
    response.sendFile(index, { cacheControl: false, headers: { 'cache-control': 'no-cache' } });
  });
  return router;
}

function askAgain(response: Response): void {
  response.setHeader('cache-control', 'no-cache');
}
