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
import { incidentRows, type IncidentRow } from './incident-rows.js';

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
  /** Critical incidents that nobody holds, by commune, most first. */
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
  const byCommune = new Map<string, number>();
  for (const { acknowledgedBy, communeCode } of critical) {
    if (acknowledgedBy === null && communeCode !== null)
      byCommune.set(communeCode, (byCommune.get(communeCode) ?? 0) + 1);
  }
  const unheldCritical = [...byCommune]
    .map(([code, count]) => ({ code, count, name: COMMUNE_BY_CODE.get(code)?.shortName ?? code }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, 'vi'));
  return { unheldCritical, unheld: unheldCritical.reduce((sum, { count }) => sum + count, 0) };
}

/** Summarises the live model once per publication, for all parts of the wall. */
export function useProvinceSummary(): ComputedRef<ProvinceSummary> {
  const overview = useOverviewStore();
  const incidents = useIncidentsStore();

  const current = computed(() => {
    const open = [...incidents.incidents.values()].filter(
      (incident) => incident.endedAt === null && incident.state !== 'resolved',
    );
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
    blindGateways: (overview.system?.gateways ?? []).filter((gateway) => gateway.connectivity === 'blind'),
  }));
}
