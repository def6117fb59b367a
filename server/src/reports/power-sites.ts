import { COMMUNE_BY_CODE, type FactSubject, type FeederCandidate, type GeneratorCandidate } from '@ioc/contract';
import type { Register, RegisteredDevice, RegisteredSite } from '../devices/registered-device.js';
import type { FactRecord } from '../facts/fact.js';
import { hubsLostWith, stationsOfHubs } from './hub-reach.js';
import { feederShareOf, priorityOf, whyOf, type PowerSituation } from './power-priority.js';

/** The power of one station, as far as known. */
export interface StationPower {
  /** By the last known state. */
  readonly alive: boolean;
  readonly onBattery: boolean;
  /** It is down because its battery is empty. */
  readonly emptied: boolean;
  readonly minutesLeft: number | null;
  readonly onBatterySinceMs: number | null;
}

export interface PowerWorld {
  readonly register: Pick<
    Register,
    'organisations' | 'feeds' | 'sites' | 'hubs' | 'devices' | 'devicesBySite' | 'devicesByCommune'
  >;
  readonly powerOf: (station: RegisteredDevice) => StationPower;
  /** What counts now, newest first. */
  readonly factsOf: (subject: FactSubject) => readonly FactRecord[];
  readonly nowMs: number;
}

/** Longer lists are not worked from the top any more. */
const MAX_SITES = 500;

interface JudgedSite {
  readonly candidate: GeneratorCandidate;
  readonly situation: PowerSituation;
  readonly alive: boolean;
}

/**
 * Sites that live on a battery or a generator or went silent with an empty battery, most urgent first, and the feeders that
 * would help them. Stations without a site are left out: nobody knows which battery they share.
 */
export function powerPriorities(world: PowerWorld): {
  readonly sites: readonly GeneratorCandidate[];
  readonly feeders: readonly FeederCandidate[];
} {
  const hubsBySite = groupHubs(world);
  const stationsByHub = stationsOfHubs(world.register.devices.values(), world.register.sites);
  const toRevive = sitesToRevive(world);
  const judged = [...world.register.sites.values()].flatMap((site) => {
    const hubIds = hubsBySite.get(site.id) ?? [];
    return judgeSite(site, hubIds, stationsByHub, toRevive, world) ?? [];
  });
  judged.sort((a, b) => b.candidate.priority - a.candidate.priority || compareIds(a.candidate, b.candidate));
  return {
    sites: judged.slice(0, MAX_SITES).map(({ candidate }) => candidate),
    feeders: feedersOf(judged, world),
  };
}

function judgeSite(
  site: RegisteredSite,
  hubIds: readonly string[],
  stationsByHub: ReadonlyMap<string, readonly RegisteredDevice[]>,
  toRevive: ReadonlyMap<string, string>,
  world: PowerWorld,
): JudgedSite | null {
  const { register, nowMs, powerOf, factsOf } = world;
  const stations = (register.devicesBySite.get(site.id) ?? []).filter(({ deviceClass }) => deviceClass === 'bts');
  const powers = stations.map(powerOf);
  const onSite = factsOf({ kind: 'site', id: site.id });
  const generatorUntilMs = onSite.find(({ kind }) => kind === 'generatorRunning')?.expiresAtMs ?? null;
  const onBattery = powers.filter((power) => power.alive && power.onBattery);
  const emptied = powers.filter(({ emptied: empty }) => empty);
  if (onBattery.length === 0 && emptied.length === 0 && generatorUntilMs === null) return null;

  const inCommune = (register.devicesByCommune.get(site.communeCode) ?? []).filter(
    ({ deviceClass }) => deviceClass === 'bts',
  );
  const aliveElsewhere = inCommune.filter((device) => device.siteId !== site.id && powerOf(device).alive);
  const owners = [...new Set(stations.map(({ owner }) => owner))].sort();
  const alive = powers.some((power) => power.alive);
  // Of an operator, or a commune, that is silent altogether one site is enough to bring it back.
  const isChosen = (whom: string) => alive || toRevive.get(reviveKey(site.communeCode, whom)) === site.id;
  const lastOfOperator = owners.filter(
    (owner) => !aliveElsewhere.some((device) => device.owner === owner) && isChosen(owner),
  );
  const commune = COMMUNE_BY_CODE.get(site.communeCode);
  const powerExpectedAtMs = expectedPowerOf(site, world);
  const minutesLeft = minutesOfSite(onBattery, emptied.length > 0);
  const situation: PowerSituation = {
    minutesLeft,
    generatorMinutes: generatorUntilMs === null ? null : minutesFrom(nowMs, generatorUntilMs),
    powerInMinutes: powerExpectedAtMs === null ? null : minutesFrom(nowMs, powerExpectedAtMs),
    stations: stations.length,
    communeStationsAlive: aliveElsewhere.length + powers.filter(({ alive }) => alive).length,
    isHub: hubIds.length > 0,
    stationsBehind: countBehind(site.id, hubIds, stationsByHub, world),
    lastOfCommune: stations.length > 0 && aliveElsewhere.length === 0 && isChosen(ANYBODY),
    alive,
    lastOfOperator,
    population: commune?.populationConfirmed === true ? commune.population : null,
    reachable: reachableOf(site, world),
  };
  const nameOf = (id: string) => register.organisations.get(id)?.name ?? id;
  const since = powers.flatMap(({ onBatterySinceMs }) => onBatterySinceMs ?? []);
  return {
    situation,
    alive,
    candidate: {
      siteId: site.id,
      siteName: site.name,
      communeCode: site.communeCode,
      communeName: commune?.name ?? site.communeCode,
      lat: site.lat,
      lon: site.lon,
      operators: owners.map(nameOf),
      onBatterySince: since.length === 0 ? null : iso(Math.min(...since)),
      minutesLeft,
      emptyAt:
        minutesLeft === null || minutesLeft === 0
          ? null
          : iso(Math.max(generatorUntilMs ?? 0, nowMs) + minutesLeft * 60_000),
      isHub: situation.isHub,
      stationsBehind: situation.stationsBehind,
      lastOfCommune: situation.lastOfCommune,
      lastOfOperator: lastOfOperator.map(nameOf),
      population: situation.population,
      reachable: situation.reachable,
      generatorUntil: generatorUntilMs === null ? null : iso(generatorUntilMs),
      powerExpectedAt: powerExpectedAtMs === null ? null : iso(powerExpectedAtMs),
      feedId: site.feedId,
      feedName: site.feedId === null ? null : (register.feeds.get(site.feedId)?.name ?? site.feedId),
      priority: priorityOf(situation),
      why: whyOf(situation, nameOf),
    },
  };
}

const ANYBODY = '';
const reviveKey = (communeCode: string, whom: string) => `${communeCode} ${whom}`;

/**
 * Where every station of an operator, or of all (`ANYBODY`), is silent in a commune: the one site with an empty battery that
 * would bring it back, the one with most operators. Without it every silent site of an isolated commune would be its last.
 */
function sitesToRevive({ register, powerOf }: PowerWorld): ReadonlyMap<string, string> {
  const emptied = [...register.sites.values()].flatMap((site) => {
    const stations = (register.devicesBySite.get(site.id) ?? []).filter(({ deviceClass }) => deviceClass === 'bts');
    if (!stations.some((station) => powerOf(station).emptied)) return [];
    return [{ site, owners: new Set(stations.map(({ owner }) => owner)) }];
  });
  emptied.sort((a, b) => b.owners.size - a.owners.size || (a.site.id < b.site.id ? -1 : 1));
  const chosen = new Map<string, string>();
  for (const { site, owners } of emptied) {
    for (const whom of [ANYBODY, ...owners]) {
      const key = reviveKey(site.communeCode, whom);
      if (!chosen.has(key)) chosen.set(key, site.id);
    }
  }
  return chosen;
}

/** Of the first of its stations that still lives; 0 when they went silent with their batteries. */
function minutesOfSite(onBattery: readonly StationPower[], anyEmptied: boolean): number | null {
  const known = onBattery.flatMap(({ minutesLeft }) => minutesLeft ?? []);
  if (known.length > 0) return Math.min(...known);
  return onBattery.length === 0 && anyEmptied ? 0 : null;
}

/** Stations elsewhere that go silent with the hubs of this site. */
function countBehind(
  siteId: string,
  hubIds: readonly string[],
  stationsByHub: ReadonlyMap<string, readonly RegisteredDevice[]>,
  { register }: PowerWorld,
): number {
  const lost = new Set(hubIds.flatMap((hubId) => [...hubsLostWith(hubId, register.hubs.values())]));
  let behind = 0;
  for (const hubId of lost) {
    for (const station of stationsByHub.get(hubId) ?? []) if (station.siteId !== siteId) behind += 1;
  }
  return behind;
}

/** By the newest fact that tells: a road that is cut, or somebody who came there. */
function reachableOf({ id, communeCode }: RegisteredSite, { factsOf }: PowerWorld): boolean | null {
  const telling = [...factsOf({ kind: 'site', id }), ...factsOf({ kind: 'commune', id: communeCode })]
    .filter(({ kind, means }) => kind === 'roadCut' || (kind === 'reached' && means === 'inPerson'))
    .sort((a, b) => b.atMs - a.atMs || b.id - a.id);
  const [newest] = telling;
  return newest === undefined ? null : newest.kind === 'reached';
}

/** What was said of the site itself goes before what was said of its line, and that before its commune. */
function expectedPowerOf({ id, feedId, communeCode }: RegisteredSite, { factsOf }: PowerWorld): number | null {
  const subjects: FactSubject[] = [
    { kind: 'site', id },
    ...(feedId === null ? [] : [{ kind: 'feed' as const, id: feedId }]),
    { kind: 'commune', id: communeCode },
  ];
  for (const subject of subjects) {
    const expected = factsOf(subject).find(({ kind }) => kind === 'powerExpected');
    if (expected !== undefined) return expected.expiresAtMs;
  }
  return null;
}

function feedersOf(judged: readonly JudgedSite[], { register, factsOf }: PowerWorld): readonly FeederCandidate[] {
  const byFeed = new Map<string, JudgedSite[]>();
  for (const site of judged) {
    const { feedId } = site.candidate;
    if (feedId === null) continue;
    const known = byFeed.get(feedId);
    if (known === undefined) byFeed.set(feedId, [site]);
    else known.push(site);
  }
  const feeders = [...byFeed].map(([feedId, sites]): FeederCandidate => {
    const feed = register.feeds.get(feedId);
    const owner = feed?.owner ?? '';
    const alive = sites.filter((site) => site.alive);
    const hubs = sites.filter(({ candidate }) => candidate.isHub).length;
    const lastOfCommunes = new Set(
      sites.flatMap(({ candidate }) => (candidate.lastOfCommune ? [candidate.communeCode] : [])),
    ).size;
    const minutes = alive.flatMap(({ candidate }) => candidate.minutesLeft ?? []);
    const minutesLeft = minutes.length === 0 ? (alive.length === 0 ? 0 : null) : Math.min(...minutes);
    const expected = factsOf({ kind: 'feed', id: feedId }).find(({ kind }) => kind === 'powerExpected');
    const down = sites.length - alive.length;
    const priority = sites.reduce((sum, { situation }) => sum + feederShareOf(situation), 0);
    const parts = [
      { vi: `${alive.length} vị trí chạy ắc quy`, en: `${alive.length} sites on battery`, said: alive.length > 0 },
      { vi: `${down} vị trí đã tắt`, en: `${down} sites silent`, said: down > 0 },
      { vi: `${hubs} nút truyền dẫn`, en: `${hubs} hubs`, said: hubs > 0 },
      {
        vi: `vị trí cuối của ${lastOfCommunes} xã`,
        en: `the last sites of ${lastOfCommunes} communes`,
        said: lastOfCommunes > 0,
      },
    ].filter(({ said }) => said);
    return {
      feedId,
      feedName: feed?.name ?? feedId,
      organisationName: register.organisations.get(owner)?.name ?? owner,
      sitesOnBattery: alive.length,
      sitesDown: down,
      hubs,
      lastOfCommunes,
      minutesLeft,
      powerExpectedAt: expected === undefined ? null : iso(expected.expiresAtMs),
      priority: Math.round(priority * 100) / 100,
      why: { vi: parts.map(({ vi }) => vi).join(' · '), en: parts.map(({ en }) => en).join(' · ') },
    };
  });
  return feeders.sort((a, b) => b.priority - a.priority || (a.feedId < b.feedId ? -1 : 1));
}

function groupHubs({ register }: PowerWorld): ReadonlyMap<string, readonly string[]> {
  const hubs = new Map<string, string[]>();
  for (const { id, siteId } of register.hubs.values()) {
    if (siteId !== null) hubs.set(siteId, [...(hubs.get(siteId) ?? []), id]);
  }
  return hubs;
}

const compareIds = (a: GeneratorCandidate, b: GeneratorCandidate) => (a.siteId < b.siteId ? -1 : 1);
const iso = (ms: number) => new Date(ms).toISOString();
const minutesFrom = (nowMs: number, thenMs: number) => Math.max(0, Math.round((thenMs - nowMs) / 60_000));
