import type { Incident, IncidentState } from '@ioc/contract';

/** Somebody takes an incident or gives it back. */
export interface IncidentWork {
  readonly incidentId: string;
  /** The version they saw; null when they did not say. */
  readonly version: number | null;
  readonly personId: string;
  readonly personName: string;
  /** They may give back what somebody else holds. */
  readonly administrator: boolean;
  readonly note: string | null;
}

export type IncidentRefusal =
  | { readonly ok: false; readonly reason: 'not-found' | 'version-required' }
  | {
      readonly ok: false;
      readonly reason: 'already-taken';
      readonly holder: { readonly name: string; readonly atMs: number; readonly note: string | null };
    }
  | {
      readonly ok: false;
      readonly reason: 'resolved' | 'not-held' | 'version-stale';
      /** The version that would be right now. */
      readonly version: number;
    };
export type IncidentWorkResult = { readonly ok: true; readonly incident: Incident } | IncidentRefusal;

/** What of an incident decides who may take it or give it back. */
export interface HeldIncident {
  readonly version: number;
  readonly state: IncidentState;
  readonly acknowledged_by: string | null;
  readonly acknowledged_by_name: string | null;
  readonly acknowledged_ms: number | null;
  readonly note: string | null;
}

/** Whether the work may be done; null when it may. Somebody else's hold comes first, whatever version was seen. */
export function checkAcknowledge(incident: HeldIncident, work: IncidentWork): IncidentRefusal | null {
  const held = incident.state === 'acknowledged' && incident.acknowledged_by !== work.personId;
  if (held) return alreadyTaken(incident);
  if (incident.state === 'resolved') return { ok: false, reason: 'resolved', version: incident.version };
  // Who has it already has it, whatever version they saw: a repeated click is answered as the first was.
  if (incident.state === 'acknowledged') return null;
  return checkVersion(incident, work);
}

export function checkRelease(incident: HeldIncident, work: IncidentWork): IncidentRefusal | null {
  const { version } = incident;
  const foreign = incident.state === 'acknowledged' && incident.acknowledged_by !== work.personId;
  if (foreign && !work.administrator) return alreadyTaken(incident);
  if (incident.state === 'resolved') return { ok: false, reason: 'resolved', version };
  if (incident.state === 'open') return { ok: false, reason: 'not-held', version };
  return checkVersion(incident, work);
}

function alreadyTaken(incident: HeldIncident): IncidentRefusal {
  return {
    ok: false,
    reason: 'already-taken',
    holder: {
      name: incident.acknowledged_by_name ?? incident.acknowledged_by ?? '',
      atMs: incident.acknowledged_ms ?? 0,
      note: incident.note,
    },
  };
}

function checkVersion({ version }: HeldIncident, work: IncidentWork): IncidentRefusal | null {
  if (work.version === null) return { ok: false, reason: 'version-required' };
  return work.version === version ? null : { ok: false, reason: 'version-stale', version };
}
