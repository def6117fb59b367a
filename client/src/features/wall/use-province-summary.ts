import { computed, type ComputedRef } from 'vue';
import {
  COMMUNE_BY_CODE,
  DEVICE_CLASS_IDS,
  type ClassCounts,
  type CommuneLive,
  type CountsByClass,
  type GatewayLive,
  type Incident,
} from '@ioc/contract';
import { useIncidentsStore } from '../../live/incidents-store.js';
import { useOverviewStore } from '../../live/overview-store.js';
import { incidentRows, isCurrent, type IncidentRow } from './incident-rows.js';

/** A commune by its short name with the moment its impact began. */
export interface CommuneSince {
  readonly code: string;
  readonly name: string;
  readonly sinceMs: number;
}

/** What the wall says in one glance. */
export interface ProvinceSummary {
  readonly isolated: readonly CommuneSince[];
  readonly nearlyIsolated: readonly CommuneSince[];
  readonly critical: number;
  readonly major: number;
  /** Critical incidents that nobody holds, by commune or by the one place that is in none, most first. */
  readonly unheldCritical: readonly { readonly code: string; readonly name: string; readonly count: number }[];
  readonly unheld: number;
  readonly open: number;
  readonly rows: readonly IncidentRow[];
  readonly counts: CountsByClass;
  readonly onBattery: number;
  /** Flood sensors at BĐ1, BĐ2, BĐ3 or above. */
  readonly atLevel: readonly [number, number, number];
  readonly blindGateways: readonly GatewayLive[];
  /** The earliest beginning of a critical incident; null when there is none. */
  readonly worstSinceMs: number | null;
  /** New alarms of the last 10 minutes while they come faster than a person can read them; null in calmer times. */
  readonly floodAlarms: number | null;
}

const NOTHING: ClassCounts = { total: 0, up: 0, down: 0, stale: 0, blind: 0 };

function countAll(communes: Iterable<CommuneLive>): { counts: CountsByClass; onBattery: number } {
  const counts: CountsByClass = { bts: NOTHING, link: NOTHING, vcs: NOTHING, flood: NOTHING };
  let onBattery = 0;
  for (const commune of communes) {
    onBattery += commune.stationsOnBattery;
    for (const id of DEVICE_CLASS_IDS) {
      const [sum, own] = [counts[id], commune.counts[id]];
      counts[id] = {
        total: sum.total + own.total,
        up: sum.up + own.up,
        down: sum.down + own.down,
        stale: sum.stale + own.stale,
        blind: sum.blind + own.blind,
      };
    }
  }
  return { counts, onBattery };
}

function withImpact(communes: Iterable<CommuneLive>, impact: CommuneLive['impact']): CommuneSince[] {
  return [...communes]
    .filter((commune) => commune.impact === impact)
    .map(({ code, impactSinceMs }) => ({
      code,
      name: COMMUNE_BY_CODE.get(code)?.shortName ?? code,
      sinceMs: impactSinceMs,
    }))
    .sort((a, b) => a.sinceMs - b.sinceMs);
}

function unheldOf(critical: readonly Incident[]): Pick<ProvinceSummary, 'unheldCritical' | 'unheld'> {
  const byPlace = new Map<string, { readonly code: string; readonly name: string; readonly count: number }>();
  for (const { acknowledgedBy, communeCode, place } of critical) {
    if (acknowledgedBy !== null) continue;
    const code = communeCode ?? place.id;
    const name = (communeCode === null ? null : COMMUNE_BY_CODE.get(communeCode)?.shortName) ?? place.name;
    byPlace.set(code, { code, name, count: (byPlace.get(code)?.count ?? 0) + 1 });
  }
  const unheldCritical = [...byPlace.values()].sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, 'vi'));
  return { unheldCritical, unheld: unheldCritical.reduce((sum, { count }) => sum + count, 0) };
}

/** Summarises the live model once per publication, for all parts of the wall. */
export function useProvinceSummary(): ComputedRef<ProvinceSummary> {
  const overview = useOverviewStore();
  const incidents = useIncidentsStore();

  const current = computed(() => {
    const open = [...incidents.incidents.values()].filter(isCurrent);
    const critical = open.filter((incident) => incident.severity === 'critical');
    return {
      open: open.length,
      critical: critical.length,
      major: open.filter((incident) => incident.severity === 'major').length,
      ...unheldOf(critical),
      worstSinceMs: critical.length === 0 ? null : Math.min(...critical.map(({ beganAt }) => Date.parse(beganAt))),
      rows: incidentRows(open),
    };
  });

  const province = computed(() => {
    // The Maps are changed in place; the revision says when.
    if (overview.revision < 0) return null;
    const communes = [...overview.communes().values()];
    const atLevel: [number, number, number] = [0, 0, 0];
    for (const device of overview.devices().values()) {
      const level = device.alarmLevel ?? 0;
      if (level >= 1) atLevel[0] += 1;
      if (level >= 2) atLevel[1] += 1;
      if (level >= 3) atLevel[2] += 1;
    }
    return {
      ...countAll(communes),
      isolated: withImpact(communes, 'isolated'),
      nearlyIsolated: withImpact(communes, 'nearlyIsolated'),
      atLevel,
    };
  });

  return computed(() => ({
    ...current.value,
    isolated: province.value?.isolated ?? [],
    nearlyIsolated: province.value?.nearlyIsolated ?? [],
    counts: province.value?.counts ?? { bts: NOTHING, link: NOTHING, vcs: NOTHING, flood: NOTHING },
    onBattery: province.value?.onBattery ?? 0,
    atLevel: province.value?.atLevel ?? [0, 0, 0],
    floodAlarms: overview.system?.alarmFlood.on === true ? overview.system.alarmFlood.newAlarms10Min : null,
    blindGateways: (overview.system?.gateways ?? []).filter((gateway) => gateway.connectivity === 'blind'),
  }));
}
