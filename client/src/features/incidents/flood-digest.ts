import type { Incident } from '@ioc/contract';
import { isOver } from './work/work-actions.js';

export interface FloodDigest {
  /** Incidents that were detected since the last digest. */
  readonly opened: number;
  /** Communes that are isolated or nearly so. */
  readonly isolated: number;
  readonly unheld: number;
}

/** What a person must know of a flood without reading it: epoch ms of the digest before; NaN when nobody knows. */
export function digestOf(incidents: Iterable<Incident>, sinceMs: number): FloodDigest {
  let opened = 0;
  let isolated = 0;
  let unheld = 0;
  for (const incident of incidents) {
    if (isOver(incident)) continue;
    if (!(Date.parse(incident.detectedAt) < sinceMs)) opened += 1;
    if (incident.kind === 'communeIsolated' || incident.kind === 'communeNearlyIsolated') isolated += 1;
    if (incident.acknowledgedBy === null) unheld += 1;
  }
  return { opened, isolated, unheld };
}

/** News that is read out one by one; more of it at once is a number. */
const MOST_READ = 3;

export type News =
  | { readonly kind: 'each'; readonly incidents: readonly Incident[] }
  | { readonly kind: 'count'; readonly count: number };

/**
 * What came since the list was last looked at, in the order in which it was detected; null when there is nothing to say.
 * `known` are the ids that were there before.
 */
export function newsOf(incidents: Iterable<Incident>, known: ReadonlySet<string>): News | null {
  const fresh = [...incidents]
    .filter((incident) => !known.has(incident.id) && !isOver(incident))
    .sort((a, b) => Date.parse(a.detectedAt) - Date.parse(b.detectedAt));
  if (fresh.length === 0) return null;
  return fresh.length > MOST_READ ? { kind: 'count', count: fresh.length } : { kind: 'each', incidents: fresh };
}
