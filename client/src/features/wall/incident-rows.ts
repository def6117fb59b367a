import {
  IMPACTS,
  SEVERITIES,
  type Incident,
  type IncidentKind,
  type LocalizedText,
  type Severity,
} from '@ioc/contract';

/** From this many on, the small incidents of one commune are one row of the wall. */
export const FOLD_FROM = 3;

/** Incidents of one device or one mast: many of them in one commune say less than their number. */
const SMALL: ReadonlySet<IncidentKind> = new Set(['single', 'siteDown']);

/** One row of the wall's list: an incident, or all the small ones of one commune. */
export interface IncidentRow {
  readonly key: string;
  /** Null for a row of several. */
  readonly incidentId: string | null;
  /** Null for a row of several. */
  readonly kind: IncidentKind | null;
  readonly severity: Severity;
  readonly title: LocalizedText;
  /** The commune, unless the title says it or there are several. */
  readonly place: string | null;
  /** How many communes it touches. */
  readonly communes: number;
  readonly owner: string | null;
  readonly communeCode: string | null;
  /** The earliest beginning, epoch ms. */
  readonly beganMs: number;
  readonly count: number;
  readonly devices: number;
  readonly devicesDown: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Who holds it; several names for a folded row. */
  readonly holders: readonly string[];
  /** Incidents of the row that nobody holds. */
  readonly unheld: number;
  /** Whether any of those is critical. */
  readonly unheldCritical: boolean;
  /** 0 isolated, 1 nearly isolated, 2 a source that is silent, 3 everything else: above severity. */
  readonly precedence: number;
  /** Rank of the worst impact; 0 is isolated. */
  readonly impactRank: number;
}

/** Not over: what raised it lasts, and nobody says that it is mended. */
export function isCurrent({ endedAt, state }: Pick<Incident, 'endedAt' | 'state'>): boolean {
  return endedAt === null && state !== 'resolved' && state !== 'closed';
}

/** Rows of what is not over yet, worst first: people cut off, silent sources, then severity, impact, the longest-lasting. */
export function incidentRows(incidents: Iterable<Incident>): IncidentRow[] {
  const rows: IncidentRow[] = [];
  const smallByCommune = new Map<string, Incident[]>();
  for (const incident of incidents) {
    if (!isCurrent(incident)) continue;
    if (incident.communeCode === null || !SMALL.has(incident.kind)) {
      rows.push(rowOf([incident]));
      continue;
    }
    const own = smallByCommune.get(incident.communeCode);
    if (own === undefined) smallByCommune.set(incident.communeCode, [incident]);
    else own.push(incident);
  }
  for (const own of smallByCommune.values()) {
    if (own.length >= FOLD_FROM) rows.push(rowOf(own));
    else for (const incident of own) rows.push(rowOf([incident]));
  }
  return rows.sort(
    (a, b) =>
      a.precedence - b.precedence ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      a.impactRank - b.impactRank ||
      a.beganMs - b.beganMs ||
      a.key.localeCompare(b.key, 'en', { numeric: true }),
  );
}

const FIRST_KINDS: readonly IncidentKind[] = ['communeIsolated', 'communeNearlyIsolated', 'gatewaySilent'];

function precedenceOf({ kind }: Incident): number {
  const rank = FIRST_KINDS.indexOf(kind);
  return rank < 0 ? FIRST_KINDS.length : rank;
}

function rowOf(own: readonly Incident[]): IncidentRow {
  const bySeverity = { critical: 0, major: 0, minor: 0, warning: 0 };
  for (const incident of own) bySeverity[incident.severity] += 1;
  const [first] = own;
  if (first === undefined) throw new RangeError('a row needs an incident');
  const folded = own.length > 1;
  const communeName = first.communeName ?? first.place.name;
  const unheld = own.filter((incident) => incident.acknowledgedBy === null);
  const communes = new Set(own.flatMap(({ communeCode, communeCodes }) => [communeCode ?? [], communeCodes].flat()));
  return {
    // A commune's row keeps its key while its incidents come and go, so that it keeps its place on the screen.
    key: folded ? `commune:${first.communeCode}` : `incident:${first.id}`,
    incidentId: folded ? null : first.id,
    kind: folded ? null : first.kind,
    severity: SEVERITIES.find((severity) => bySeverity[severity] > 0) ?? first.severity,
    title: folded ? { vi: communeName, en: communeName } : first.title,
    place: folded || communes.size > 1 || first.title.vi.includes(communeName) ? null : first.communeName,
    communes: communes.size,
    owner: folded ? null : first.owner,
    communeCode: first.communeCode,
    beganMs: Math.min(...own.map((incident) => Date.parse(incident.beganAt))),
    count: own.length,
    devices: own.reduce((sum, { counts }) => sum + counts.devices, 0),
    devicesDown: own.reduce((sum, { counts }) => sum + counts.devicesDown, 0),
    bySeverity,
    holders: [...new Set(own.flatMap((incident) => incident.acknowledgedBy?.name ?? []))],
    unheld: unheld.length,
    unheldCritical: unheld.some((incident) => incident.severity === 'critical'),
    precedence: precedenceOf(first),
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
