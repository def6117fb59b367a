import type { NestExpressApplication } from '@nestjs/platform-express';

/**
 * What every HTTP answer of the console shares. Call it on an application that was created with `bodyParser: false`:
 * bodies are read behind the guard, by route.
 */
export function configureHttp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  // ETags are versions of ours or none.
  app.set('etag', false);
  // "a[b]=c" stays a name with brackets, which validation then refuses.
  app.set('query parser', 'simple');
  app.set('trust proxy', false);
}
