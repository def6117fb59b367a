import { Controller } from '@nestjs/common';
import { ENDPOINTS, type Fact, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { toFact } from './fact.js';
import { FactsService, type FactAuthor } from './facts.service.js';

/** What people know and no sensor says. */
@Controller()
export class FactsController {
  constructor(private readonly facts: FactsService) {}

  @Route(ENDPOINTS.listFacts)
  async listFacts(
    @Input() { query }: RouteInput<typeof ENDPOINTS.listFacts>,
  ): Promise<ResponseOf<typeof ENDPOINTS.listFacts>> {
    const filter = { kind: query.kind ?? null, id: query.id ?? null, past: query.past ?? false };
    return { facts: (await this.facts.list(filter)).map(toFact) };
  }

  @Route(ENDPOINTS.recordFact)
  async recordFact(
    @Input() { body }: RouteInput<typeof ENDPOINTS.recordFact>,
    @Caller() caller: SessionInfo,
  ): Promise<Fact> {
    const outcome = await this.facts.record(body, authorOf(caller));
    if (outcome.ok) return toFact(outcome.fact);
    switch (outcome.reason) {
      case 'bad-request': {
        const errors = outcome.issues.map(({ path, message }) => ({
          path: `body.${path}`,
          message,
        }));
        throw new ProblemError('bad-request', { errors });
      }
      case 'too-many':
        throw new ProblemError('conflict', {
          detail: {
            vi: 'Nơi này đã có quá nhiều ghi nhận đang hiệu lực; hãy rút bớt',
            en: 'Too many facts count there already; withdraw some',
          },
        });
      case 'request-of-another':
        throw new ProblemError('conflict', {
          detail: { vi: 'Mã yêu cầu đã được người khác dùng', en: 'The request id was used by somebody else' },
        });
    }
  }

  @Route(ENDPOINTS.withdrawFact)
  async withdrawFact(
    @Input() { params }: RouteInput<typeof ENDPOINTS.withdrawFact>,
    @Caller() caller: SessionInfo,
  ): Promise<Fact> {
    const outcome = await this.facts.withdraw(params.id, authorOf(caller));
    if (!outcome.ok) throw new ProblemError('not-found');
    return toFact(outcome.fact);
  }
}

function authorOf({ personId, name }: SessionInfo): FactAuthor {
  // A wall has no person behind it, whatever its permissions say.
  if (personId === null) throw new ProblemError('forbidden');
  return { personId, name };
}
