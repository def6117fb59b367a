import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { Database } from './database/database.js';
import type { MessageSource } from './mqtt/message-source.js';

export const CONFIG = Symbol('Config');
export const CLOCK = Symbol('Clock');
export const LOGGER = Symbol('Logger');
/** A `MessageSource`: the embedded broker or the session at an external one, not started yet. */
export const MESSAGE_SOURCE = Symbol('MessageSource');

export interface PlatformParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly database: Database;
  readonly messageSource: MessageSource;
}

/** What every module may ask for: settings, the one clock, the log, the database, the messages. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ config, clock, logger, database, messageSource }: PlatformParts): DynamicModule {
    return {
      module: PlatformModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: LOGGER, useValue: logger },
        { provide: Database, useValue: database },
        { provide: MESSAGE_SOURCE, useValue: messageSource },
      ],
      exports: [CONFIG, CLOCK, LOGGER, Database, MESSAGE_SOURCE],
    };
  }
}
