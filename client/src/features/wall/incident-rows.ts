import { IMPACTS, SEVERITIES, type Incident, type Severity } from '@ioc/contract';

/** From this many on, the incidents of one commune are one row of the wall. */
export const FOLD_FROM = 3;

/** One row of the wall's list: an incident, or all those of one commune. */
export interface IncidentRow {
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  /** The commune, unless the title is it. */
  readonly place: string | null;
  readonly owner: string | null;
  readonly communeCode: string | null;
  /** The earliest beginning, epoch ms. */
  readonly beganMs: number;
  readonly count: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Who holds it; several names for a folded row. */
  readonly holders: readonly string[];
  /** Incidents of the row that nobody holds. */
  readonly unheld: number;
  /** Whether any of those is critical. */
  readonly unheldCritical: boolean;
  /** Rank of the worst impact; 0 is isolated. */
  readonly impactRank: number;
}

/** Rows of what is not over yet, worst first: severity, impact, then the longest-lasting. */
export function incidentRows(incidents: Iterable<Incident>): IncidentRow[] {
  const byCommune = new Map<string, Incident[]>();
  for (const incident of incidents) {
    if (incident.endedAt !== null || incident.state === 'resolved' || incident.state === 'closed') continue;
    const own = byCommune.get(placeOf(incident));
    if (own === undefined) byCommune.set(placeOf(incident), [incident]);
    else own.push(incident);
  }
  const rows = [...byCommune.values()].flatMap((own) =>
    own.length >= FOLD_FROM ? [rowOf(own)] : own.map((incident) => rowOf([incident])),
  );
  return rows.sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      a.impactRank - b.impactRank ||
      a.beganMs - b.beganMs ||
      a.key.localeCompare(b.key, 'en', { numeric: true }),
  );
}

/** Where a row of several is; what is in no commune (a gateway) stands for itself. */
function placeOf({ communeCode, place }: Incident): string {
  return communeCode ?? `${place.kind}:${place.id}`;
}

function rowOf(own: readonly Incident[]): IncidentRow {
  const bySeverity = { critical: 0, major: 0, minor: 0, warning: 0 };
  for (const incident of own) bySeverity[incident.severity] += 1;
  const [first] = own;
  if (first === undefined) throw new RangeError('a row needs an incident');
  const folded = own.length > 1;
  const unheld = own.filter((incident) => incident.acknowledgedBy === null);
  return {
    // A commune's row keeps its key while its incidents come and go, so that it keeps its place on the screen.
    key: folded ? `commune:${placeOf(first)}` : `incident:${first.id}`,
    severity: SEVERITIES.find((severity) => bySeverity[severity] > 0) ?? first.severity,
    title: folded ? (first.communeName ?? first.place.name) : (first.deviceName ?? first.place.name),
    place: folded ? null : first.communeName,
    owner: folded ? null : first.owner,
    communeCode: first.communeCode,
    beganMs: Math.min(...own.map((incident) => Date.parse(incident.beganAt))),
    count: own.length,
    bySeverity,
    holders: [...new Set(own.flatMap((incident) => incident.acknowledgedBy?.name ?? []))],
    unheld: unheld.length,
    unheldCritical: unheld.some((incident) => incident.severity === 'critical'),
    impactRank: Math.min(...own.map((incident) => IMPACTS.indexOf(incident.impact))),
  };
}

/**
 * Rows in the order in which a hand found them: rows that are still there keep their places, new ones follow in their own
 * order, and those that left are gone.
 */
export function keepOrder(rows: readonly IncidentRow[], held: readonly string[]): IncidentRow[] {
  const place = new Map(held.map((key, index) => [key, index]));
  const positionOf = (row: IncidentRow): number => place.get(row.key) ?? held.length;
  return [...rows].sort((a, b) => positionOf(a) - positionOf(b));
}
