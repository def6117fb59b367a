import { Controller } from '@nestjs/common';
import {
  ENDPOINTS,
  ROLE_PERMISSIONS,
  type Incident,
  type OrganisationRequest,
  type Page,
  type ResponseOf,
  type SessionInfo,
} from '@ioc/contract';
import { z } from 'zod';
import { PeopleService } from '../access/people.service.js';
import { DevicesService } from '../devices/devices.service.js';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Caller, Input, Route, type RouteInput } from '../platform/http/route.js';
import { toIncident, type PersonRef } from './incident-record.js';
import type { IncidentRefusal, IncidentWork, WorkAction } from './incident-work.js';
import { IncidentWorkService, type IncidentWorkResult } from './incident-work.service.js';
import { IncidentsService } from './incidents.service.js';
import { RegroupingService } from './regrouping.service.js';

const position = z.tuple([z.number().int(), z.number().int()]);

interface WriteInput {
  readonly params: { readonly id: string };
  readonly body: { readonly requestId?: string | undefined };
  readonly ifMatch: number | null;
}

@Controller()
export class IncidentsController {
  constructor(
    private readonly incidents: IncidentsService,
    private readonly work: IncidentWorkService,
    private readonly regroupings: RegroupingService,
    private readonly people: PeopleService,
    private readonly devices: DevicesService,
  ) {}

  @Route(ENDPOINTS.listIncidents)
  async listIncidents(@Input() { query }: RouteInput<typeof ENDPOINTS.listIncidents>): Promise<Page<Incident>> {
    const { limit, cursor, ...filter } = query;
    const after = decodeCursor(cursor, position);
    const found = await this.work.list(filter, limit, after && { beganAtMs: after[0], id: after[1] });
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: found.slice(0, limit).map(toIncident),
      nextCursor: last === undefined ? null : encodeCursor([last.beganAtMs, last.id]),
    };
  }

  @Route(ENDPOINTS.getIncident)
  async getIncident(
    @Input() { params }: RouteInput<typeof ENDPOINTS.getIncident>,
  ): Promise<ResponseOf<typeof ENDPOINTS.getIncident>> {
    const found = await this.work.get(params.id);
    if (found === null) throw new ProblemError('not-found');
    return {
      ...toIncident(found.record),
      isolation: this.incidents.isolationOf(found.record),
      changes: found.changes.map(({ id, at_ms, person_name, action, note, text }) => ({
        id: String(id),
        at: new Date(at_ms).toISOString(),
        personName: person_name,
        action,
        note,
        text,
        attachments: [...(found.photos.get(String(id)) ?? [])],
      })),
      openProposals: found.proposals.map(({ id, at_ms, kind, text, other_incident_id, alarm_ids }) => ({
        id: String(id),
        at: new Date(at_ms).toISOString(),
        kind,
        text,
        otherIncidentId: other_incident_id === null ? null : String(other_incident_id),
        alarmIds: alarm_ids.map(String),
      })),
    };
  }

  @Route(ENDPOINTS.acknowledgeIncident)
  acknowledgeIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.acknowledgeIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { until, note } = input.body;
    return this.#perform(input, caller, { kind: 'acknowledge', untilMs: momentOf(until ?? null), note: textOf(note) });
  }

  @Route(ENDPOINTS.releaseIncident)
  releaseIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.releaseIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    return this.#perform(input, caller, { kind: 'release', note: textOf(input.body.note) });
  }

  @Route(ENDPOINTS.assignIncident)
  async assignIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.assignIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const to = (await this.#colleagues()).find(({ personId }) => personId === input.body.personId);
    if (to === undefined) {
      const message = 'Không có người này, hoặc người này không xử lý sự cố';
      throw new ProblemError('bad-request', { errors: [{ path: 'body.personId', message }] });
    }
    return await this.#perform(input, caller, { kind: 'assign', to, note: textOf(input.body.note) });
  }

  @Route(ENDPOINTS.startIncident)
  startIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.startIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    return this.#perform(input, caller, { kind: 'start', note: textOf(input.body.note) });
  }

  @Route(ENDPOINTS.commentIncident)
  commentIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.commentIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { note, attachmentIds } = input.body;
    return this.#perform(input, caller, { kind: 'comment', note }, attachmentIds);
  }

  @Route(ENDPOINTS.estimateIncident)
  estimateIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.estimateIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { expectedAt, note } = input.body;
    return this.#perform(input, caller, { kind: 'estimate', expectedAtMs: momentOf(expectedAt), note: textOf(note) });
  }

  @Route(ENDPOINTS.nameIncidentCause)
  nameIncidentCause(
    @Input() input: RouteInput<typeof ENDPOINTS.nameIncidentCause>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    return this.#perform(input, caller, { kind: 'nameCause', code: input.body.code, note: textOf(input.body.note) });
  }

  @Route(ENDPOINTS.requestOrganisation)
  requestOrganisation(
    @Input() input: RouteInput<typeof ENDPOINTS.requestOrganisation>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { organisationId, ticket, askedAt, answeredAt, promisedFor } = input.body;
    const organisation = this.devices.register().organisations.get(organisationId);
    if (organisation === undefined) {
      throw new ProblemError('bad-request', {
        errors: [{ path: 'body.organisationId', message: 'Không có đơn vị này' }],
      });
    }
    const request: OrganisationRequest = {
      organisationId,
      organisationName: organisation.name,
      ticket: textOf(ticket ?? undefined),
      askedAt,
      answeredAt,
      promisedFor,
    };
    return this.#perform(input, caller, { kind: 'request', request });
  }

  @Route(ENDPOINTS.resolveIncident)
  resolveIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.resolveIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { code, resolution } = input.body;
    return this.#perform(input, caller, { kind: 'resolve', code, resolution });
  }

  @Route(ENDPOINTS.closeIncident)
  closeIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.closeIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    return this.#perform(input, caller, { kind: 'close', note: textOf(input.body.note) });
  }

  @Route(ENDPOINTS.reopenIncident)
  reopenIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.reopenIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    return this.#perform(input, caller, { kind: 'reopen', note: input.body.note });
  }

  @Route(ENDPOINTS.splitIncident)
  async splitIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.splitIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { alarmIds, note } = input.body;
    return answer(await this.regroupings.split(workOf(input, caller), alarmIds, textOf(note)));
  }

  @Route(ENDPOINTS.mergeIncident)
  async mergeIncident(
    @Input() input: RouteInput<typeof ENDPOINTS.mergeIncident>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    return answer(await this.regroupings.merge(workOf(input, caller), input.body.into, textOf(input.body.note)));
  }

  @Route(ENDPOINTS.decideProposal)
  async decideProposal(
    @Input() input: RouteInput<typeof ENDPOINTS.decideProposal>,
    @Caller() caller: SessionInfo,
  ): Promise<Incident> {
    const { proposalId, accept, note } = input.body;
    return answer(await this.regroupings.decide(workOf(input, caller), proposalId, accept, textOf(note)));
  }

  @Route(ENDPOINTS.listColleagues)
  async listColleagues(): Promise<ResponseOf<typeof ENDPOINTS.listColleagues>> {
    return { people: [...(await this.#colleagues())] };
  }

  async #perform(
    input: WriteInput,
    caller: SessionInfo,
    action: WorkAction,
    photoIds: readonly string[] = [],
  ): Promise<Incident> {
    return answer(await this.work.perform(workOf(input, caller), action, photoIds));
  }

  /** Who may hold an incident. */
  async #colleagues(): Promise<readonly PersonRef[]> {
    const people = await this.people.list();
    return people
      .filter(({ disabled, role }) => !disabled && ROLE_PERMISSIONS[role].includes('incident:work'))
      .map(({ id, name }) => ({ personId: id, name }));
  }
}

function workOf({ params, body, ifMatch }: WriteInput, caller: SessionInfo): IncidentWork {
  // A wall has no person behind it, whatever its permissions say.
  if (caller.personId === null) throw new ProblemError('forbidden');
  return {
    incidentId: params.id,
    version: ifMatch,
    person: { personId: caller.personId, name: caller.name },
    administrator: caller.role === 'administrator',
    requestId: body.requestId ?? null,
  };
}

function textOf(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function momentOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
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
    case 'conflict':
      return new ProblemError('conflict', { detail: refusal.detail });
    case 'bad-field':
      return new ProblemError('bad-request', {
        detail: refusal.detail,
        errors: [{ path: `body.${refusal.path}`, message: refusal.detail.vi }],
      });
  }
}
