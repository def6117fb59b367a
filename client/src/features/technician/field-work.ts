import { computed, type ComputedRef } from 'vue';
import type { Incident } from '@ioc/contract';
import type { QueuedWork } from './queued-work.js';

/** Who has an incident, as far as this phone knows, with what was tapped here and is on its way. */
export type Holding = 'none' | 'me' | 'taking' | 'releasing' | 'resolving' | 'other' | 'over';

/** Of each incident, what waits in the queue; in the order of tapping. */
export function useWorkByIncident(
  list: () => readonly QueuedWork[],
): ComputedRef<ReadonlyMap<string, readonly QueuedWork[]>> {
  return computed(() => {
    const byIncident = new Map<string, QueuedWork[]>();
    for (const work of list()) {
      const known = byIncident.get(work.incidentId);
      if (known === undefined) byIncident.set(work.incidentId, [work]);
      else known.push(work);
    }
    return byIncident;
  });
}

export function holdingOf(incident: Incident, personId: string | null, queued: readonly QueuedWork[]): Holding {
  if (incident.state === 'resolved' || incident.state === 'closed') return 'over';
  if (queued.some(({ stop, action: { kind } }) => stop === null && kind === 'resolve')) return 'resolving';
  const last = queued.findLast(
    ({ stop, action: { kind } }) => stop === null && (kind === 'acknowledge' || kind === 'release'),
  );
  if (last !== undefined) return last.action.kind === 'acknowledge' ? 'taking' : 'releasing';
  if (incident.acknowledgedBy === null) return 'none';
  return incident.acknowledgedBy.personId === personId ? 'me' : 'other';
}
