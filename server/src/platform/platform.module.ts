import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@ioc/contract';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { Database } from './database/database.js';

export const CONFIG = Symbol('Config');
export const CLOCK = Symbol('Clock');
export const LOGGER = Symbol('Logger');

export interface PlatformParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly database: Database;
}

/** What every module may ask for: settings, the one clock, the log, the database. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ config, clock, logger, database }: PlatformParts): DynamicModule {
    return {
      module: PlatformModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: LOGGER, useValue: logger },
        { provide: Database, useValue: database },
      ],
      exports: [CONFIG, CLOCK, LOGGER, Database],
    };
  }
}
