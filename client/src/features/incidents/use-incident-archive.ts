import { computed, watch, type ComputedRef } from 'vue';
import type { Incident } from '@ioc/contract';
import { usePaged, type Paged } from '../../live/use-paged.js';
import { fetchIncidents } from './api.js';
import type { IncidentFilter } from './incident-order.js';

const PAGE = 100;

export interface IncidentArchive {
  /** Whether the filter asks for what is over: the room tells only of the last ten minutes of that. */
  readonly wanted: ComputedRef<boolean>;
  readonly pages: Paged<Incident>;
}

/** What is resolved or closed, page by page, while the filter asks for it. */
export function useIncidentArchive(
  filter: ComputedRef<IncidentFilter>,
  myPersonId: ComputedRef<string | null>,
): IncidentArchive {
  const state = computed(() =>
    filter.value.state === 'resolved' || filter.value.state === 'closed' ? filter.value.state : null,
  );
  const pages = usePaged((cursor, signal) =>
    fetchIncidents(
      {
        state: state.value ?? 'closed',
        kind: filter.value.kind ?? undefined,
        severity: filter.value.severity ?? undefined,
        deviceClass: filter.value.deviceClass ?? undefined,
        communeCode: filter.value.communeCode ?? undefined,
        holder: filter.value.mine ? (myPersonId.value ?? undefined) : undefined,
        cursor,
        limit: PAGE,
      },
      signal,
    ),
  );
  watch(
    filter,
    () => {
      if (state.value !== null) void pages.reload();
    },
    { immediate: true },
  );
  return { wanted: computed(() => state.value !== null), pages };
}
