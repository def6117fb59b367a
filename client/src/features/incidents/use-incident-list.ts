import { computed, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { useIncidentsStore } from '../../live/incidents-store.js';
import { useSessionStore } from '../../live/session-store.js';
import { arrange, matches, NOTHING_ARRANGED, type Arrangement, type IncidentFilter } from './incident-order.js';
import { isOver } from './work/work-actions.js';

export interface IncidentList {
  readonly arrangement: Readonly<ShallowRef<Arrangement>>;
  readonly total: ComputedRef<number>;
  readonly unheld: ComputedRef<number>;
  /** Puts everything in its place now. */
  readonly rearrange: () => void;
}

/** The incidents that the filter wants, worst first, kept still while `held`. */
export function useIncidentList(filter: ComputedRef<IncidentFilter>, held: Readonly<Ref<boolean>>): IncidentList {
  const store = useIncidentsStore();
  const session = useSessionStore();
  const arrangement = shallowRef<Arrangement>(NOTHING_ARRANGED);
  const me = computed(() => session.session?.personId ?? null);

  function put(still: boolean): void {
    arrangement.value = arrange(
      arrangement.value,
      store.incidents,
      (incident) => matches(incident, filter.value, me.value),
      still,
    );
  }

  watch(
    () => store.incidents,
    () => put(held.value),
    { immediate: true },
  );
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
    rearrange: () => put(false),
  };
}
