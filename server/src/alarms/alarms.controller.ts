import { Controller } from '@nestjs/common';
import { ENDPOINTS, type Alarm, type AlarmLoad, type Page, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { AlarmDeskService, type ShelveOutcome, type ShelveRefusal } from './alarm-desk.service.js';
import { instantOf } from './alarm-view.js';

const position = z.tuple([z.number(), z.number().int()]);

@Controller()
export class AlarmsController {
  constructor(private readonly desk: AlarmDeskService) {}

  @Route(ENDPOINTS.listAlarms)
  async listAlarms(@Input() { query }: RouteInput<typeof ENDPOINTS.listAlarms>): Promise<Page<Alarm>> {
    const { limit, cursor, ...filter } = query;
    const after = decodeCursor(cursor, position);
    const found = await this.desk.list(filter, limit, after && { raisedAtMs: after[0], id: after[1] });
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: found.slice(0, limit).map((alarm) => this.desk.view(alarm)),
      nextCursor: last === undefined ? null : encodeCursor([last.raisedAtMs, last.id]),
    };
  }

  @Route(ENDPOINTS.getAlarmLoad)
  getAlarmLoad(): Promise<AlarmLoad> {
    return this.desk.load();
  }

  @Route(ENDPOINTS.endAlarmFlood)
  endAlarmFlood(@Caller() caller: SessionInfo): Promise<void> {
    return this.desk.endFlood(personOf(caller));
  }

  @Route(ENDPOINTS.getAlarm)
  async getAlarm(
    @Input() { params }: RouteInput<typeof ENDPOINTS.getAlarm>,
  ): Promise<ResponseOf<typeof ENDPOINTS.getAlarm>> {
    const found = await this.desk.get(params.id);
    if (found === null) throw new ProblemError('not-found');
    return {
      ...found.alarm,
      changes: found.changes.map(({ atMs, ...change }) => ({ at: instantOf(atMs), ...change })),
    };
  }

  @Route(ENDPOINTS.shelveAlarm)
  async shelveAlarm(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.shelveAlarm>,
    @Caller() caller: SessionInfo,
  ): Promise<Alarm> {
    const shelf = { untilMs: Date.parse(body.until), reason: body.reason };
    return answer(await this.desk.shelve(params.id, ifMatch, shelf, personOf(caller)));
  }

  @Route(ENDPOINTS.unshelveAlarm)
  async unshelveAlarm(
    @Input() { params, ifMatch }: RouteInput<typeof ENDPOINTS.unshelveAlarm>,
    @Caller() caller: SessionInfo,
  ): Promise<Alarm> {
    return answer(await this.desk.unshelve(params.id, ifMatch, personOf(caller)));
  }
}

/** Who it is; a wall has nobody behind it, whatever its permissions say. */
export function personOf(caller: SessionInfo): { readonly personId: string; readonly name: string } {
  if (caller.personId === null) throw new ProblemError('forbidden');
  return { personId: caller.personId, name: caller.name };
}

function answer(outcome: ShelveOutcome): Alarm {
  if (outcome.ok) return outcome.alarm;
  throw problemOf(outcome);
}

function problemOf(refusal: ShelveRefusal): ProblemError {
  switch (refusal.reason) {
    case 'not-found':
      return new ProblemError('not-found');
    case 'stale':
      return new ProblemError('precondition-failed', { currentEtag: `"${refusal.version}"` });
    case 'cleared':
      return new ProblemError('conflict', { detail: { vi: 'Cảnh báo đã kết thúc', en: 'The alarm is over' } });
    case 'not-shelved':
      return new ProblemError('conflict', {
        detail: { vi: 'Cảnh báo không bị tạm gác', en: 'The alarm is not put aside' },
      });
    case 'bad-end':
      return new ProblemError('bad-request', {
        errors: [{ path: 'body.until', message: 'now < until ≤ 7 d' }],
        detail: {
          vi: 'Thời điểm kết thúc phải ở tương lai và không quá 7 ngày',
          en: 'The end must lie in the future, at most 7 days ahead',
        },
      });
  }
}
