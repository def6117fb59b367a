import { COMMUNE_BY_CODE, type FactSubject } from '@ioc/contract';
import type { Register, RegisteredDevice, RegisteredSite } from '../devices/registered-device.js';
import type { FactRecord } from '../facts/fact.js';
import { hubsLostWith, stationsOfHubs } from './hub-reach.js';
import { priorityOf, type PowerSituation } from './power-priority.js';

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

/** A site that needs power, with what its priority is made from. */
export interface JudgedSite {
  readonly site: RegisteredSite;
  readonly situation: PowerSituation;
  /** Larger is more urgent. */
  readonly priority: number;
  /** Operators with stations there, by id. */
  readonly owners: readonly string[];
  readonly onBatterySinceMs: number | null;
  readonly generatorUntilMs: number | null;
  readonly powerExpectedAtMs: number | null;
}

/**
 * Sites that live on a battery or a generator or went silent with an empty battery, most urgent first. Stations without a site
 * are left out: nobody knows which battery they share.
 */
export function judgeSites(world: PowerWorld): readonly JudgedSite[] {
  const surroundings: Surroundings = {
    hubsBySite: groupHubs(world),
    stationsByHub: stationsOfHubs(world.register.devices.values(), world.register.sites),
    toRevive: sitesToRevive(world),
    alive: countAlive(world),
  };
  return [...world.register.sites.values()]
    .flatMap((site) => judgeSite(site, surroundings, world) ?? [])
    .sort((a, b) => b.priority - a.priority || (a.site.id < b.site.id ? -1 : 1));
}

/** What is made once for all sites. */
interface Surroundings {
  readonly hubsBySite: ReadonlyMap<string, readonly string[]>;
  readonly stationsByHub: ReadonlyMap<string, readonly RegisteredDevice[]>;
  readonly toRevive: ReadonlyMap<string, string>;
  /** Stations alive by `whomKey` of their commune and operator, and of their commune and `ANYBODY`. */
  readonly alive: ReadonlyMap<string, number>;
}

function judgeSite(site: RegisteredSite, surroundings: Surroundings, world: PowerWorld): JudgedSite | null {
  const { register, nowMs, powerOf, factsOf } = world;
  const stations = stationsOn(site, register);
  const powers = stations.map(powerOf);
  const onSite = factsOf({ kind: 'site', id: site.id });
  const generatorUntilMs = onSite.find(({ kind }) => kind === 'generatorRunning')?.expiresAtMs ?? null;
  const onBattery = powers.filter((power) => power.alive && power.onBattery);
  const emptied = powers.filter(({ emptied: empty }) => empty);
  if (onBattery.length === 0 && emptied.length === 0 && generatorUntilMs === null) return null;

  const aliveHere = stations.filter((station, index) => {
    return powers[index]?.alive === true && station.communeCode === site.communeCode;
  });
  const aliveElsewhere = (whom: string) => {
    const here = whom === ANYBODY ? aliveHere : aliveHere.filter(({ owner }) => owner === whom);
    return (surroundings.alive.get(whomKey(site.communeCode, whom)) ?? 0) - here.length;
  };
  const owners = [...new Set(stations.map(({ owner }) => owner))].sort();
  const alive = powers.some((power) => power.alive);
  // Of an operator, or a commune, that is silent altogether one site is enough to bring it back.
  const isChosen = (whom: string) => alive || surroundings.toRevive.get(whomKey(site.communeCode, whom)) === site.id;
  const isLastOf = (whom: string) => aliveElsewhere(whom) === 0 && isChosen(whom);
  const commune = COMMUNE_BY_CODE.get(site.communeCode);
  const hubIds = surroundings.hubsBySite.get(site.id) ?? [];
  const powerExpectedAtMs = expectedPowerOf(site, world);
  const situation: PowerSituation = {
    minutesLeft: minutesOfSite(onBattery, emptied.length > 0),
    generatorMinutes: generatorUntilMs === null ? null : minutesFrom(nowMs, generatorUntilMs),
    powerInMinutes: powerExpectedAtMs === null ? null : minutesFrom(nowMs, powerExpectedAtMs),
    stations: stations.length,
    communeStationsAlive: aliveElsewhere(ANYBODY) + powers.filter((power) => power.alive).length,
    isHub: hubIds.length > 0,
    stationsBehind: countBehind(site.id, hubIds, surroundings.stationsByHub, world),
    lastOfCommune: stations.length > 0 && isLastOf(ANYBODY),
    alive,
    lastOfOperator: owners.filter(isLastOf),
    population: commune?.populationConfirmed === true ? commune.population : null,
    reachable: reachableOf(site, world),
  };
  const since = powers.flatMap(({ onBatterySinceMs }) => onBatterySinceMs ?? []);
  return {
    site,
    situation,
    priority: priorityOf(situation),
    owners,
    onBatterySinceMs: since.length === 0 ? null : Math.min(...since),
    generatorUntilMs,
    powerExpectedAtMs,
  };
}

const ANYBODY = '';
const whomKey = (communeCode: string, whom: string) => `${communeCode} ${whom}`;

/**
 * Where every station of an operator, or of all (`ANYBODY`), is silent in a commune: the one site with an empty battery that
 * would bring it back, the one with most operators. Without it every silent site of an isolated commune would be its last.
 */
function sitesToRevive({ register, powerOf }: PowerWorld): ReadonlyMap<string, string> {
  const emptied = [...register.sites.values()].flatMap((site) => {
    const stations = stationsOn(site, register);
    if (!stations.some((station) => powerOf(station).emptied)) return [];
    return [{ site, owners: new Set(stations.map(({ owner }) => owner)) }];
  });
  emptied.sort((a, b) => b.owners.size - a.owners.size || (a.site.id < b.site.id ? -1 : 1));
  const chosen = new Map<string, string>();
  for (const { site, owners } of emptied) {
    for (const whom of [ANYBODY, ...owners]) {
      const key = whomKey(site.communeCode, whom);
      if (!chosen.has(key)) chosen.set(key, site.id);
    }
  }
  return chosen;
}

function countAlive({ register, powerOf }: PowerWorld): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const device of register.devices.values()) {
    if (device.deviceClass !== 'bts' || !powerOf(device).alive) continue;
    for (const whom of [ANYBODY, device.owner]) {
      const key = whomKey(device.communeCode, whom);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function stationsOn({ id }: RegisteredSite, register: PowerWorld['register']): readonly RegisteredDevice[] {
  return (register.devicesBySite.get(id) ?? []).filter(({ deviceClass }) => deviceClass === 'bts');
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

function groupHubs({ register }: PowerWorld): ReadonlyMap<string, readonly string[]> {
  const hubs = new Map<string, string[]>();
  for (const { id, siteId } of register.hubs.values()) {
    if (siteId !== null) hubs.set(siteId, [...(hubs.get(siteId) ?? []), id]);
  }
  return hubs;
}

const minutesFrom = (nowMs: number, thenMs: number) => Math.max(0, Math.round((thenMs - nowMs) / 60_000));
