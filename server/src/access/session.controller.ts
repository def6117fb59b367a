import { Controller, Req, Res } from '@nestjs/common';
import { ENDPOINTS, sessionInfo, type ProblemCode, type SessionInfo } from '@ioc/contract';
import type { Request, Response } from 'express';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { AccessService, type OpenedSession } from './access.service.js';
import { callerAddress } from './caller-address.js';
import { clearSessionCookie, formatSessionCookie, readSessionToken } from './session-cookie.js';

/** Browsers cut anything longer; a wall's is renewed whenever it asks who it is. */
const DISPLAY_COOKIE_S = 400 * 86_400;

/** Signing in and out. */
@Controller()
export class SessionController {
  constructor(private readonly access: AccessService) {}

  @Route(ENDPOINTS.signIn)
  async signIn(
    @Input() input: RouteInput<typeof ENDPOINTS.signIn>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionInfo> {
    const { login, password } = input.body;
    const outcome = await this.access.signIn(
      login.trim().toLowerCase(),
      password,
      callerAddress(request),
      this.#token(request),
    );
    if (!outcome.ok) throw refusal(outcome);
    return this.#opened(response, outcome, null);
  }

  @Route(ENDPOINTS.openDisplay)
  async openDisplay(
    @Input() input: RouteInput<typeof ENDPOINTS.openDisplay>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionInfo> {
    const opened = await this.access.openDisplay(input.body.token, callerAddress(request), this.#token(request));
    if (opened === null) throw new ProblemError('wrong-credentials');
    return this.#opened(response, opened, DISPLAY_COOKIE_S);
  }

  @Route(ENDPOINTS.currentSession)
  currentSession(
    @Caller() caller: SessionInfo,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): SessionInfo {
    const token = this.#token(request);
    if (caller.kind === 'display' && !caller.demo && token !== null) {
      response.setHeader('set-cookie', formatSessionCookie(this.access.cookie, token, DISPLAY_COOKIE_S));
    }
    return sessionInfo.parse(caller);
  }

  @Route(ENDPOINTS.signOut)
  async signOut(
    @Caller() caller: SessionInfo,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.access.signOut(caller, this.#token(request));
    response.setHeader('set-cookie', clearSessionCookie(this.access.cookie));
  }

  @Route(ENDPOINTS.changePassword)
  async changePassword(
    @Input() input: RouteInput<typeof ENDPOINTS.changePassword>,
    @Caller() caller: SessionInfo,
    @Req() request: Request,
  ): Promise<void> {
    if (caller.personId === null) throw new ProblemError('forbidden');
    const { current, next } = input.body;
    const outcome = await this.access.changePassword(
      caller.personId,
      current,
      next,
      this.#token(request),
      callerAddress(request),
    );
    if (outcome.ok) return;
    if (outcome.code !== 'unchanged') throw refusal(outcome);
    const detail = { vi: 'Mật khẩu mới phải khác mật khẩu cũ', en: 'The new password must differ from the old one' };
    throw new ProblemError('bad-request', { detail });
  }

  #token(request: Request): string | null {
    return readSessionToken(this.access.cookie, request.headers.cookie);
  }

  #opened(response: Response, opened: OpenedSession, maxAgeS: number | null): SessionInfo {
    response.setHeader('set-cookie', formatSessionCookie(this.access.cookie, opened.token, maxAgeS));
    return sessionInfo.parse(opened.session);
  }
}

function refusal(
  outcome: { readonly code: ProblemCode } | { readonly code: 'too-many-attempts'; readonly retryAfterMs: number },
): ProblemError {
  if (!('retryAfterMs' in outcome)) return new ProblemError(outcome.code);
  const seconds = Math.ceil(outcome.retryAfterMs / 1_000);
  const detail = { vi: `Thử lại sau ${seconds} giây`, en: `Try again in ${seconds} s` };
  return new ProblemError('too-many-attempts', { detail, headers: { 'retry-after': String(seconds) } });
}
