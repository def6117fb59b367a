import { Controller, Get, Header, Inject } from '@nestjs/common';
import { docsPage } from './docs-page.js';
import { openApiDocument, type OpenApiDocument } from './openapi.js';
import { SessionRoute } from './route.js';
import { AUTHENTICATOR, type Authenticator } from './session-request.js';

/** The description of the API, for anybody signed in. Made at the first asking: nothing in it changes while we run. */
@Controller('api')
export class DocsController {
  #document: OpenApiDocument | undefined;

  constructor(@Inject(AUTHENTICATOR) private readonly authenticator: Authenticator) {}

  @Get('openapi.json')
  @SessionRoute()
  @Header('cache-control', 'private, no-cache')
  document(): OpenApiDocument {
    this.#document ??= openApiDocument(this.authenticator.cookie.name);
    return this.#document;
  }

  @Get('docs')
  @SessionRoute()
  @Header('cache-control', 'private, no-cache')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return docsPage(this.document());
  }
}
