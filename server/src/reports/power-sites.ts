import { COMMUNE_BY_CODE, type FeederCandidate, type GeneratorCandidate } from '@ioc/contract';
import { judgeSites, type JudgedSite, type PowerWorld } from './judged-site.js';
import { feedersOf } from './power-feeders.js';
import { whyOf } from './power-priority.js';

/** Longer lists are not worked from the top any more. */
const MAX_SITES = 200;

/** The sites that need power, most urgent first, at most 200 of `total`, and all feeders that would help. */
export function powerPriorities(world: PowerWorld): {
  readonly total: number;
  readonly sites: readonly GeneratorCandidate[];
  readonly feeders: readonly FeederCandidate[];
} {
  const judged = judgeSites(world);
  return {
    total: judged.length,
    sites: judged.slice(0, MAX_SITES).map((site) => candidateOf(site, world)),
    feeders: feedersOf(judged, world),
  };
}

/** As the wire carries it. */
function candidateOf(judged: JudgedSite, { register, nowMs }: PowerWorld): GeneratorCandidate {
  const { site, situation, owners, onBatterySinceMs, generatorUntilMs, powerExpectedAtMs } = judged;
  const { minutesLeft } = situation;
  const nameOf = (id: string) => register.organisations.get(id)?.name ?? id;
  return {
    siteId: site.id,
    siteName: site.name,
    communeCode: site.communeCode,
    communeName: COMMUNE_BY_CODE.get(site.communeCode)?.name ?? site.communeCode,
    lat: site.lat,
    lon: site.lon,
    operators: owners.map(nameOf),
    onBatterySince: isoOrNull(onBatterySinceMs),
    minutesLeft,
    emptyAt:
      minutesLeft === null || minutesLeft === 0
        ? null
        : isoOrNull(Math.max(generatorUntilMs ?? 0, nowMs) + minutesLeft * 60_000),
    isHub: situation.isHub,
    stationsBehind: situation.stationsBehind,
    lastOfCommune: situation.lastOfCommune,
    lastOfOperator: situation.lastOfOperator.map(nameOf),
    population: situation.population,
    reachable: situation.reachable,
    generatorUntil: isoOrNull(generatorUntilMs),
    powerExpectedAt: isoOrNull(powerExpectedAtMs),
    feedId: site.feedId,
    feedName: site.feedId === null ? null : (register.feeds.get(site.feedId)?.name ?? site.feedId),
    priority: judged.priority,
    why: whyOf(situation, nameOf),
  };
}

const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
