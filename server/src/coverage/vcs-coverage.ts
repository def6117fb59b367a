import type { Commune, Connectivity, CoverageRow, CoverageState } from '@ioc/contract';

/** What is known of one endpoint. Times are epoch ms of samples; null: never. */
export interface EndpointFacts {
  readonly id: string;
  readonly name: string;
  readonly lastSeenAtMs: number | null;
  readonly lastCallAtMs: number | null;
  /** As last known: `blind` says nothing about the endpoint. */
  readonly connectivity: Exclude<Connectivity, 'blind'>;
}

export interface CommuneFacts {
  readonly commune: Commune;
  readonly endpoints: readonly EndpointFacts[];
  /** Null when it has no link, or nothing says how it is. */
  readonly linkUp: boolean | null;
}

/** Endpoints are switched off at night and over holidays: only a longer silence means that one is not used. */
export const UNSEEN_AFTER_MS = 14 * 86_400_000;

type DeadReason = NonNullable<CoverageRow['reason']>;
/** With several dead endpoints the commune is told for the one that is closest to working. */
const CLOSEST_TO_WORKING: readonly DeadReason[] = ['down', 'unseen', 'neverSeen'];

/** A commune's row: it has working equipment as soon as one endpoint works. */
export function coverageRowOf(facts: CommuneFacts, nowMs: number): CoverageRow {
  const { commune, endpoints, linkUp } = facts;
  const reasons = endpoints.map((endpoint) => deadReason(endpoint, nowMs));
  const state: CoverageState = endpoints.length === 0 ? 'none' : reasons.includes(null) ? 'working' : 'dead';
  return {
    communeCode: commune.code,
    communeName: commune.name,
    formerProvince: commune.formerProvince,
    formerDistrict: commune.formerDistrict,
    population: commune.population,
    populationConfirmed: commune.populationConfirmed,
    state,
    reason: state === 'dead' ? (CLOSEST_TO_WORKING.find((reason) => reasons.includes(reason)) ?? null) : null,
    endpoints: endpoints.map(({ id, name, lastSeenAtMs, lastCallAtMs }) => ({
      id,
      name,
      lastSeenAt: isoOrNull(lastSeenAtMs),
      lastCallAt: isoOrNull(lastCallAtMs),
    })),
    linkUp,
  };
}

/** Why an endpoint does not count as working; null when it does. */
function deadReason(endpoint: EndpointFacts, nowMs: number): DeadReason | null {
  if (endpoint.lastSeenAtMs === null) return 'neverSeen';
  if (nowMs - endpoint.lastSeenAtMs > UNSEEN_AFTER_MS) return 'unseen';
  return endpoint.connectivity === 'down' ? 'down' : null;
}

export function countStates(rows: readonly CoverageRow[]): Readonly<Record<CoverageState, number>> {
  const counts = { working: 0, dead: 0, none: 0 };
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

function isoOrNull(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
