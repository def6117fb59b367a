import { IMPACTS, SEVERITIES, type Incident } from '@ioc/contract';
import { distanceM, type IncidentPoint, type Point } from './geography.js';

export const LIST_NAMES = ['mine', 'near', 'commune'] as const;
export type ListName = (typeof LIST_NAMES)[number];

export interface ListedIncident {
  readonly incident: Incident;
  readonly point: IncidentPoint | null;
  /** From the phone; null when one of the two places is not known. */
  readonly distanceM: number | null;
}

/** Longest list by distance: further down nobody drives tonight. */
const MAX_NEAR = 100;

function isCurrent({ state }: Incident): boolean {
  return state !== 'resolved' && state !== 'closed';
}

/** What is over comes last; then the worst for people, the worst, the oldest. */
function byUrgency(a: ListedIncident, b: ListedIncident): number {
  return (
    Number(isCurrent(b.incident)) - Number(isCurrent(a.incident)) ||
    IMPACTS.indexOf(a.incident.impact) - IMPACTS.indexOf(b.incident.impact) ||
    SEVERITIES.indexOf(a.incident.severity) - SEVERITIES.indexOf(b.incident.severity) ||
    Date.parse(a.incident.beganAt) - Date.parse(b.incident.beganAt) ||
    a.incident.id.localeCompare(b.incident.id)
  );
}

/** Every incident with how far it is from here. */
export function listed(
  incidents: readonly Incident[],
  pointOf: (incident: Incident) => IncidentPoint | null,
  here: Point | null,
): readonly ListedIncident[] {
  return incidents.map((incident) => {
    const point = pointOf(incident);
    return { incident, point, distanceM: here === null || point === null ? null : distanceM(here, point) };
  });
}

/** What I hold, and what I have tapped to take. */
export function mine(
  all: readonly ListedIncident[],
  personId: string | null,
  taking: ReadonlySet<string>,
): readonly ListedIncident[] {
  return all
    .filter(
      ({ incident }) =>
        taking.has(incident.id) || (incident.state !== 'closed' && incident.acknowledgedBy?.personId === personId),
    )
    .sort(byUrgency);
}

/** What lasts, nearest first. */
export function near(all: readonly ListedIncident[]): readonly ListedIncident[] {
  return all
    .filter((one) => isCurrent(one.incident) && one.distanceM !== null)
    .sort((a, b) => (a.distanceM ?? 0) - (b.distanceM ?? 0) || byUrgency(a, b))
    .slice(0, MAX_NEAR);
}

/** What lasts in one commune. */
export function ofCommune(all: readonly ListedIncident[], code: string): readonly ListedIncident[] {
  return all
    .filter(
      ({ incident }) => isCurrent(incident) && (incident.communeCode === code || incident.communeCodes.includes(code)),
    )
    .sort(byUrgency);
}

/** How many last in each commune, of those that have any. */
export function countByCommune(incidents: readonly Incident[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const incident of incidents) {
    if (!isCurrent(incident)) continue;
    const codes = new Set(incident.communeCodes);
    if (incident.communeCode !== null) codes.add(incident.communeCode);
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}
