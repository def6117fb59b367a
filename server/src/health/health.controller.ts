import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AccessService } from '../access/access.service.js';
import type { Config } from '../config/config.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { PublicRoute } from '../platform/http/route.js';
import { sessionRequestOf } from '../platform/http/session-request.js';
import { CONFIG } from '../platform/platform.module.js';
import { HealthService } from './health.service.js';
import { MetricsService } from './metrics.service.js';

/**
 * For supervisors and Prometheus, outside the API. Anybody learns whether the console lives and is ready; the rest is for
 * this machine, people signed in, and holders of the metrics token.
 */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: MetricsService,
    private readonly access: AccessService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('/health/live')
  @PublicRoute()
  live(@Res() response: Response): void {
    response.set('cache-control', 'no-store').json({ status: 'live' });
  }

  @Get('/health/ready')
  @PublicRoute()
  async ready(@Req() request: Request, @Res() response: Response): Promise<void> {
    const readiness = await this.health.readiness();
    const body = (await this.#mayKnow(request)) ? readiness : { status: readiness.status };
    response
      .status(readiness.status === 'ready' ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(body);
  }

  @Get('/metrics')
  @PublicRoute()
  async scrape(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!(await this.#mayKnow(request))) throw new ProblemError('forbidden');
    const text = await this.metrics.text();
    response.set({ 'content-type': this.metrics.contentType, 'cache-control': 'no-store' }).send(text);
  }

  async #mayKnow(request: Request): Promise<boolean> {
    const from = sessionRequestOf(request);
    if (from.direct === true || this.#hasToken(request)) return true;
    // While the database is away nobody can be recognised, and the question must still be answered.
    return (await this.access.authenticate(from).catch(() => null)) !== null;
  }

  #hasToken(request: Request): boolean {
    const { metricsToken } = this.config;
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    return metricsToken !== undefined && given !== undefined && timingSafeEqual(digest(given), digest(metricsToken));
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
