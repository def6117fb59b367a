import type { AlarmRecord } from '../alarms/alarm.js';
import type { Register } from '../devices/registered-device.js';
import { placeOf, type AlarmFamily, type AlarmPlace } from './alarm-place.js';
import { isOpen, isProtected, type IncidentRecord } from './incident-record.js';

/** An incident with the alarms that it holds; cleared ones have left it. */
export interface GroupedIncident {
  readonly record: IncidentRecord;
  readonly members: ReadonlyMap<number, AlarmRecord>;
}

export interface Member {
  readonly alarm: AlarmRecord;
  readonly place: AlarmPlace;
  /** It hangs on a hub that is down, and tells nobody of its own. */
  readonly underHub: boolean;
}

/** An incident while a judgement's alarms are grouped. */
export class IncidentDraft {
  readonly members = new Map<number, Member>();
  readonly joined: AlarmRecord[] = [];
  readonly left: AlarmRecord[] = [];
  readonly cleared: AlarmRecord[] = [];
  /** What others may join it by (`tagsOf`), and how many of its alarms say so. */
  readonly tags = new Map<string, number>();
  touched = false;
  reopened = false;
  mergedInto: IncidentDraft | null = null;
  judgeAgainAtMs: number | null;
  beganAtMs: number;
  latestBeganAtMs: number;
  readonly #communes = new Map<string, number>();
  readonly #spreading = new Map<AlarmFamily, number>();
  #anchors = 0;

  /** @param ref the id, or `new:…` of one that is not written yet */
  constructor(
    readonly ref: string,
    readonly anchor: string,
    readonly before: GroupedIncident | null,
    beganAtMs: number,
  ) {
    this.beganAtMs = beganAtMs;
    this.latestBeganAtMs = beganAtMs;
    this.judgeAgainAtMs = before?.record.judgeAgainAtMs ?? null;
  }

  /** Still somebody's work: alarms may join it. */
  get open(): boolean {
    if (this.mergedInto !== null) return false;
    return this.before === null || this.reopened || isOpen(this.before.record);
  }

  get protected(): boolean {
    return this.before !== null && isProtected(this.before.record);
  }

  /** It is about a hub, an isolated commune, a gateway or a river, and nothing joins it for being near. */
  get anchored(): boolean {
    return this.#anchors > 0;
  }

  get communes(): ReadonlyMap<string, number> {
    return this.#communes;
  }

  /** Whether one of its alarms is a station's or a link's of that family: such failures spread. */
  spreads(family: AlarmFamily): boolean {
    return (this.#spreading.get(family) ?? 0) > 0;
  }

  add(member: Member): void {
    this.members.set(member.alarm.id, member);
    this.latestBeganAtMs = Math.max(this.latestBeganAtMs, member.alarm.beganAtMs);
    this.#count(member, 1);
  }

  remove(alarmId: number): Member | null {
    const member = this.members.get(alarmId);
    if (member === undefined) return null;
    this.members.delete(alarmId);
    this.#count(member, -1);
    return member;
  }

  hubAlarm(hubId: string): AlarmRecord | null {
    for (const { alarm } of this.members.values())
      if (alarm.type === 'hubDown' && alarm.resource.id === hubId) return alarm;
    return null;
  }

  #count({ place, underHub }: Member, by: 1 | -1): void {
    if (underHub || ANCHORING.has(place.family)) this.#anchors += by;
    if (place.communeCode !== null) addTo(this.#communes, place.communeCode, by);
    if (canSpread(place)) addTo(this.#spreading, place.family, by);
  }
}

const ANCHORING: ReadonlySet<AlarmFamily> = new Set(['hub', 'isolation', 'gateway', 'flood']);

/** Of stations and links: what takes one of them may take its neighbours. */
export function canSpread({ family, device }: AlarmPlace): boolean {
  if (family === 'power') return device !== null;
  return family === 'down' && (device?.deviceClass === 'bts' || device?.deviceClass === 'link');
}

function addTo<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

/** An alarm in an incident. What a hub's incident holds as a symptom hangs on that hub. */
export function memberOf(alarm: AlarmRecord, { kind }: IncidentRecord, register: Register): Member {
  const underHub = alarm.suppression === 'symptom' && kind === 'hubDown';
  return { alarm, place: placeOf(alarm, register), underHub };
}

/** What others may join a member by. What hangs on a failed hub says nothing of its own. */
export function tagsOf({ alarm, place, underHub }: Member): readonly string[] {
  switch (place.family) {
    case 'hub':
      return [`hub:${alarm.resource.id}`];
    case 'isolation':
      return [`isolation:${alarm.resource.id}`];
    case 'gateway':
      return [`gateway:${alarm.resource.id}`];
    default:
      break;
  }
  if (underHub) return [];
  const tags: string[] = [];
  if (alarm.deviceId !== null) tags.push(`device:${alarm.deviceId}`);
  if (place.family === 'down' && place.siteId !== null) tags.push(`site:${place.siteId}`);
  if (place.family === 'power' && place.feedId !== null) tags.push(`feed:${place.feedId}`);
  if (place.family === 'flood' && place.river !== null) tags.push(`river:${place.river}`);
  return tags;
}
