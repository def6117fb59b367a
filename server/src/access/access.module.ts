import { Global, Module } from '@nestjs/common';
import { HttpModule } from '../platform/http/http.module.js';
import { AUTHENTICATOR } from '../platform/http/session-request.js';
import { AccessRepository } from './access.repository.js';
import { AccessService } from './access.service.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { FirstAccountsService } from './first-accounts.service.js';
import { PeopleController } from './people.controller.js';
import { PeopleRepository } from './people.repository.js';
import { PeopleService } from './people.service.js';
import { SessionController } from './session.controller.js';

/** Global: every module's controllers and gateways may ask who is asking. */
@Global()
@Module({
  imports: [HttpModule],
  controllers: [SessionController, PeopleController],
  providers: [
    AccessRepository,
    AuditRepository,
    PeopleRepository,
    AuditService,
    FirstAccountsService,
    AccessService,
    PeopleService,
    { provide: AUTHENTICATOR, useExisting: AccessService },
  ],
  exports: [AccessService, AuditService, PeopleService, AUTHENTICATOR],
})
export class AccessModule {}
