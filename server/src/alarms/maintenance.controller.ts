import { Controller, Inject } from '@nestjs/common';
import { ENDPOINTS, type Clock, type MaintenanceWindow, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { CLOCK } from '../platform/platform.module.js';
import { instantOf } from './alarm-view.js';
import { personOf } from './alarms.controller.js';
import { nextRun, runningAt, type WindowRecord } from './maintenance-window.js';
import { MaintenanceService, type CreateWindowOutcome } from './maintenance.service.js';

@Controller()
export class MaintenanceController {
  constructor(
    private readonly maintenance: MaintenanceService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Route(ENDPOINTS.listMaintenanceWindows)
  async listMaintenanceWindows(
    @Input() { query }: RouteInput<typeof ENDPOINTS.listMaintenanceWindows>,
  ): Promise<ResponseOf<typeof ENDPOINTS.listMaintenanceWindows>> {
    const windows = await this.maintenance.list(query.past === true);
    return { windows: windows.map((window) => this.#view(window)) };
  }

  @Route(ENDPOINTS.createMaintenanceWindow)
  async createMaintenanceWindow(
    @Input() { body }: RouteInput<typeof ENDPOINTS.createMaintenanceWindow>,
    @Caller() caller: SessionInfo,
  ): Promise<MaintenanceWindow> {
    const outcome = await this.maintenance.create(body, personOf(caller));
    if (!outcome.ok) throw problemOf(outcome.reason);
    return this.#view(outcome.window);
  }

  @Route(ENDPOINTS.endMaintenanceWindow)
  async endMaintenanceWindow(
    @Input() { params, ifMatch }: RouteInput<typeof ENDPOINTS.endMaintenanceWindow>,
    @Caller() caller: SessionInfo,
  ): Promise<MaintenanceWindow> {
    const outcome = await this.maintenance.end(params.id, ifMatch, personOf(caller));
    if (outcome.ok) return this.#view(outcome.window);
    switch (outcome.reason) {
      case 'not-found':
        throw new ProblemError('not-found');
      case 'ended':
        throw new ProblemError('conflict', { detail: { vi: 'Bảo trì đã kết thúc', en: 'The window has ended' } });
      case 'stale':
        throw new ProblemError('precondition-failed', { currentEtag: `"${outcome.version}"` });
    }
  }

  #view(window: WindowRecord): MaintenanceWindow {
    const nowMs = this.clock.now();
    const next = nextRun(window, nowMs);
    return {
      id: String(window.id),
      version: window.version,
      subject: window.subject,
      subjectName: this.maintenance.nameOf(window.subject),
      schedule: window.schedule,
      reason: window.reason,
      createdBy: window.createdBy,
      createdAt: instantOf(window.createdAtMs),
      endedAt: window.endedAtMs === null ? null : instantOf(window.endedAtMs),
      running: runningAt(window, nowMs) !== null,
      nextFrom: next === null ? null : instantOf(next.fromMs),
      nextUntil: next === null ? null : instantOf(next.untilMs),
    };
  }
}

type CreateRefusal = Extract<CreateWindowOutcome, { ok: false }>['reason'];

const REFUSALS: Readonly<Record<CreateRefusal, { readonly path: string; readonly vi: string; readonly en: string }>> = {
  'ends-before-it-begins': {
    path: 'body.schedule',
    vi: 'Thời điểm kết thúc phải sau thời điểm bắt đầu',
    en: 'The end must be after the beginning',
  },
  'over-already': {
    path: 'body.schedule',
    vi: 'Lịch này không còn lần nào trong tương lai',
    en: 'The schedule has no run in the future',
  },
  'too-long': {
    path: 'body.schedule',
    vi: 'Một lần bảo trì không quá 31 ngày',
    en: 'One window lasts at most 31 days',
  },
  'unknown-subject': { path: 'body.subject.id', vi: 'Không có đối tượng này', en: 'There is no such subject' },
  'too-many': { path: 'body', vi: 'Đã có 500 lịch bảo trì', en: 'There are 500 windows already' },
};

function problemOf(reason: CreateRefusal): ProblemError {
  const { path, vi, en } = REFUSALS[reason];
  if (reason === 'too-many') return new ProblemError('conflict', { detail: { vi, en } });
  return new ProblemError('bad-request', { errors: [{ path, message: en }], detail: { vi, en } });
}
