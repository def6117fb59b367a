import { Controller } from '@nestjs/common';
import { ENDPOINTS, type Availability, type StateCounts, type StatesThen } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Input, Route, type RouteInput } from '../platform/http/route.js';
import { HistoryService } from './history.service.js';

@Controller()
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  @Route(ENDPOINTS.statesThen)
  statesThen(@Input() { query }: RouteInput<typeof ENDPOINTS.statesThen>): Promise<StatesThen> {
    return this.history.statesThen(Date.parse(query.at));
  }

  @Route(ENDPOINTS.stateCounts)
  async stateCounts(@Input() { query }: RouteInput<typeof ENDPOINTS.stateCounts>): Promise<StateCounts> {
    return answerOf(await this.history.stateCounts(query));
  }

  @Route(ENDPOINTS.availability)
  async availability(@Input() { query }: RouteInput<typeof ENDPOINTS.availability>): Promise<Availability> {
    return answerOf(await this.history.availability(query));
  }
}

function answerOf<T>(
  outcome: { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly reason: 'bad-span' },
): T {
  if (outcome.ok) return outcome.answer;
  throw new ProblemError('bad-request', {
    errors: [{ path: 'to', message: 'must be after "from", and at most 5 years after it' }],
  });
}
