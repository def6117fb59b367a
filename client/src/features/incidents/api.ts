import { ENDPOINTS, type Incident } from '@ioc/contract';
import { call } from '../../live/api.js';

/** One incident with what happened to it. */
export function fetchIncident(id: string, signal?: AbortSignal) {
  return call(ENDPOINTS.getIncident, { params: { id }, signal });
}

/** Takes an incident as it was shown: the server refuses when somebody else has it, or when it changed since. */
export function acknowledgeIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.acknowledgeIncident, {
    params: { id: incident.id },
    body: note === '' ? {} : { note },
    ifMatch: incident.version,
  });
}

/** Gives an incident back. */
export function releaseIncident(incident: Incident, note: string) {
  return call(ENDPOINTS.releaseIncident, {
    params: { id: incident.id },
    body: note === '' ? {} : { note },
    ifMatch: incident.version,
  });
}
