import { computed, type ComputedRef } from 'vue';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';
import { communeCode, deviceClassId, incidentKind, incidentState, severity } from '@ioc/contract';
import { NO_FILTER, type IncidentFilter } from './incident-order.js';

function filterOf(query: LocationQuery): IncidentFilter {
  return {
    state: incidentState.safeParse(query['state']).data ?? null,
    kind: incidentKind.safeParse(query['kind']).data ?? null,
    severity: severity.safeParse(query['severity']).data ?? null,
    deviceClass: deviceClassId.safeParse(query['class']).data ?? null,
    communeCode: communeCode.safeParse(query['commune']).data ?? null,
    mine: query['mine'] === '1',
    unheld: query['unheld'] === '1',
  };
}

export interface IncidentFilterState {
  readonly filter: ComputedRef<IncidentFilter>;
  readonly filtered: ComputedRef<boolean>;
  readonly change: (change: Partial<IncidentFilter>) => void;
  readonly clear: () => void;
}

/** The filter lives in the address, so that it can be sent to somebody and survives a reload. */
export function useIncidentFilter(): IncidentFilterState {
  const route = useRoute();
  const router = useRouter();
  const filter = computed(() => filterOf(route.query));
  const filtered = computed(() => Object.values(filter.value).some((value) => value !== null && value !== false));

  function change(part: Partial<IncidentFilter>): void {
    const next = { ...filter.value, ...part };
    void router.replace({
      query: {
        ...route.query,
        state: next.state ?? undefined,
        kind: next.kind ?? undefined,
        severity: next.severity ?? undefined,
        class: next.deviceClass ?? undefined,
        commune: next.communeCode ?? undefined,
        mine: next.mine ? '1' : undefined,
        unheld: next.unheld ? '1' : undefined,
      },
    });
  }

  return { filter, filtered, change, clear: () => change(NO_FILTER) };
}
