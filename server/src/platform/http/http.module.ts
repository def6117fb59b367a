import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { DocsController } from './docs.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { RouteInterceptor } from './route.interceptor.js';

/** Guard, input and problems of every HTTP route. Needs an AUTHENTICATOR from a global module: without one nothing starts. */
@Module({
  controllers: [DocsController],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: RouteInterceptor },
  ],
})
export class HttpModule {}
