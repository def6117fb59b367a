import { computed, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { Incident } from '@ioc/contract';
import { useIncidentsStore } from '../../live/incidents-store.js';
import { useSessionStore } from '../../live/session-store.js';
import {
  arrange,
  matches,
  newestFirst,
  NOTHING_ARRANGED,
  worstFirst,
  type Arrangement,
  type IncidentFilter,
} from './incident-order.js';
import { useIncidentArchive, type IncidentArchive } from './use-incident-archive.js';
import { isOver } from './work/work-actions.js';

export interface IncidentList {
  readonly arrangement: Readonly<ShallowRef<Arrangement>>;
  readonly total: ComputedRef<number>;
  readonly unheld: ComputedRef<number>;
  readonly archive: IncidentArchive;
  /** Puts everything in its place now. */
  readonly rearrange: () => void;
}

/** The incidents that the filter wants, worst first, or newest first of what is over; kept still while `held`. */
export function useIncidentList(filter: ComputedRef<IncidentFilter>, held: Readonly<Ref<boolean>>): IncidentList {
  const store = useIncidentsStore();
  const session = useSessionStore();
  const arrangement = shallowRef<Arrangement>(NOTHING_ARRANGED);
  const me = computed(() => session.session?.personId ?? null);
  const archive = useIncidentArchive(filter, me);
  /** What the room tells, and while it is asked for what came from the archive; of both the newer. */
  const known = computed<ReadonlyMap<string, Incident>>(() => {
    if (!archive.wanted.value) return store.incidents;
    const all = new Map(archive.pages.items.value.map((incident) => [incident.id, incident]));
    for (const [id, incident] of store.incidents) {
      if ((all.get(id)?.version ?? 0) <= incident.version) all.set(id, incident);
    }
    return all;
  });

  function put(still: boolean): void {
    arrangement.value = arrange(
      arrangement.value,
      known.value,
      (incident) => matches(incident, filter.value, me.value),
      still,
      archive.wanted.value ? newestFirst : worstFirst,
    );
  }

  watch(known, () => put(held.value), { immediate: true });
  // A further page was asked for by hand: it comes at the end of a list by time, and moves nothing.
  watch(archive.pages.items, () => put(false));
  // A list that shows nothing has nothing to keep still.
  watch(held, (still) => put(still && arrangement.value.rows.length > 0));
  watch([filter, me], () => put(false));

  return {
    arrangement,
    total: computed(() => store.incidents.size),
    unheld: computed(() => {
      let count = 0;
      for (const incident of store.incidents.values()) {
        if (incident.acknowledgedBy === null && !isOver(incident)) count++;
      }
      return count;
    }),
    archive,
    rearrange: () => put(false),
  };
}
