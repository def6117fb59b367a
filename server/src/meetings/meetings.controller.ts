import { Controller, Inject } from '@nestjs/common';
import { ENDPOINTS, type Clock, type Meeting, type Page, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { CLOCK } from '../platform/platform.module.js';
import { stateAt, type MeetingRecord } from './meeting.js';
import { MeetingsService, type MeetingOutcome } from './meetings.service.js';

const position = z.tuple([z.number(), z.number().int()]);

/** Videoconferences with communes. */
@Controller()
export class MeetingsController {
  constructor(
    private readonly meetings: MeetingsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Route(ENDPOINTS.listMeetings)
  async listMeetings(@Input() { query }: RouteInput<typeof ENDPOINTS.listMeetings>): Promise<Page<Meeting>> {
    const { limit, cursor, past } = query;
    const from = decodeCursor(cursor, position);
    const after = from && { startsAtMs: from[0], id: from[1] };
    const found =
      past === true ? await this.meetings.listPast(after, limit + 1) : this.meetings.listAhead(after, limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: found.slice(0, limit).map((meeting) => this.#view(meeting)),
      nextCursor: last === undefined ? null : encodeCursor([last.startsAtMs, last.id]),
    };
  }

  @Route(ENDPOINTS.getMeeting)
  async getMeeting(
    @Input() { params }: RouteInput<typeof ENDPOINTS.getMeeting>,
  ): Promise<ResponseOf<typeof ENDPOINTS.getMeeting>> {
    const meeting = await this.meetings.get(params.id);
    if (meeting === null) throw new ProblemError('not-found');
    return { ...this.#view(meeting), participating: [...this.meetings.participatingIn(meeting)] };
  }

  @Route(ENDPOINTS.createMeeting)
  async createMeeting(
    @Input() { body }: RouteInput<typeof ENDPOINTS.createMeeting>,
    @Caller() caller: SessionInfo,
  ): Promise<Meeting> {
    return this.#answer(await this.meetings.enter(body, personOf(caller)));
  }

  @Route(ENDPOINTS.changeMeeting)
  async changeMeeting(
    @Input() { params, body, ifMatch }: RouteInput<typeof ENDPOINTS.changeMeeting>,
    @Caller() caller: SessionInfo,
  ): Promise<Meeting> {
    return this.#answer(await this.meetings.change(params.id, ifMatch, body, personOf(caller)));
  }

  @Route(ENDPOINTS.cancelMeeting)
  async cancelMeeting(
    @Input() { params, ifMatch }: RouteInput<typeof ENDPOINTS.cancelMeeting>,
    @Caller() caller: SessionInfo,
  ): Promise<Meeting> {
    return this.#answer(await this.meetings.cancel(params.id, ifMatch, personOf(caller)));
  }

  #answer(outcome: MeetingOutcome): Meeting {
    if (outcome.ok) return this.#view(outcome.meeting);
    switch (outcome.reason) {
      case 'bad-request': {
        const errors = outcome.issues.map(({ path, message }) => ({ path: `body.${path}`, message }));
        throw new ProblemError('bad-request', { errors });
      }
      case 'not-found':
        throw new ProblemError('not-found');
      case 'over':
        throw new ProblemError('conflict', {
          detail: { vi: 'Cuộc họp đã kết thúc hoặc đã hủy', en: 'The meeting is over or was cancelled' },
        });
      case 'too-many':
        throw new ProblemError('conflict', {
          detail: { vi: 'Đã có 500 cuộc họp sắp tới', en: 'There are 500 meetings ahead already' },
        });
      case 'stale':
        throw new ProblemError('precondition-failed', { currentEtag: `"${outcome.version}"` });
    }
  }

  #view(meeting: MeetingRecord): Meeting {
    return {
      id: String(meeting.id),
      version: meeting.version,
      title: meeting.title,
      startsAt: instantOf(meeting.startsAtMs),
      endsAt: instantOf(meeting.endsAtMs),
      participants: meeting.participants,
      state: stateAt(meeting, this.clock.now()),
      simulated: meeting.simulated,
      enteredBy: meeting.enteredBy,
      enteredAt: instantOf(meeting.enteredAtMs),
      cancelledAt: meeting.cancelledAtMs === null ? null : instantOf(meeting.cancelledAtMs),
      attendance: this.meetings.attendanceOf(meeting),
    };
  }
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}

function personOf({ personId, name }: SessionInfo): { readonly personId: string; readonly name: string } {
  // A wall has no person behind it, whatever its permissions say.
  if (personId === null) throw new ProblemError('forbidden');
  return { personId, name };
}
