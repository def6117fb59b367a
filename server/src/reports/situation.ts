import {
  COMMUNES,
  IMPACTS,
  type DeviceThen,
  type Impact,
  type Incident,
  type SituationReport,
  type StatesThen,
} from '@ioc/contract';
import { communeImpact, tallyCommune, type ImpactState } from '../connectivity/impact.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { toFact, type FactRecord } from '../facts/fact.js';
import { compareRivers, riverLine, type LevelSample } from './river-lines.js';
import { compareWork, workThen } from './work-line.js';

/** What a situation report is made from: everything as of its minute. */
export interface SituationInput {
  readonly atMs: number;
  readonly simulated: boolean;
  readonly register: Register;
  readonly then: StatesThen;
  /** Stations whose newest reading says that mains is away. */
  readonly onBattery: ReadonlySet<string>;
  readonly level: (deviceId: string) => LevelSample | null;
  readonly levelHourAgo: (deviceId: string) => LevelSample | null;
  readonly facts: readonly FactRecord[];
  readonly incidents: readonly Incident[];
  /** Hubs known to be down, and since when; epoch ms. */
  readonly hubsDown: ReadonlyMap<string, number>;
  /** When the outage of a device that is down now began; a blind device forgets it. Null when none stands. */
  readonly outageBeganMs: (deviceId: string) => number | null;
  readonly former: FormerSituation | null;
}

/** What a report is compared with: the former one as it was given then, and what was down at its minute. */
export interface FormerSituation {
  readonly report: SituationReport;
  readonly down: ReadonlySet<string>;
}

/** The devices that were down, by their last known state. */
export function downThen({ devices }: StatesThen): ReadonlySet<string> {
  return new Set(Object.entries(devices).flatMap(([id, { lastKnown }]) => (lastKnown === 'down' ? [id] : [])));
}

const UNHEARD: DeviceThen = { connectivity: 'stale', lastKnown: 'stale', sinceMs: null };
const iso = (ms: number) => new Date(ms).toISOString();

/** The province as of a minute. */
export function situationOf(input: SituationInput): SituationReport {
  const { atMs, former, register, then } = input;
  const devices = [...register.devices.values()];
  const communes = communesOf(input);
  const cutOff = new Set(communes.map(({ code }) => code));
  const incidents = input.incidents.flatMap((incident) => workThen(incident, atMs) ?? []);
  return {
    at: iso(atMs),
    comparedWith: former?.report.at ?? null,
    simulated: input.simulated,
    seeing: !then.blind,
    stations: stationLines(input, devices),
    hubs: {
      total: register.hubs.size,
      down: [...input.hubsDown].map(([id, sinceMs]) => ({
        id,
        name: register.hubs.get(id)?.name ?? id,
        since: iso(sinceMs),
      })),
    },
    communes,
    communesRestored: (former?.report.communes ?? [])
      .filter(({ code }) => !cutOff.has(code))
      .map(({ code, name }) => ({ code, name })),
    links: linkLine(input, devices),
    rivers: devices
      .filter(({ deviceClass }) => deviceClass === 'flood')
      .flatMap((device) => riverLine(device, input.level(device.id), input.levelHourAgo(device.id)) ?? [])
      .sort(compareRivers),
    work: [...incidents].sort(compareWork),
    blindGateways: blindGateways(input),
  };
}

function stationLines(input: SituationInput, devices: readonly RegisteredDevice[]): SituationReport['stations'] {
  const { former, onBattery, register, then } = input;
  const all = noStations();
  const byOwner = new Map<string, StationCounts>();
  for (const { id, deviceClass, owner } of devices) {
    if (deviceClass !== 'bts') continue;
    const { connectivity, lastKnown } = stateOf(then, id);
    const own = byOwner.get(owner) ?? noStations();
    byOwner.set(owner, own);
    for (const counts of [all, own]) {
      counts.total += 1;
      if (lastKnown === 'down') counts.down += 1;
      if (lastKnown === 'up' && onBattery.has(id)) counts.onBattery += 1;
      if (connectivity === 'blind') counts.blind += 1;
      if (lastKnown === 'up' && former?.down.has(id) === true) counts.restored += 1;
    }
  }
  const line = (owner: string | null, ownerName: string, counts: StationCounts) => ({
    owner,
    ownerName,
    ...counts,
    downBefore: former?.report.stations.find((known) => known.owner === owner)?.down ?? null,
  });
  const owners = [...byOwner]
    .map(([owner, counts]) => line(owner, register.organisations.get(owner)?.name ?? owner, counts))
    .sort((a, b) => a.ownerName.localeCompare(b.ownerName, 'vi'));
  return [line(null, '', all), ...owners];
}

interface StationCounts {
  total: number;
  down: number;
  onBattery: number;
  blind: number;
  restored: number;
}
const noStations = (): StationCounts => ({ total: 0, down: 0, onBattery: 0, blind: 0, restored: 0 });

function linkLine({ then, former }: SituationInput, devices: readonly RegisteredDevice[]): SituationReport['links'] {
  const links = devices.filter(({ deviceClass }) => deviceClass === 'link');
  const down = links.filter(({ id }) => stateOf(then, id).lastKnown === 'down');
  return {
    total: links.length,
    down: down.length,
    downBefore: former?.report.links.down ?? null,
    downCommunes: down
      .map(({ id, communeCode }) => ({
        code: communeCode,
        name: communeName(communeCode),
        since: iso(stateOf(then, id).sinceMs ?? Date.parse(then.at)),
      }))
      .sort((a, b) => (a.since < b.since ? -1 : 1)),
  };
}

/** Isolated and nearly isolated communes, worst first, the newest first among equals. */
function communesOf(input: SituationInput): SituationReport['communes'] {
  const { atMs, former, register, facts } = input;
  const found: (SituationReport['communes'][number] & { readonly sinceMs: number })[] = [];
  for (const { code, name } of COMMUNES) {
    const devices = register.devicesByCommune.get(code) ?? [];
    const tally = tallyCommune(devices, ({ id }) => impactState(input, id));
    const { impact, cutOffSinceMs } = communeImpact(tally, atMs);
    if (!isCutOff(impact)) continue;
    const sinceMs = cutOffSinceMs ?? tally.latestLossMs ?? atMs;
    const before = former?.report.communes.find((known) => known.code === code);
    found.push({
      code,
      name,
      impact,
      sinceMs,
      since: iso(sinceMs),
      operatorsAlive: [...tally.operators]
        .filter(([, { up }]) => up > 0)
        .map(([owner]) => register.organisations.get(owner)?.name ?? owner)
        .sort((a, b) => a.localeCompare(b, 'vi')),
      isNew:
        former !== null &&
        // Reached and cut off again since the former report, it is news though it reads the same.
        (before?.impact !== impact || (impact === 'isolated' && sinceMs > Date.parse(former.report.at))),
      facts: facts.filter(({ subject }) => subject.kind === 'commune' && subject.id === code).map(toFact),
    });
  }
  return found
    .sort((a, b) => IMPACTS.indexOf(a.impact) - IMPACTS.indexOf(b.impact) || b.sinceMs - a.sinceMs)
    .map(({ sinceMs: _, ...commune }) => commune);
}

/** A gateway is blind when none of its devices can be seen though we see others. */
function blindGateways({ register, then }: SituationInput): SituationReport['blindGateways'] {
  if (then.blind) return [];
  return [...register.gateways.values()].flatMap(({ id, name }) => {
    const devices = register.devicesByGateway.get(id) ?? [];
    const states = devices.map((device) => stateOf(then, device.id));
    if (devices.length === 0 || !states.every(({ connectivity }) => connectivity === 'blind')) return [];
    const since = states.flatMap(({ sinceMs }) => sinceMs ?? []);
    return [
      { id, name, devices: devices.length, since: iso(since.length === 0 ? Date.parse(then.at) : Math.min(...since)) },
    ];
  });
}

const isCutOff = (impact: Impact) => impact === 'isolated' || impact === 'nearlyIsolated';
const stateOf = (then: StatesThen, id: string): DeviceThen => then.devices[id] ?? UNHEARD;
const NAMES: ReadonlyMap<string, string> = new Map(COMMUNES.map(({ code, name }) => [code, name]));
const communeName = (code: string) => NAMES.get(code) ?? code;

function impactState({ then, atMs, outageBeganMs }: SituationInput, id: string): ImpactState {
  const { lastKnown, sinceMs } = stateOf(then, id);
  if (lastKnown !== 'down') return { lastKnown, outage: null };
  const began = outageBeganMs(id);
  const beganAtMs = began !== null && began <= atMs ? began : (sinceMs ?? atMs);
  return { lastKnown, outage: { beganAtMs, detectedAtMs: beganAtMs, basis: 'said', reason: null } };
}
