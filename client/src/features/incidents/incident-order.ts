import {
  IMPACTS,
  SEVERITIES,
  type DeviceClassId,
  type Incident,
  type IncidentKind,
  type IncidentState,
  type Severity,
} from '@ioc/contract';
import { isOver } from './work/work-actions.js';

const SEVERITY_RANK = new Map<string, number>(SEVERITIES.map((severity, rank) => [severity, rank]));
const IMPACT_RANK = new Map<string, number>(IMPACTS.map((impact, rank) => [impact, rank]));

/** What a person wants to see; null and false mean "all". */
export interface IncidentFilter {
  /** Resolved and closed ones come from the archive; all: what is open, and what ended a moment ago. */
  readonly state: IncidentState | null;
  readonly kind: IncidentKind | null;
  readonly severity: Severity | null;
  readonly deviceClass: DeviceClassId | null;
  readonly communeCode: string | null;
  /** Only those that I hold. */
  readonly mine: boolean;
  /** Only those that nobody holds. */
  readonly unheld: boolean;
}

export const NO_FILTER: IncidentFilter = {
  state: null,
  kind: null,
  severity: null,
  deviceClass: null,
  communeCode: null,
  mine: false,
  unheld: false,
};

export function matches(incident: Incident, filter: IncidentFilter, myPersonId: string | null): boolean {
  // What was merged is found in the other one; only who looks for closed ones looks for it.
  if (incident.mergedInto !== null && filter.state === null) return false;
  if (filter.state !== null && incident.state !== filter.state) return false;
  if (filter.kind !== null && incident.kind !== filter.kind) return false;
  if (filter.severity !== null && incident.severity !== filter.severity) return false;
  if (filter.deviceClass !== null && incident.deviceClass !== filter.deviceClass) return false;
  if (filter.communeCode !== null && !touches(incident, filter.communeCode)) return false;
  if (filter.mine && (myPersonId === null || incident.acknowledgedBy?.personId !== myPersonId)) return false;
  if (filter.unheld && (incident.acknowledgedBy !== null || isOver(incident))) return false;
  return true;
}

function touches({ communeCode, communeCodes }: Incident, code: string): boolean {
  return communeCode === code || communeCodes.includes(code);
}

/** People who cannot be reached come before everything else. */
function cutOffRank({ kind }: Incident): number {
  return kind === 'communeIsolated' ? 0 : kind === 'communeNearlyIsolated' ? 1 : 2;
}

/**
 * Worst first: what has cleared last of all, isolated communes above all others, then by severity, by what it does to people,
 * what nobody holds before what is held, and the newest first. The id decides between equals, so that two screens show the
 * same order.
 */
export function worstFirst(a: Incident, b: Incident): number {
  return (
    Number(isOver(a)) - Number(isOver(b)) ||
    cutOffRank(a) - cutOffRank(b) ||
    (SEVERITY_RANK.get(a.severity) ?? 0) - (SEVERITY_RANK.get(b.severity) ?? 0) ||
    (IMPACT_RANK.get(a.impact) ?? 0) - (IMPACT_RANK.get(b.impact) ?? 0) ||
    Number(a.acknowledgedBy !== null) - Number(b.acknowledgedBy !== null) ||
    Date.parse(b.beganAt) - Date.parse(a.beganAt) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/** By when they began; the id decides between equals. */
export function newestFirst(a: Incident, b: Incident): number {
  return Date.parse(b.beganAt) - Date.parse(a.beganAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export interface Arrangement {
  /** What is shown, from top to bottom. A row that was removed or no longer matches stays here while the list is held. */
  readonly rows: readonly Incident[];
  /** How many wait to be shown because the list is held. */
  readonly waiting: number;
}

export const NOTHING_ARRANGED: Arrangement = { rows: [], waiting: 0 };

/**
 * The next arrangement. While a hand is on the list (`held`) every row keeps its place and is only brought up to date: new
 * incidents wait, cleared ones stay. Otherwise everything takes its place by `order`.
 */
export function arrange(
  previous: Arrangement,
  incidents: ReadonlyMap<string, Incident>,
  wanted: (incident: Incident) => boolean,
  held: boolean,
  order: (a: Incident, b: Incident) => number = worstFirst,
): Arrangement {
  if (!held) return { rows: [...incidents.values()].filter(wanted).sort(order), waiting: 0 };
  const shown = new Set(previous.rows.map(({ id }) => id));
  let waiting = 0;
  for (const incident of incidents.values()) {
    if (!shown.has(incident.id) && wanted(incident)) waiting++;
  }
  return { rows: previous.rows.map((row) => incidents.get(row.id) ?? row), waiting };
}
