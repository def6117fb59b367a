import { Controller, Res, StreamableFile } from '@nestjs/common';
import { ENDPOINTS, type Handover, type ResponseOf, type SessionInfo, type SituationReport } from '@ioc/contract';
import type { Response } from 'express';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { HandoverService, type HandoverOutcome } from './handover.service.js';
import { PaperService } from './paper.service.js';
import { PowerService } from './power.service.js';
import { situationText } from './situation-text.js';
import { SituationService, type ReportSigner } from './situation.service.js';

/** The situation on a screen, on paper and in a chat; the shift handover; where to send the generator. */
@Controller()
export class ReportsController {
  constructor(
    private readonly situation: SituationService,
    private readonly handovers: HandoverService,
    private readonly power: PowerService,
    private readonly paper: PaperService,
  ) {}

  @Route(ENDPOINTS.getSituation)
  getSituation(@Input() { query }: RouteInput<typeof ENDPOINTS.getSituation>): Promise<SituationReport> {
    return this.#report(query);
  }

  @Route(ENDPOINTS.getSituationPdf)
  async getSituationPdf(
    @Input() { query }: RouteInput<typeof ENDPOINTS.getSituationPdf>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const report = await this.#report(query);
    const paper = await this.paper.pdf(report, query.lang);
    if (!paper.ok) throw notOnPaper(paper.reason);
    response.setHeader('content-disposition', `inline; filename="${fileName(report)}.pdf"`);
    return new StreamableFile(paper.bytes, { type: 'application/pdf' });
  }

  @Route(ENDPOINTS.getSituationText)
  async getSituationText(@Input() { query }: RouteInput<typeof ENDPOINTS.getSituationText>): Promise<string> {
    return situationText(await this.#report(query), query.lang);
  }

  @Route(ENDPOINTS.keepSituation)
  keepSituation(@Caller() caller: SessionInfo): Promise<SituationReport> {
    return this.situation.keep(signerOf(caller));
  }

  @Route(ENDPOINTS.listSituations)
  async listSituations(): Promise<ResponseOf<typeof ENDPOINTS.listSituations>> {
    const kept = await this.situation.kept();
    return { reports: kept.map(({ atMs, by }) => ({ at: new Date(atMs).toISOString(), by })) };
  }

  @Route(ENDPOINTS.getHandover)
  getHandover(): Promise<Handover> {
    return this.handovers.current();
  }

  @Route(ENDPOINTS.remarkHandover)
  async remarkHandover(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.remarkHandover>,
    @Caller() caller: SessionInfo,
  ): Promise<Handover> {
    return answer(await this.handovers.remark(params.id, ifMatch, body.remarks, signerOf(caller)));
  }

  @Route(ENDPOINTS.signHandover)
  async signHandover(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.signHandover>,
    @Caller() caller: SessionInfo,
  ): Promise<Handover> {
    return answer(await this.handovers.sign(params.id, ifMatch, body.as, signerOf(caller)));
  }

  @Route(ENDPOINTS.listHandovers)
  async listHandovers(): Promise<ResponseOf<typeof ENDPOINTS.listHandovers>> {
    return { handovers: [...(await this.handovers.list())] };
  }

  @Route(ENDPOINTS.getPowerPriorities)
  async getPowerPriorities(): Promise<ResponseOf<typeof ENDPOINTS.getPowerPriorities>> {
    const { atMs, total, sites, feeders } = await this.power.priorities();
    return { at: new Date(atMs).toISOString(), total, sites: [...sites], feeders: [...feeders] };
  }

  async #report(query: {
    readonly at?: string | undefined;
    readonly since?: string | undefined;
  }): Promise<SituationReport> {
    const msOf = (moment: string | undefined) => (moment === undefined ? null : Date.parse(moment));
    const outcome = await this.situation.report({ atMs: msOf(query.at), sinceMs: msOf(query.since) });
    if (outcome.ok) return outcome.report;
    throw new ProblemError('bad-request', {
      errors: [
        outcome.reason === 'future'
          ? { path: 'query.at', message: { vi: 'Không được ở tương lai', en: 'It must not lie in the future' } }
          : {
              path: 'query.since',
              message: { vi: 'Phải trước thời điểm báo cáo', en: 'It must be before the report' },
            },
      ],
    });
  }
}

/** The report is there, only its page is not. */
function notOnPaper(reason: 'busy' | 'late' | 'failed' | 'ended'): ProblemError {
  const again = { 'retry-after': '5' };
  return reason === 'busy'
    ? new ProblemError('unavailable', {
        headers: again,
        detail: {
          vi: 'Đang tạo quá nhiều bản PDF, hãy thử lại sau vài giây',
          en: 'Too many PDFs are being made, try again in a few seconds',
        },
      })
    : new ProblemError('unavailable', {
        headers: again,
        detail: {
          vi: 'Không tạo được bản PDF; hãy thử lại, hoặc dùng bản trên màn hình hay bản chữ',
          en: 'The PDF could not be made; try again, or take the page on screen or the text',
        },
      });
}

/** In the province's time: `tinh-hinh-2026-11-17-2210`. */
function fileName(report: SituationReport): string {
  const local = new Date(Date.parse(report.at) + 7 * 3_600_000).toISOString();
  return `tinh-hinh-${local.slice(0, 10)}-${local.slice(11, 13)}${local.slice(14, 16)}`;
}

function signerOf({ personId, name }: SessionInfo): ReportSigner {
  // A wall has no person behind it, whatever its permissions say.
  if (personId === null) throw new ProblemError('forbidden');
  return { personId, name };
}

function answer(outcome: HandoverOutcome): Handover {
  if (outcome.ok) return outcome.handover;
  const { refusal } = outcome;
  switch (refusal.reason) {
    case 'not-found':
      throw new ProblemError('not-found');
    case 'version-changed':
      throw new ProblemError('precondition-failed', { currentEtag: `"${refusal.version}"` });
    case 'not-handed-over':
      throw new ProblemError('conflict', {
        detail: { vi: 'Người giao ca phải ký trước', en: 'Whoever hands over signs first' },
      });
    case 'same-person':
      throw new ProblemError('conflict', {
        detail: { vi: 'Người nhận ca phải là người khác', en: 'Whoever takes over must be another person' },
      });
    case 'fixed':
      throw new ProblemError('already-taken', {
        ...(refusal.by === null
          ? {}
          : { holder: { name: refusal.by.name, at: new Date(refusal.by.atMs).toISOString(), note: null } }),
        detail: { vi: 'Biên bản đã ký, không sửa được nữa', en: 'It was signed and does not change any more' },
      });
  }
}
