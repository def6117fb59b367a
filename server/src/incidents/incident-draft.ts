import type { AlarmRecord } from '../alarms/alarm.js';
import type { Register } from '../devices/registered-device.js';
import { isOfMeeting, placeOf, type AlarmFamily, type AlarmPlace } from './alarm-place.js';
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

/** What the alarms of an incident say together. */
interface Standing {
  readonly members: Map<number, Member>;
  /** What others may join it by (`tagsOf`), and how many of its alarms say so. */
  readonly tags: Map<string, number>;
  readonly communes: Map<string, number>;
  readonly spreading: Map<AlarmFamily, number>;
  /** The alarms on hubs, by hub. */
  readonly hubs: Map<string, AlarmRecord>;
  anchors: number;
  latestBeganAtMs: number;
}

/** An incident while a judgement's alarms are grouped. */
export class IncidentDraft {
  readonly joined: AlarmRecord[] = [];
  readonly left: AlarmRecord[] = [];
  readonly cleared: AlarmRecord[] = [];
  touched = false;
  reopened = false;
  mergedInto: IncidentDraft | null = null;
  judgeAgainAtMs: number | null;
  beganAtMs: number;
  #standing: Standing;
  /** What stands is others' too until something of it changes. */
  #shared: boolean;

  /** @param ref the id, or `new:…` of one that is not written yet */
  private constructor(
    readonly ref: string,
    readonly anchor: string,
    readonly before: GroupedIncident | null,
    standing: Standing | null,
    beganAtMs: number,
  ) {
    this.beganAtMs = beganAtMs;
    this.judgeAgainAtMs = before?.record.judgeAgainAtMs ?? null;
    this.#shared = standing !== null;
    this.#standing = standing ?? nothing(beganAtMs);
  }

  /** Of an incident as it is kept, with all of its alarms. */
  static of(before: GroupedIncident, register: Register): IncidentDraft {
    const { id, anchor, beganAtMs } = before.record;
    return new IncidentDraft(String(id), anchor, before, standingOf(before, register), beganAtMs);
  }

  /** Of one that is to be, without an alarm as yet. */
  static fresh(ref: string, anchor: string, beganAtMs: number): IncidentDraft {
    return new IncidentDraft(ref, anchor, null, null, beganAtMs);
  }

  get members(): ReadonlyMap<number, Member> {
    return this.#standing.members;
  }

  /** What others may join it by, and how many of its alarms say so. */
  get tags(): ReadonlyMap<string, number> {
    return this.#standing.tags;
  }

  get latestBeganAtMs(): number {
    return this.#standing.latestBeganAtMs;
  }

  /** Still somebody's work: alarms may join it. */
  get open(): boolean {
    if (this.mergedInto !== null) return false;
    return this.before === null || this.reopened || isOpen(this.before.record);
  }

  get protected(): boolean {
    return this.before !== null && isProtected(this.before.record);
  }

  /** It is about a hub, an isolated commune, a gateway, a river or a meeting, and nothing joins it for being near. */
  get anchored(): boolean {
    return this.#standing.anchors > 0;
  }

  get communes(): ReadonlyMap<string, number> {
    return this.#standing.communes;
  }

  /** Whether one of its alarms is a station's or a link's of that family: such failures spread. */
  spreads(family: AlarmFamily): boolean {
    return (this.#standing.spreading.get(family) ?? 0) > 0;
  }

  add(member: Member): void {
    addMember(this.#own(), member);
  }

  remove(alarmId: number): Member | null {
    const member = this.members.get(alarmId);
    if (member === undefined) return null;
    const standing = this.#own();
    standing.members.delete(alarmId);
    count(standing, member, -1);
    return member;
  }

  /** The same alarm, changed; it is where it was. */
  replace(alarm: AlarmRecord): void {
    const member = this.members.get(alarm.id);
    if (member === undefined) return;
    const { members, hubs } = this.#own();
    members.set(alarm.id, { ...member, alarm });
    if (member.place.family === 'hub') hubs.set(alarm.resource.id, alarm);
  }

  hubAlarm(hubId: string): AlarmRecord | null {
    return this.#standing.hubs.get(hubId) ?? null;
  }

  /** The alarms on hubs that are no symptoms of a hub above them. */
  rootHubs(): readonly AlarmRecord[] {
    const { hubs, members } = this.#standing;
    return [...hubs.values()].filter(({ id }) => members.get(id)?.underHub === false);
  }

  #own(): Standing {
    if (!this.#shared) return this.#standing;
    const { members, tags, communes, spreading, hubs, ...figures } = this.#standing;
    this.#shared = false;
    this.#standing = {
      members: new Map(members),
      tags: new Map(tags),
      communes: new Map(communes),
      spreading: new Map(spreading),
      hubs: new Map(hubs),
      ...figures,
    };
    return this.#standing;
  }
}

/** By the alarms that the incidents' book holds: most incidents are as they were at the judgement before. */
const KNOWN = new WeakMap<
  GroupedIncident['members'],
  { readonly register: Register; readonly kind: string; readonly beganAtMs: number; readonly standing: Standing }
>();

function standingOf({ record, members }: GroupedIncident, register: Register): Standing {
  const { kind, beganAtMs } = record;
  const known = KNOWN.get(members);
  if (known?.register === register && known.kind === kind && known.beganAtMs === beganAtMs) return known.standing;
  const standing = nothing(beganAtMs);
  for (const alarm of members.values()) addMember(standing, memberOf(alarm, record, register));
  KNOWN.set(members, { register, kind, beganAtMs, standing });
  return standing;
}

function nothing(beganAtMs: number): Standing {
  return {
    members: new Map(),
    tags: new Map(),
    communes: new Map(),
    spreading: new Map(),
    hubs: new Map(),
    anchors: 0,
    latestBeganAtMs: beganAtMs,
  };
}

function addMember(standing: Standing, member: Member): void {
  standing.members.set(member.alarm.id, member);
  standing.latestBeganAtMs = Math.max(standing.latestBeganAtMs, member.alarm.beganAtMs);
  count(standing, member, 1);
}

function count(standing: Standing, member: Member, by: 1 | -1): void {
  const { alarm, place, underHub } = member;
  if (place.family === 'hub') {
    if (by > 0) standing.hubs.set(alarm.resource.id, alarm);
    else standing.hubs.delete(alarm.resource.id);
  }
  if (underHub || isOfMeeting(alarm) || ANCHORING.has(place.family)) standing.anchors += by;
  if (place.communeCode !== null) addTo(standing.communes, place.communeCode, by);
  if (canSpread(place)) addTo(standing.spreading, place.family, by);
  for (const tag of tagsOf(member)) addTo(standing.tags, tag, by);
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
function memberOf(alarm: AlarmRecord, { kind }: IncidentRecord, register: Register): Member {
  const underHub = alarm.suppression === 'symptom' && kind === 'hubDown';
  return { alarm, place: placeOf(alarm, register), underHub };
}

/** What others may join a member by. What hangs on a failed hub says nothing of its own; a meeting is joined by its anchor alone. */
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
  if (underHub || isOfMeeting(alarm)) return [];
  const tags: string[] = [];
  if (alarm.deviceId !== null) tags.push(`device:${alarm.deviceId}`);
  if (place.family === 'down' && place.siteId !== null) tags.push(`site:${place.siteId}`);
  if (place.family === 'power' && place.feedId !== null) tags.push(`feed:${place.feedId}`);
  if (place.waters !== null) tags.push(place.waters);
  return tags;
}
