import { Controller } from '@nestjs/common';
import { ENDPOINTS, type Incident, type Page, type ResponseOf, type SessionInfo } from '@ioc/contract';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { toIncident } from './incident-record.js';
import type { IncidentRefusal, IncidentWork, IncidentWorkResult } from './incident-work.js';
import { IncidentsService } from './incidents.service.js';

const position = z.tuple([z.number().int(), z.number().int()]);
type WorkInput = RouteInput<typeof ENDPOINTS.acknowledgeIncident>;

@Controller()
export class IncidentsController {
  constructor(private readonly incidents: IncidentsService) {}

  @Route(ENDPOINTS.listIncidents)
  async listIncidents(@Input() { query }: RouteInput<typeof ENDPOINTS.listIncidents>): Promise<Page<Incident>> {
    const { limit, cursor, ...filter } = query;
    const after = decodeCursor(cursor, position);
    const found = await this.incidents.list(filter, limit, after && { beganAtMs: after[0], id: after[1] });
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: found.slice(0, limit).map(toIncident),
      nextCursor: last === undefined ? null : encodeCursor([last.began_ms, last.id]),
    };
  }

  @Route(ENDPOINTS.getIncident)
  async getIncident(
    @Input() { params }: RouteInput<typeof ENDPOINTS.getIncident>,
  ): Promise<ResponseOf<typeof ENDPOINTS.getIncident>> {
    const found = await this.incidents.get(params.id);
    if (found === null) throw new ProblemError('not-found');
    return {
      ...toIncident(found.row),
      openProposals: [],
      changes: found.changes.map(({ at_ms, person_name, action, note }, index) => ({
        id: String(index),
        text: null,
        attachments: [],
        at: new Date(at_ms).toISOString(),
        personName: person_name,
        action,
        note,
      })),
    };
  }

  @Route(ENDPOINTS.acknowledgeIncident)
  async acknowledgeIncident(@Input() input: WorkInput, @Caller() caller: SessionInfo): Promise<Incident> {
    return answer(await this.incidents.acknowledge(workOf(input, caller)));
  }

  @Route(ENDPOINTS.releaseIncident)
  async releaseIncident(@Input() input: WorkInput, @Caller() caller: SessionInfo): Promise<Incident> {
    return answer(await this.incidents.release(workOf(input, caller)));
  }
}

function workOf({ params, body, ifMatch }: WorkInput, caller: SessionInfo): IncidentWork {
  // A wall has no person behind it, whatever its permissions say.
  if (caller.personId === null) throw new ProblemError('forbidden');
  return {
    incidentId: params.id,
    version: ifMatch,
    personId: caller.personId,
    personName: caller.name,
    administrator: caller.role === 'administrator',
    note: body.note === undefined || body.note === '' ? null : body.note,
  };
}

function answer(result: IncidentWorkResult): Incident {
  if (result.ok) return result.incident;
  throw problemOf(result);
}

function problemOf(refusal: IncidentRefusal): ProblemError {
  switch (refusal.reason) {
    case 'not-found':
      return new ProblemError('not-found');
    case 'version-required':
      return new ProblemError('precondition-required');
    case 'already-taken': {
      const { name, atMs, note } = refusal.holder;
      return new ProblemError('already-taken', { holder: { name, at: new Date(atMs).toISOString(), note } });
    }
    case 'version-stale':
      return new ProblemError('precondition-failed', { currentEtag: `"${refusal.version}"` });
    case 'resolved':
      return new ProblemError('conflict', { detail: { vi: 'Sự cố đã kết thúc', en: 'The incident is over' } });
    case 'not-held':
      return new ProblemError('conflict', {
        detail: { vi: 'Chưa ai tiếp nhận sự cố', en: 'Nobody holds the incident' },
      });
  }
}
