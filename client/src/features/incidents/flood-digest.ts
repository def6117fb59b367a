import type { Incident } from '@ioc/contract';
import { isOver } from './work/work-actions.js';

export interface FloodDigest {
  /** Incidents that were detected since the last digest. */
  readonly opened: number;
  readonly isolated: number;
  readonly unheld: number;
}

/** What a person must know of a flood without reading it: epoch ms of the digest before. */
export function digestOf(incidents: Iterable<Incident>, sinceMs: number): FloodDigest {
  let opened = 0;
  let isolated = 0;
  let unheld = 0;
  for (const incident of incidents) {
    if (isOver(incident)) continue;
    if (Date.parse(incident.detectedAt) >= sinceMs) opened += 1;
    if (incident.kind === 'communeIsolated' || incident.kind === 'communeNearlyIsolated') isolated += 1;
    if (incident.acknowledgedBy === null) unheld += 1;
  }
  return { opened, isolated, unheld };
}
