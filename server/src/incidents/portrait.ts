import {
  COMMUNE_BY_CODE,
  IMPACTS,
  SEVERITIES,
  type Impact,
  type Incident,
  type IncidentKind,
  type LocalizedText,
  type OutageBasis,
  type Severity,
} from '@ioc/contract';
import type { AlarmRecord } from '../alarms/alarm.js';
import type { DeviceState } from '../connectivity/device-state.js';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import type { FactRecord } from '../facts/fact.js';
import { anchorOf, hubOf, isOfMeeting } from './alarm-place.js';
import type { Member } from './incident-draft.js';
import type { IncidentPortrait } from './incident-record.js';

/** What a portrait is drawn from besides the alarms. */
export interface PortraitWorld {
  readonly register: Register;
  stateOf(deviceId: string): Pick<DeviceState, 'lastKnown' | 'outage' | 'onBattery'>;
  impactOf(communeCode: string): Impact;
  /** The incident that holds the alarm on a hub that is down; null: the hub is not. */
  incidentOfHub(hubId: string): number | null;
  /** What people said of a commune that counts now, newest first. */
  factsOf(communeCode: string): readonly FactRecord[];
}

/** Where and what an incident is, before its figures. */
interface Subject {
  readonly kind: IncidentKind;
  readonly anchor: string;
  readonly title: LocalizedText;
  readonly place: Incident['place'];
  readonly owner: string | null;
}

/**
 * What an incident looks like, by the alarms that it holds.
 * @param members at least one
 * @param former what it was before; a hub that returned keeps its incident while its symptoms are judged again
 */
export function portrayIncident(
  members: readonly Member[],
  former: IncidentPortrait | null,
  world: PortraitWorld,
): IncidentPortrait {
  const subject = subjectOf(members, former, world);
  const communeCodes = communesOf(members, subject, world);
  const device = soleDevice(members);
  const severity = severityOf(members);
  const lost = members.find(({ alarm }) => alarm.type === 'connectivityLost' && alarm.deviceId === device?.id);
  const { basis, reason } = lost?.alarm.detail ?? {};
  return {
    ...subject,
    severity,
    impact: impactOf(members, subject.kind, severity, communeCodes, world),
    deviceId: device?.id ?? null,
    deviceName: device?.name ?? null,
    deviceClass: device?.deviceClass ?? soleClass(members),
    communeCode: mainCommune(subject.kind, communeCodes),
    communeCodes,
    basis: isBasis(basis) ? basis : null,
    reason: typeof reason === 'string' ? reason : null,
    counts: countsOf(members, subject, world),
  };
}

/** Devices that hang on a hub by themselves or by their site, of each hub; made once for a register. */
const BEHIND = new WeakMap<Register, ReadonlyMap<string, readonly RegisteredDevice[]>>();
export function devicesBehind(hubId: string, register: Register): readonly RegisteredDevice[] {
  let behind = BEHIND.get(register);
  if (behind === undefined) {
    const byHub = new Map<string, RegisteredDevice[]>();
    for (const device of register.devices.values()) {
      const hub = hubOf(device, register);
      if (hub === null) continue;
      const devices = byHub.get(hub);
      if (devices === undefined) byHub.set(hub, [device]);
      else devices.push(device);
    }
    BEHIND.set(register, (behind = byHub));
  }
  return behind.get(hubId) ?? [];
}

/** On a site that is down as a whole, the alarm that stands for it; the others are its symptoms. */
export function bearerOf(members: readonly Member[]): Member | null {
  return members.toSorted((a, b) => a.alarm.beganAtMs - b.alarm.beganAtMs || a.alarm.id - b.alarm.id)[0] ?? null;
}

function subjectOf(members: readonly Member[], former: IncidentPortrait | null, world: PortraitWorld): Subject {
  const commune = members.find(({ place }) => place.family === 'isolation');
  if (commune !== undefined) return isolationSubject(members, commune);
  const gateway = members.find(({ place }) => place.family === 'gateway');
  if (gateway !== undefined) {
    const { resource, owner } = gateway.alarm;
    const title = { vi: `Mất dữ liệu từ ${resource.name}`, en: `No data from ${resource.name}` };
    return {
      kind: 'gatewaySilent',
      anchor: anchorOf(gateway.alarm, gateway.place),
      title,
      place: placed('gateway', resource),
      owner,
    };
  }
  const [hub, ...siblings] = rootHubsOf(members);
  if (hub !== undefined) {
    const { resource, owner } = hub.alarm;
    const title =
      siblings.length === 0
        ? { vi: `${resource.name} mất kết nối`, en: `${resource.name} down` }
        : {
            vi: `${resource.name} và ${siblings.length} nút khác mất kết nối`,
            en: `${resource.name} and ${siblings.length} other hubs down`,
          };
    return { kind: 'hubDown', anchor: anchorOf(hub.alarm, hub.place), title, place: placed('hub', resource), owner };
  }
  if (former !== null && former.kind === 'hubDown' && members.some(({ underHub }) => underHub)) {
    const title = {
      vi: `${former.place.name} đã trở lại, ${members.length} thiết bị phía sau chưa`,
      en: `${former.place.name} is back, ${members.length} devices behind it are not`,
    };
    return { kind: 'hubDown', anchor: former.anchor, title, place: former.place, owner: former.owner };
  }
  const flood = members.find(({ place }) => place.family === 'flood');
  if (flood !== undefined && (flood.place.river !== null || soleDevice(members) === null))
    return floodSubject(members, flood);
  const meeting = members.filter(({ alarm, underHub }) => isOfMeeting(alarm) && !underHub);
  return meeting.length > 0 ? meetingSubject(meeting) : spreadSubject(members, world);
}

function isolationSubject(members: readonly Member[], found: Member): Subject {
  const isolated = members.some(({ alarm }) => alarm.type === 'communeIsolated');
  const { resource } = found.alarm;
  const name = communeName(resource.id);
  return {
    kind: isolated ? 'communeIsolated' : 'communeNearlyIsolated',
    anchor: anchorOf(found.alarm, found.place),
    title: isolated
      ? { vi: `${name} bị cô lập`, en: `${name} is isolated` }
      : { vi: `${name} gần cô lập`, en: `${name} is nearly isolated` },
    place: { kind: 'commune', id: resource.id, name },
    owner: null,
  };
}

function floodSubject(members: readonly Member[], flood: Member): Subject {
  const worst = worstOf(members.filter(({ place }) => place.family === 'flood')) ?? flood;
  const river = worst.place.river ?? flood.place.river;
  if (river === null) return rainSubject(members, flood, worst);
  return {
    kind: 'flood',
    anchor: anchorOf(flood.alarm, flood.place),
    title: { vi: `Sông ${river}: ${worst.alarm.text.vi}`, en: `River ${river}: ${worst.alarm.text.en}` },
    place: { kind: 'river', id: river, name: river },
    owner: soleOwner(members),
  };
}

/** Heavy rain at gauges on no river. */
function rainSubject(members: readonly Member[], flood: Member, worst: Member): Subject {
  const gauges = new Set(members.filter(({ place }) => place.family === 'flood').map(({ alarm }) => alarm.deviceId))
    .size;
  const commune = mostOf(members);
  const side = COMMUNE_BY_CODE.get(commune)?.formerProvince ?? '';
  return {
    kind: 'flood',
    anchor: anchorOf(flood.alarm, flood.place),
    title: {
      vi: `Mưa lớn tại ${gauges} trạm đo vùng ${side}: ${worst.alarm.text.vi}`,
      en: `Heavy rain at ${gauges} gauges around ${side}: ${worst.alarm.text.en}`,
    },
    place: { kind: 'commune', id: commune, name: communeName(commune) },
    owner: soleOwner(members),
  };
}

/** @param members its endpoints that are not ready, at least one */
function meetingSubject(members: readonly Member[]): Subject {
  const [shown] = members.toSorted((a, b) => b.alarm.changedAtMs - a.alarm.changedAtMs || a.alarm.id - b.alarm.id);
  if (shown === undefined) throw new Error('a meeting without an alarm cannot be portrayed');
  const { alarm, place } = shown;
  // Two meetings are one incident only where a person merged them.
  const endpoints = new Set(members.map((member) => member.alarm.deviceId)).size;
  const told = alarm.detail['meeting'];
  const name = typeof told === 'string' ? { vi: told, en: told } : { vi: 'Họp trực tuyến', en: 'Video meeting' };
  return {
    kind: 'meeting',
    anchor: anchorOf(alarm, place),
    title: {
      vi: `${name.vi}: ${endpoints} thiết bị chưa đăng ký`,
      en: `${name.en}: ${endpoints} ${endpoints === 1 ? 'endpoint' : 'endpoints'} not registered`,
    },
    place: placed('meeting', { id: alarm.qualifier, name: name.vi }),
    owner: soleOwner(members),
  };
}

/** One device, one site, one feed, or communes, by what the alarms have in common. */
function spreadSubject(members: readonly Member[], world: PortraitWorld): Subject {
  const device = soleDevice(members);
  const worst = worstOf(members);
  if (device !== null || worst === null || worst.place.device === null) return singleSubject(members, device);
  const power = members.filter(({ place }) => place.family === 'power');
  const sites = new Set(power.map(({ place }) => place.siteId ?? place.device?.id));
  if (power.length > 0 && sites.size >= 2) return powerSubject(members, power, sites.size, world);
  const site = only(members.map(({ place }) => place.siteId));
  const down = devicesOf(members.filter(({ place }) => place.family === 'down'));
  if (site !== null) {
    const place = placed('site', { id: site, name: world.register.sites.get(site)?.name ?? site });
    const stations = (world.register.devicesBySite.get(site) ?? []).filter(({ deviceClass }) => deviceClass === 'bts');
    const whole = stations.length >= 2 && stations.every(({ id }) => world.stateOf(id).lastKnown === 'down');
    if (whole && down.size >= 2) {
      const title = {
        vi: `Vị trí ${place.name} mất kết nối, cả ${stations.length} trạm`,
        en: `Site ${place.name} down, all ${stations.length} stations`,
      };
      return { kind: 'siteDown', anchor: `site:${site}`, title, place, owner: soleOwner(members) };
    }
    if (down.size === 0) {
      const title = { vi: `${place.name}: ${worst.alarm.text.vi}`, en: `${place.name}: ${worst.alarm.text.en}` };
      const kind = power.length > 0 ? 'powerFailure' : 'single';
      return { kind, anchor: `site:${site}`, title, place, owner: soleOwner(members) };
    }
    return {
      kind: 'operatorsDown',
      anchor: `site:${site}`,
      title: operatorsTitle(down, place.name, place.name),
      place,
      owner: soleOwner(members),
    };
  }
  const commune = mostOf(members);
  const codes = new Set(members.flatMap(({ place }) => place.communeCode ?? []));
  const where = whereOf(commune, codes.size);
  return {
    kind: 'operatorsDown',
    anchor: `commune:${commune}:down`,
    title: operatorsTitle(down.size > 0 ? down : devicesOf(members), where.vi, where.en),
    place: { kind: 'commune', id: commune, name: communeName(commune) },
    owner: soleOwner(members),
  };
}

function singleSubject(members: readonly Member[], device: RegisteredDevice | null): Subject {
  const lost = members.find(({ alarm }) => alarm.type === 'connectivityLost');
  const shown = lost ?? worstOf(members) ?? members[0];
  if (shown === undefined) throw new Error('an incident without an alarm cannot be portrayed');
  const { alarm } = shown;
  const name = device?.name ?? alarm.resource.name;
  const title =
    lost === undefined
      ? { vi: `${name}: ${alarm.text.vi}`, en: `${name}: ${alarm.text.en}` }
      : { vi: `${name} mất kết nối`, en: `${name} down` };
  const kind = alarm.resource.kind;
  return {
    kind: 'single',
    anchor: anchorOf(alarm, shown.place),
    title,
    place: { kind, id: alarm.resource.id, name },
    owner: device?.owner ?? alarm.owner,
  };
}

function powerSubject(
  members: readonly Member[],
  power: readonly Member[],
  sites: number,
  world: PortraitWorld,
): Subject {
  const feed = only(power.map(({ place }) => place.feedId));
  const commune = mostOf(members);
  const codes = new Set(members.flatMap(({ place }) => place.communeCode ?? []));
  const where = whereOf(commune, codes.size);
  const place: Incident['place'] =
    feed === null
      ? { kind: 'commune', id: commune, name: communeName(commune) }
      : { kind: 'feed', id: feed, name: world.register.feeds.get(feed)?.name ?? feed };
  return {
    kind: 'powerFailure',
    anchor: feed === null ? `commune:${commune}:power` : `feed:${feed}`,
    title: {
      vi: `Mất điện ${sites} vị trí ${feed === null ? `tại ${where.vi}` : `trên ${place.name}`}`,
      en: `Power failure at ${sites} sites ${feed === null ? `in ${where.en}` : `on ${place.name}`}`,
    },
    place,
    owner: soleOwner(members),
  };
}

function operatorsTitle(devices: ReadonlySet<RegisteredDevice>, vi: string, en: string): LocalizedText {
  const stations = [...devices].filter(({ deviceClass }) => deviceClass === 'bts');
  const operators = new Set(stations.map(({ owner }) => owner));
  if (stations.length < devices.size) {
    return { vi: `${devices.size} thiết bị mất kết nối tại ${vi}`, en: `${devices.size} devices down in ${en}` };
  }
  const [first] = operators;
  return operators.size === 1
    ? {
        vi: `${stations.length} trạm ${first ?? ''} mất kết nối tại ${vi}`,
        en: `${stations.length} stations of ${first ?? ''} down in ${en}`,
      }
    : {
        vi: `${operators.size} nhà mạng mất ${stations.length} trạm tại ${vi}`,
        en: `${stations.length} stations of ${operators.size} operators down in ${en}`,
      };
}

/** What people do about is as bad as the worst that is no symptom; what suppresses everything leaves it as it is. */
function severityOf(members: readonly Member[]): Severity {
  const own = members.filter(({ alarm, underHub }) => !underHub && alarm.suppression !== 'maintenance');
  const counted = new Set((own.length > 0 ? own : members).map(({ alarm }) => alarm.severity));
  return SEVERITIES.find((severity) => counted.has(severity)) ?? 'warning';
}

function impactOf(
  members: readonly Member[],
  kind: IncidentKind,
  severity: Severity,
  communeCodes: readonly string[],
  world: PortraitWorld,
): Impact {
  if (kind === 'communeIsolated') return 'isolated';
  if (kind === 'communeNearlyIsolated') return 'nearlyIsolated';
  const serves = members.some(
    ({ place }) =>
      place.family === 'hub' ||
      (place.family === 'down' && (place.device?.deviceClass === 'bts' || place.device?.deviceClass === 'link')),
  );
  if (!serves) return 'none';
  const around = new Set(communeCodes.map((code) => world.impactOf(code)));
  const cutOff = IMPACTS.find((impact) => around.has(impact));
  if (cutOff === 'isolated' || cutOff === 'nearlyIsolated') return cutOff;
  if (severity !== 'critical') return severity === 'major' ? 'major' : 'minor';
  return kind === 'single' && soleClass(members) === 'link' ? 'major' : 'critical';
}

function countsOf(members: readonly Member[], subject: Subject, world: PortraitWorld): Incident['counts'] {
  const devices = new Set(members.flatMap(({ alarm }) => alarm.deviceId ?? []));
  for (const hubId of hubsOf(members)) for (const { id } of devicesBehind(hubId, world.register)) devices.add(id);
  if (subject.kind === 'gatewaySilent') {
    for (const { id } of world.register.devicesByGateway.get(subject.place.id) ?? []) devices.add(id);
  }
  // Their alarms may be symptoms of a hub, in its incident; cut off they are here.
  if (isCutOff(subject.kind)) for (const { id } of servingDevices(subject.place.id, world.register)) devices.add(id);
  let down = 0;
  for (const id of devices) if (world.stateOf(id).lastKnown === 'down') down += 1;
  const under = members.filter(({ underHub }) => underHub).length;
  const symptoms = subject.kind === 'siteDown' ? members.length - 1 : under;
  return { alarms: members.length, symptoms, devices: devices.size, devicesDown: down };
}

/** Stations and links: what connects a commune. */
export function servingDevices(communeCode: string, register: Register): readonly RegisteredDevice[] {
  const devices = register.devicesByCommune.get(communeCode) ?? [];
  return devices.filter(({ deviceClass }) => deviceClass === 'bts' || deviceClass === 'link');
}

/** It is about a commune that is isolated, or nearly. */
export function isCutOff(kind: IncidentKind): boolean {
  return kind === 'communeIsolated' || kind === 'communeNearlyIsolated';
}

/** Where most of it is; what is everywhere is nowhere. */
function mainCommune(kind: IncidentKind, communeCodes: readonly string[]): string | null {
  const nowhere = kind === 'gatewaySilent' || (kind === 'meeting' && communeCodes.length > 1);
  return nowhere ? null : (communeCodes[0] ?? null);
}

function communesOf(members: readonly Member[], subject: Subject, world: PortraitWorld): readonly string[] {
  if (subject.kind === 'gatewaySilent') return [];
  const counts = new Map<string, number>();
  const count = (code: string | null) => code !== null && counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const { place } of members) count(place.communeCode);
  for (const hubId of hubsOf(members)) {
    for (const { id, communeCode } of devicesBehind(hubId, world.register))
      if (world.stateOf(id).lastKnown === 'down') count(communeCode);
  }
  const byCount = [...counts].sort(([a, of], [b, other]) => other - of || a.localeCompare(b)).map(([code]) => code);
  if (subject.place.kind !== 'commune') return byCount;
  return [subject.place.id, ...byCount.filter((code) => code !== subject.place.id)];
}

export function hubsOf(members: readonly Member[]): readonly string[] {
  return members.filter(({ place }) => place.family === 'hub').map(({ alarm }) => alarm.resource.id);
}

/** The hubs that are no symptoms of one above them, first gone first; while every one is, all of them. */
export function rootHubsOf(members: readonly Member[]): readonly Member[] {
  const hubs = members.filter(({ place }) => place.family === 'hub');
  const roots = hubs.filter(({ underHub }) => !underHub);
  return (roots.length > 0 ? roots : hubs.slice(0, 1)).toSorted(
    (a, b) => a.alarm.beganAtMs - b.alarm.beganAtMs || a.alarm.id - b.alarm.id,
  );
}

function worstOf(members: readonly Member[]): Member | null {
  const rank = ({ alarm }: Member) => SEVERITIES.indexOf(alarm.severity);
  return members.toSorted((a, b) => rank(a) - rank(b) || a.alarm.beganAtMs - b.alarm.beganAtMs)[0] ?? null;
}

function devicesOf(members: readonly Member[]): ReadonlySet<RegisteredDevice> {
  return new Set(members.flatMap(({ place }) => place.device ?? []));
}

function soleDevice(members: readonly Member[]): RegisteredDevice | null {
  const device = members[0]?.place.device ?? null;
  return device !== null && members.every(({ place }) => place.device?.id === device.id) ? device : null;
}

function soleOwner(members: readonly Member[]): string | null {
  return only(members.map(({ place, alarm }) => place.device?.owner ?? alarm.owner));
}

function soleClass(members: readonly Member[]) {
  return only(members.map(({ place }) => place.device?.deviceClass ?? null));
}

function only<T>(values: readonly (T | null)[]): T | null {
  const [first = null] = values;
  return first !== null && values.every((value) => value === first) ? first : null;
}

/** The commune with most of its alarms. */
function mostOf(members: readonly Member[]): string {
  const counts = new Map<string, number>();
  for (const { place } of members)
    if (place.communeCode !== null) counts.set(place.communeCode, (counts.get(place.communeCode) ?? 0) + 1);
  return [...counts].sort(([a, of], [b, other]) => other - of || a.localeCompare(b))[0]?.[0] ?? '';
}

function whereOf(commune: string, communes: number): LocalizedText {
  const name = communeName(commune);
  if (communes <= 1) return { vi: name, en: name };
  return { vi: `${name} và ${communes - 1} xã lân cận`, en: `${name} and ${communes - 1} communes nearby` };
}

function communeName(code: string): string {
  return COMMUNE_BY_CODE.get(code)?.name ?? code;
}

function placed<K extends Incident['place']['kind']>(
  kind: K,
  { id, name }: AlarmRecord['resource'] | { id: string; name: string },
) {
  return { kind, id, name };
}

function isBasis(value: unknown): value is OutageBasis {
  return value === 'said' || value === 'inferred';
}
