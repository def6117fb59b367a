import { SEVERITIES, type Incident, type SituationReport } from '@ioc/contract';

type WorkLine = SituationReport['work'][number];

/**
 * An incident as somebody saw it at a moment; null when it was not there yet or was over. Who had it is known as far as it is
 * still the same person.
 */
export function workThen(incident: Incident, atMs: number): WorkLine | null {
  const after = (moment: string | null) => moment === null || Date.parse(moment) > atMs;
  if (Date.parse(incident.detectedAt) > atMs || !after(incident.endedAt) || incident.mergedInto !== null) return null;
  const taken = incident.acknowledgedBy !== null && !after(incident.acknowledgedAt);
  const over = incident.state === 'resolved' || incident.state === 'closed';
  const { request } = incident;
  return {
    incidentId: incident.id,
    kind: incident.kind,
    title: incident.title,
    severity: incident.severity,
    state: !taken ? 'open' : over ? 'acknowledged' : incident.state,
    beganAt: incident.beganAt,
    holder: taken ? (incident.acknowledgedBy?.name ?? null) : null,
    organisation: request?.organisationName ?? null,
    ticket: request?.ticket ?? null,
    expectedAt: incident.expectedAt ?? request?.promisedFor ?? null,
  };
}

const KIND_RANK: Readonly<Partial<Record<WorkLine['kind'], number>>> = { communeIsolated: 0, communeNearlyIsolated: 1 };
const ORDINARY_RANK = 2;

/** Isolated communes above all, then by severity, what nobody has first, oldest first. */
export function compareWork(a: WorkLine, b: WorkLine): number {
  return (
    (KIND_RANK[a.kind] ?? ORDINARY_RANK) - (KIND_RANK[b.kind] ?? ORDINARY_RANK) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    Number(a.holder !== null) - Number(b.holder !== null) ||
    Date.parse(a.beganAt) - Date.parse(b.beganAt)
  );
}
