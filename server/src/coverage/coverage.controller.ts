import { Controller, Res } from '@nestjs/common';
import { ENDPOINTS, type ResponseOf, type SessionInfo } from '@ioc/contract';
import type { Response } from 'express';
import { actorOf } from '../access/session.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { CoverageService } from './coverage.service.js';

/** Which communes have VCS equipment that works, on a screen and as a spreadsheet. */
@Controller()
export class CoverageController {
  constructor(private readonly coverage: CoverageService) {}

  @Route(ENDPOINTS.vcsCoverage)
  vcs(): ResponseOf<typeof ENDPOINTS.vcsCoverage> {
    const { asOfMs, counts, rows } = this.coverage.vcs();
    return { asOf: new Date(asOfMs).toISOString(), counts: { ...counts }, items: [...rows] };
  }

  @Route(ENDPOINTS.vcsCoverageCsv)
  async vcsCsv(
    @Input() input: RouteInput<typeof ENDPOINTS.vcsCoverageCsv>,
    @Caller() caller: SessionInfo,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { state, language } = input.query;
    response.setHeader('content-disposition', `attachment; filename="vcs-${state ?? 'all'}.csv"`);
    return await this.coverage.vcsCsv(state, language, actorOf(caller));
  }
}
