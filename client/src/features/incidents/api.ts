import { ENDPOINTS, type Alarm, type BodyOf, type Incident, type QueryOf } from '@ioc/contract';
import { call, type CallResult } from '../../live/api.js';

/** One incident with what happened to it. */
export function fetchIncident(id: string, signal?: AbortSignal) {
  return call(ENDPOINTS.getIncident, { params: { id }, signal });
}

/** Incidents of the archive, newest first, page by page. */
export function fetchIncidents(query: QueryOf<typeof ENDPOINTS.listIncidents>, signal?: AbortSignal) {
  return call(ENDPOINTS.listIncidents, { query, signal });
}

/** Most alarms of an incident that its details list; the counts tell of more. */
const ALARMS_SHOWN = 200;

/** The current alarms of an incident, newest first. */
export async function fetchAlarms(incidentId: string, signal?: AbortSignal): Promise<CallResult<readonly Alarm[]>> {
  const result = await call(ENDPOINTS.listAlarms, { query: { incidentId, state: 'all', limit: ALARMS_SHOWN }, signal });
  return result.ok ? { ...result, value: result.value.items } : result;
}

/** Who may hold an incident. */
export function fetchColleagues(signal?: AbortSignal) {
  return call(ENDPOINTS.listColleagues, { signal });
}

const text = (note: string): { note?: string } => (note === '' ? {} : { note });
const of = ({ id, version }: Pick<Incident, 'id' | 'version'>) => ({ params: { id }, ifMatch: version });

/** Takes an incident as it was shown: the server refuses when somebody else has it, or when it changed since. */
export function acknowledgeIncident(incident: Incident, note: string, until: string | null = null) {
  return call(ENDPOINTS.acknowledgeIncident, {
    ...of(incident),
    body: { ...text(note), ...(until === null ? {} : { until }) },
  });
}

/** Gives an incident back. */
export function releaseIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.releaseIncident, { ...of(incident), body: text(note) });
}

export function startIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.startIncident, { ...of(incident), body: text(note) });
}

export function commentIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.commentIncident, { ...of(incident), body: { note } });
}

export function estimateIncident(incident: Incident, expectedAt: string | null, note: string) {
  return call(ENDPOINTS.estimateIncident, { ...of(incident), body: { expectedAt, ...text(note) } });
}

export function nameCause(incident: Incident, body: BodyOf<typeof ENDPOINTS.nameIncidentCause>) {
  return call(ENDPOINTS.nameIncidentCause, { ...of(incident), body });
}

export function requestOrganisation(incident: Incident, body: BodyOf<typeof ENDPOINTS.requestOrganisation>) {
  return call(ENDPOINTS.requestOrganisation, { ...of(incident), body });
}

export function assignIncident(incident: Incident, personId: string, note: string) {
  return call(ENDPOINTS.assignIncident, { ...of(incident), body: { personId, ...text(note) } });
}

export function resolveIncident(incident: Incident, body: BodyOf<typeof ENDPOINTS.resolveIncident>) {
  return call(ENDPOINTS.resolveIncident, { ...of(incident), body });
}

export function closeIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.closeIncident, { ...of(incident), body: text(note) });
}

export function reopenIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.reopenIncident, { ...of(incident), body: { note } });
}

export function splitIncident(incident: Incident, alarmIds: readonly string[], note: string) {
  return call(ENDPOINTS.splitIncident, { ...of(incident), body: { alarmIds: [...alarmIds], ...text(note) } });
}

export function mergeIncident(incident: Incident, into: string, note: string) {
  return call(ENDPOINTS.mergeIncident, { ...of(incident), body: { into, ...text(note) } });
}

export function decideProposal(incident: Incident, proposalId: string, accept: boolean) {
  return call(ENDPOINTS.decideProposal, { ...of(incident), body: { proposalId, accept } });
}

export function endFlood() {
  return call(ENDPOINTS.endAlarmFlood);
}
