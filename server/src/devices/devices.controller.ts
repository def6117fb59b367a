import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Controller, Req, Res, StreamableFile } from '@nestjs/common';
import { ENDPOINTS, type ImportIssue, type ResponseOf, type SessionInfo } from '@ioc/contract';
import type { Request, Response } from 'express';
import { actorOf } from '../access/session.js';
import { preferredLanguage, type Language } from '../platform/http/language.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { BoundariesService } from './boundaries.service.js';
import { DevicesService, type RegisterIssue } from './devices.service.js';
import { mapDevicesJson } from './map-devices.js';

/** The browser may keep it, and asks each time whether it still holds. */
const ASK_AGAIN = 'private, no-cache';

/** The register: what the map draws, and its import. */
@Controller()
export class DevicesController {
  constructor(
    private readonly devices: DevicesService,
    private readonly boundaries: BoundariesService,
  ) {}

  /** Piece by piece, as fast as the browser takes it; nothing is made for one that has the list already. */
  @Route(ENDPOINTS.mapDevices)
  mapDevices(@Req() request: Request, @Res({ passthrough: true }) response: Response): StreamableFile | undefined {
    const register = this.devices.register();
    response.setHeader('etag', `"${register.version}"`);
    response.setHeader('cache-control', ASK_AGAIN);
    // An empty answer to a request whose tag still holds becomes 304.
    if (request.fresh) return undefined;
    const pieces = Readable.from(inTurns(mapDevicesJson(register)), { highWaterMark: 1 });
    return new StreamableFile(pieces, { type: 'application/json; charset=utf-8' });
  }

  @Route(ENDPOINTS.boundaries)
  async mapBoundaries(
    @Res({ passthrough: true }) response: Response,
  ): Promise<ResponseOf<typeof ENDPOINTS.boundaries>> {
    const loaded = await this.boundaries.load();
    if (!loaded.ok) throw new ProblemError('not-found', loaded.reason === null ? {} : { detail: loaded.reason });
    response.setHeader('etag', loaded.etag);
    response.setHeader('cache-control', ASK_AGAIN);
    return loaded.boundaries;
  }

  @Route(ENDPOINTS.importRegister)
  async importRegister(
    @Input() input: RouteInput<typeof ENDPOINTS.importRegister>,
    @Caller() caller: SessionInfo,
    @Req() request: Request,
  ): Promise<ResponseOf<typeof ENDPOINTS.importRegister>> {
    const { dryRun, ...files } = input.body;
    if (Object.keys(files).length === 0) {
      throw new ProblemError('bad-request', { detail: { vi: 'Chưa có tệp nào', en: 'There is no file' } });
    }
    const language = preferredLanguage(request.headers['accept-language']);
    const outcome = await this.devices.importCsv(files, { dryRun, actor: actorOf(caller) });
    if (!outcome.ok) {
      const detail = {
        vi: `Có ${outcome.total} lỗi, chưa ghi gì`,
        en: `There are ${outcome.total} errors; nothing was written`,
      };
      throw new ProblemError('import-rejected', {
        detail,
        issues: outcome.issues.map((issue) => issueOf(issue, language)),
      });
    }
    const { counts, warnings, registerVersion } = outcome;
    return { dryRun, counts, warnings: warnings.map((issue) => issueOf(issue, language)), registerVersion };
  }
}

/** A browser that takes every piece at once would otherwise keep the event loop until the last one. */
async function* inTurns<T>(pieces: Iterable<T>): AsyncGenerator<T> {
  for (const piece of pieces) {
    yield piece;
    await nextTurn();
  }
}

function issueOf(issue: RegisterIssue, language: Language): ImportIssue {
  return { ...issue, file: `${issue.file}.csv`, reason: issue.reason[language] };
}
