import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** What NestJS itself says, in our log: its notes of every route at debug level, its errors as errors. */
export function nestLogger(logger: Logger): LoggerService {
  const context = (parameters: readonly unknown[]) => ({ context: parameters.at(-1) });
  return {
    log: (message: unknown, ...parameters: unknown[]) => logger.debug(context(parameters), String(message)),
    debug: (message: unknown, ...parameters: unknown[]) => logger.debug(context(parameters), String(message)),
    verbose: (message: unknown, ...parameters: unknown[]) => logger.trace(context(parameters), String(message)),
    warn: (message: unknown, ...parameters: unknown[]) => logger.warn(context(parameters), String(message)),
    error: (message: unknown, ...parameters: unknown[]) => logger.error(context(parameters), String(message)),
    fatal: (message: unknown, ...parameters: unknown[]) => logger.fatal(context(parameters), String(message)),
  };
}
