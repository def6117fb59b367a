import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from 'vue';
import type { Incident, MapDevice } from '@ioc/contract';
import { useConnectionStore } from '../../live/connection-store.js';
import { useIncidentsStore } from '../../live/incidents-store.js';
import { useOverviewStore } from '../../live/overview-store.js';
import { serverClock } from '../../live/server-clock.js';
import { useSessionStore } from '../../live/session-store.js';
import { pointOf, type IncidentPoint } from './geography.js';
import { forgetLastKnown, keepLastKnown, readLastKnown, type LastKnown } from './last-known.js';

/** What is known is kept this often while it changes or time passes, so that its age is right to within this. */
const KEEP_INTERVAL_MS = 5_000;

export interface KnownIncidents {
  readonly incidents: ComputedRef<readonly Incident[]>;
  /** Server's epoch ms at which they were so; null: now. */
  readonly asOfMs: ComputedRef<number | null>;
  /** Whether there is anything to show, from now or before. */
  readonly loaded: ComputedRef<boolean>;
  readonly pointOf: (incident: Incident) => IncidentPoint | null;
  /** The name of the responsible organisation; its id while nobody here ever knew the name, null without one. */
  readonly ownerOf: (incident: Incident) => string | null;
}

/** Incidents live while there is a connection, else as they were last known, with when that was. */
export function useKnownIncidents(): KnownIncidents {
  const store = useIncidentsStore();
  const connection = useConnectionStore();
  const overview = useOverviewStore();
  const session = useSessionStore();
  const before = shallowRef<LastKnown | null>(null);
  /** When the live list was last known to be right. */
  const freshMs = shallowRef<number | null>(null);

  const me = computed(() => session.session?.personId ?? null);
  const isLive = computed(() => connection.link === 'live' && store.loaded);
  const deviceOfSite = computed<ReadonlyMap<string, MapDevice>>(() => {
    const bySite = new Map<string, MapDevice>();
    for (const device of overview.mapDevices.values()) {
      if (device.siteId !== null && !bySite.has(device.siteId)) bySite.set(device.siteId, device);
    }
    return bySite;
  });

  const incidents = computed<readonly Incident[]>(() =>
    store.loaded ? [...store.incidents.values()] : (before.value?.incidents ?? []),
  );
  const asOfMs = computed(() => {
    if (isLive.value) return null;
    return store.loaded ? freshMs.value : (before.value?.asOfMs ?? null);
  });

  function place(incident: Incident): IncidentPoint | null {
    const found = pointOf(incident, overview.mapDevices, deviceOfSite.value);
    if (found?.exact === true) return found;
    return before.value?.points[incident.id] ?? found;
  }

  function owner({ owner: id }: Incident): string | null {
    if (id === null) return null;
    return overview.organisations.get(id) ?? before.value?.organisations[id] ?? id;
  }

  async function keep(): Promise<void> {
    const personId = me.value;
    if (!isLive.value || personId === null) return;
    const asOf = serverClock.now();
    freshMs.value = asOf;
    const points = Object.fromEntries(
      incidents.value.flatMap((incident) => {
        const point = place(incident);
        return point === null ? [] : [[incident.id, point]];
      }),
    );
    // The names come later than the incidents: until then those of before are kept.
    const organisations =
      overview.organisations.size > 0
        ? Object.fromEntries(overview.organisations)
        : (before.value?.organisations ?? {});
    const known = { personId, asOfMs: asOf, incidents: [...incidents.value], points, organisations };
    before.value = known;
    await keepLastKnown(known).catch((error: unknown) => console.warn('what is known is not kept', error));
    // Whoever signed out meanwhile leaves nothing behind.
    if (me.value !== personId) await forgetLastKnown();
  }

  watch(
    me,
    async (personId) => {
      before.value = personId === null ? null : await readLastKnown(personId).catch(() => null);
    },
    { immediate: true },
  );
  watch([isLive, () => overview.mapDevices], () => void keep(), { immediate: true });
  // On the first visit the answer that says who is here came before there was anybody to keep it.
  const askAgain = (): void => void session.load();
  const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : null;
  workers?.addEventListener('controllerchange', askAgain);
  onScopeDispose(() => workers?.removeEventListener('controllerchange', askAgain));
  const timer = setInterval(() => void keep(), KEEP_INTERVAL_MS);
  onScopeDispose(() => clearInterval(timer));

  return {
    incidents,
    asOfMs,
    loaded: computed(() => store.loaded || before.value !== null),
    pointOf: place,
    ownerOf: owner,
  };
}
