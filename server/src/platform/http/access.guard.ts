import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Access, Endpoint } from '@ioc/contract';
import type { Request } from 'express';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../platform.module.js';
import { ProblemError } from './problem-error.js';
import { requestState } from './request-state.js';
import { ENDPOINT_METADATA, PUBLIC_METADATA, SESSION_ROUTE_METADATA } from './route.js';
import { AUTHENTICATOR, isOwnOrigin, sessionRequestOf, type Authenticator } from './session-request.js';

const READING_METHODS = new Set(['GET', 'HEAD']);

/**
 * Closed by default: lets a request through only by the rule of its endpoint, and a handler that has none not at all.
 * Socket handlers pass: their gateway authenticates at the handshake.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const access = this.#accessOf(context.getHandler());
    if (access === null) throw new ProblemError('forbidden');
    if (!READING_METHODS.has(request.method) && !isOwnOrigin(request, this.config.publicOrigin)) {
      throw new ProblemError('forbidden', {
        detail: { vi: 'Yêu cầu đến từ trang khác', en: 'The request comes from another site' },
      });
    }
    if (access === 'public') return true;
    const session = await this.authenticator.authenticate(sessionRequestOf(request));
    if (session === null) throw new ProblemError('not-signed-in');
    if (access !== 'session' && !session.permissions.includes(access)) {
      throw new ProblemError(session.mustChangePassword ? 'password-change-required' : 'forbidden');
    }
    requestState(request).session = session;
    return true;
  }

  #accessOf(handler: ReturnType<ExecutionContext['getHandler']>): Access | null {
    const endpoint = this.reflector.get<Endpoint | undefined>(ENDPOINT_METADATA, handler);
    if (endpoint !== undefined) return endpoint.access;
    if (this.reflector.get<true | undefined>(PUBLIC_METADATA, handler) === true) return 'public';
    return this.reflector.get<true | undefined>(SESSION_ROUTE_METADATA, handler) === true ? 'session' : null;
  }
}
