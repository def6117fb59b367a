import { Global, Module } from '@nestjs/common';
import { HttpModule } from '../platform/http/http.module.js';
import { AUTHENTICATOR } from '../platform/http/session-request.js';
import { AccessService } from './access.service.js';

/** Global: every module's controllers and gateways may ask who is asking. */
@Global()
@Module({
  imports: [HttpModule],
  providers: [AccessService, { provide: AUTHENTICATOR, useExisting: AccessService }],
  exports: [AccessService, AUTHENTICATOR],
})
export class AccessModule {}
