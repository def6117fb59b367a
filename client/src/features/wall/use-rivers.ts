import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from 'vue';
import { ENDPOINTS, RIVER_STATION_BY_NAME, type RiverStation } from '@ioc/contract';
import { call } from '../../live/api.js';
import { useOverviewStore } from '../../live/overview-store.js';

/** Stages are sampled once a minute; asking more often shows nothing new. */
const REFRESH_MS = 30_000;

/** One hydrological station of the register with its present stage. */
export interface RiverRow {
  readonly deviceId: string;
  readonly station: RiverStation;
  /** Stage above the station's datum, metres; null before the first reading. */
  readonly levelM: number | null;
  readonly sampledAt: string | null;
  readonly suspect: boolean;
  /** The legal alarm level reached, 0–3; null when none applies. */
  readonly alarmLevel: number | null;
}

interface Gauge {
  readonly deviceId: string;
  readonly station: RiverStation;
}
type Stage = Pick<RiverRow, 'levelM' | 'sampledAt' | 'suspect'>;

/** The stations whose alarm levels are law, worst first. Who they are comes from the register, their stage every 30 s. */
export function useRivers(): ComputedRef<readonly RiverRow[]> {
  const overview = useOverviewStore();
  const gauges = shallowRef<readonly Gauge[]>([]);
  const stages = shallowRef<ReadonlyMap<string, Stage>>(new Map());

  async function loadGauges(): Promise<void> {
    const result = await call(ENDPOINTS.listDevices, { query: { deviceClass: 'flood', limit: 500 } });
    if (!result.ok) return;
    const taken = new Set<string>();
    gauges.value = result.value.items.flatMap(({ id, attributes }) => {
      const station = RIVER_STATION_BY_NAME.get(String(attributes['station'] ?? ''));
      // A station may carry several sensors; the first by id speaks for it.
      if (station === undefined || taken.has(station.station)) return [];
      taken.add(station.station);
      return [{ deviceId: id, station }];
    });
    await loadStages();
  }

  async function loadStages(): Promise<void> {
    const entries = await Promise.all(
      gauges.value.map(async ({ deviceId }): Promise<readonly [string, Stage] | null> => {
        const result = await call(ENDPOINTS.getDevice, { params: { id: deviceId } });
        if (!result.ok) return null;
        const latest = result.value.latest;
        const level = latest?.metrics['levelM'];
        return [
          deviceId,
          {
            levelM: typeof level === 'number' ? level : null,
            sampledAt: latest?.at ?? null,
            suspect: latest?.suspect.includes('levelM') ?? false,
          },
        ];
      }),
    );
    stages.value = new Map([...stages.value, ...entries.filter((entry) => entry !== null)]);
  }

  watch(
    () => overview.mapDevices,
    () => void loadGauges(),
    { immediate: true },
  );
  const timer = setInterval(() => void (gauges.value.length === 0 ? loadGauges() : loadStages()), REFRESH_MS);
  onScopeDispose(() => {
    clearInterval(timer);
  });

  return computed(() => {
    if (overview.revision < 0) return [];
    const rows = gauges.value.map(({ deviceId, station }): RiverRow => ({
      deviceId,
      station,
      ...(stages.value.get(deviceId) ?? { levelM: null, sampledAt: null, suspect: false }),
      alarmLevel: overview.devices().get(deviceId)?.alarmLevel ?? null,
    }));
    return rows.sort((a, b) => (b.alarmLevel ?? -1) - (a.alarmLevel ?? -1) || nearness(b) - nearness(a));
  });
}

/** How near a stage is to its next level, metres below it as a negative number; unknown comes last. */
function nearness({ station, levelM }: RiverRow): number {
  const first = station.bd1 ?? station.bd2 ?? station.bd3;
  return first === null || levelM === null ? -1_000 : levelM - first.levelM;
}
