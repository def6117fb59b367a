import type { AlarmOutcome, AlarmRecord } from '../alarms/alarm.js';
import type { KnownConnectivity } from '../connectivity/device-state.js';
import type { Register } from '../devices/registered-device.js';
import { adjoin, shareFormerDistrict } from './adjoining-communes.js';
import { anchorOf, isOfMeeting, isWork, placeOf, type AlarmFamily, type AlarmPlace } from './alarm-place.js';
import { canSpread, IncidentDraft, tagsOf, type GroupedIncident, type Member } from './incident-draft.js';
import { BEFORE_HUB_MS, goneTogether } from './hub-losses.js';
import { isOpen } from './incident-record.js';

/** Failures that began within this of one another, in one commune or in adjoining ones of one former district, are one. */
export const TOGETHER_MS = 15 * 60_000;
export const MOST_COMMUNES = 15;
/** A failing feed takes its sites one after the other, as their batteries and reports allow. */
export const SAME_FEED_MS = 60 * 60_000;
/** How long what hangs on a hub may take to return after it, before it is judged as a failure of its own. */
export const SETTLE_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 60_000;

export interface GroupingWorld {
  readonly register: Register;
  readonly nowMs: number;
  /** How long after its end an incident is reopened when what raised it comes back. */
  readonly reopenWithinMs: number;
  lastKnown(deviceId: string): KnownConnectivity;
}

/** A regrouping that waits for a person. */
export interface ProposedGrouping {
  readonly draft: IncidentDraft;
  readonly kind: 'addAlarms' | 'mergeInto';
  readonly other: IncidentDraft;
  readonly alarmIds: readonly number[];
}

/** What has been grouped, and what is only proposed. */
export interface Grouped {
  /** Those that changed, new ones among them. */
  readonly drafts: readonly IncidentDraft[];
  readonly proposals: readonly ProposedGrouping[];
}

const FAMILY_ORDER: Readonly<Record<AlarmFamily, number>> = {
  hub: 0,
  gateway: 1,
  isolation: 2,
  power: 3,
  down: 4,
  flood: 5,
  meeting: 6,
  other: 7,
};

/**
 * Groups alarms into incidents by cause and place. Topology first: what hangs on a failed hub is a symptom of it, whoever
 * has the hub's incident; so is what stands on one site, or in an isolated commune. Then what only seems to belong together:
 * one feed, one commune and time, adjoining communes. Into an incident that a person has, or whose cause a person named,
 * that is proposed and not done.
 */
export class Grouping {
  readonly #drafts = new Map<string, IncidentDraft>();
  readonly #byTag = new Map<string, Set<IncidentDraft>>();
  readonly #byAnchor = new Map<string, IncidentDraft>();
  readonly #resolved = new Map<string, GroupedIncident>();
  /** Where alarms are that this judgement placed or took away; all others are where they were. */
  readonly #placed = new Map<number, IncidentDraft | null>();
  readonly #proposals = new Map<
    string,
    { draft: IncidentDraft; kind: ProposedGrouping['kind']; other: IncidentDraft; alarmIds: Set<number> }
  >();
  readonly #world: GroupingWorld;
  #made = 0;

  constructor(incidents: Iterable<GroupedIncident>, world: GroupingWorld) {
    this.#world = world;
    for (const incident of incidents) {
      const { record } = incident;
      if (!isOpen(record)) {
        const other = this.#resolved.get(record.anchor)?.record.resolvedAtMs ?? 0;
        if ((record.resolvedAtMs ?? 0) >= other) this.#resolved.set(record.anchor, incident);
        if (incident.members.size > 0) this.#draftOf(incident);
        continue;
      }
      this.#draftOf(incident);
    }
  }

  /** Groups what a judgement made of the alarms. */
  take({ raised, changed, cleared }: AlarmOutcome): void {
    const over = new Set(cleared.map(({ id }) => id));
    const inOrder = raised
      .filter(({ id }) => !over.has(id))
      .map((alarm) => ({ alarm, place: this.#placeOf(alarm) }))
      .sort(
        (a, b) => FAMILY_ORDER[a.place.family] - FAMILY_ORDER[b.place.family] || a.alarm.beganAtMs - b.alarm.beganAtMs,
      );
    for (const { alarm, place } of inOrder) if (isWork(alarm)) this.#settle(alarm, place, alarm.beganAtMs);
    for (const { before, after } of changed) if (!over.has(after.id)) this.#change(before, after);
    for (const alarm of cleared) this.#clear(alarm);
  }

  /** Judges again what hung on hubs that returned, and did not return with them. */
  judgeAgain(): void {
    const { nowMs } = this.#world;
    for (const draft of [...this.#drafts.values()]) {
      if (!draft.open || draft.judgeAgainAtMs === null || draft.judgeAgainAtMs > nowMs) continue;
      const returnedAtMs = draft.judgeAgainAtMs - SETTLE_MS;
      draft.judgeAgainAtMs = null;
      draft.touched = true;
      const left = [...draft.members.values()]
        .filter(({ underHub, place, alarm }) => underHub && !this.#hubStillDown(alarm, place))
        .sort((a, b) => FAMILY_ORDER[a.place.family] - FAMILY_ORDER[b.place.family]);
      for (const { alarm, place } of left) {
        if (alarm.deviceId !== null && this.#world.lastKnown(alarm.deviceId) === 'up') {
          // It is back, and its alarm ends when it has been back for long enough.
          draft.judgeAgainAtMs = nowMs + LOOK_AGAIN_MS;
          continue;
        }
        this.#remove(draft, alarm.id);
        draft.left.push(alarm);
        this.#settle(alarm, place, Math.max(returnedAtMs, alarm.beganAtMs));
      }
    }
  }

  /** Takes what stands in no incident and is work: after a restart, or when a person freed it. */
  adopt(alarms: Iterable<AlarmRecord>): void {
    for (const alarm of alarms) {
      if (this.#homeOf(alarm) === null && isWork(alarm)) this.#settle(alarm, this.#placeOf(alarm), alarm.beganAtMs);
    }
  }

  /** Marks incidents whose picture may differ although none of their alarms changed. */
  touchHub(hubId: string): void {
    for (const draft of this.#byTag.get(`hub:${hubId}`) ?? []) draft.touched = true;
  }

  touchCommune(code: string): void {
    for (const draft of this.#byTag.get(`isolation:${code}`) ?? []) draft.touched = true;
  }

  /** The open incident that holds the alarm on a hub; null: the hub is not down. */
  homeOfHub(hubId: string): IncidentDraft | null {
    return this.#withTag(`hub:${hubId}`);
  }

  result(): Grouped {
    return {
      drafts: [...this.#drafts.values()].filter(({ touched }) => touched),
      proposals: [...this.#proposals.values()].map(({ alarmIds, ...rest }) => ({ ...rest, alarmIds: [...alarmIds] })),
    };
  }

  #change(before: AlarmRecord, after: AlarmRecord): void {
    const draft = this.#homeOf(after);
    if (draft === null) {
      if (isWork(after)) this.#settle(after, this.#placeOf(after), after.beganAtMs);
      return;
    }
    if (isOfMeeting(after) && this.#settleAnew(draft, after)) return;
    if (draft.beganAtMs === before.beganAtMs) draft.beganAtMs = after.beganAtMs;
    draft.replace(after);
    draft.touched = true;
  }

  /** An endpoint that is heard again is no symptom of a hub any more; one that is lost with a hub becomes one. */
  #settleAnew(draft: IncidentDraft, alarm: AlarmRecord): boolean {
    const place = this.#placeOf(alarm);
    const underHub = draft.members.get(alarm.id)?.underHub === true;
    const hub =
      place.family === 'down' && place.hubId !== null ? this.#coveringHub(place.hubId, alarm.beganAtMs) : null;
    const moves = underHub ? place.family === 'meeting' : hub !== null && hub !== draft && !draft.protected;
    if (!moves) return false;
    this.#remove(draft, alarm.id);
    draft.left.push(alarm);
    this.#settle(alarm, place, alarm.beganAtMs);
    return true;
  }

  #clear(alarm: AlarmRecord): void {
    const draft = this.#homeOf(alarm);
    if (draft === null) return;
    const member = draft.members.get(alarm.id);
    this.#remove(draft, alarm.id);
    draft.cleared.push(alarm);
    if (member?.place.family !== 'hub') return;
    const waiting = [...draft.members.values()].some(({ underHub }) => underHub);
    if (waiting) draft.judgeAgainAtMs = this.#world.nowMs + SETTLE_MS;
  }

  /** Finds a home for an alarm, or opens an incident for it. */
  #settle(alarm: AlarmRecord, place: AlarmPlace, sinceMs: number): void {
    const certain = this.#certainHome(alarm, place, sinceMs);
    if (certain !== null) {
      this.#add(certain.draft, alarm, place, certain.underHub);
      if (sinceMs < certain.draft.beganAtMs) certain.draft.beganAtMs = sinceMs;
    } else {
      const likely = this.#likelyHomes(place, sinceMs);
      const free = likely.find((draft) => !draft.protected);
      const home = free ?? this.#reopened(alarm, place) ?? this.#open(anchorOf(alarm, place), sinceMs);
      this.#add(home, alarm, place, false);
      if (sinceMs < home.beganAtMs) home.beganAtMs = sinceMs;
      const held = likely.find((draft) => draft.protected && draft !== home);
      if (held !== undefined && free === undefined) this.#propose(held, 'addAlarms', home, [alarm.id]);
    }
    const home = this.#homeOf(alarm);
    if (home === null) return;
    if (place.family === 'hub') {
      this.#gatherUnderHub(home, alarm);
      this.#foldSiblings(alarm);
    }
    if (place.family === 'isolation') this.#gatherIsolated(home, alarm);
  }

  /** Where it belongs by what it is and what it hangs on; nobody's hands are in the way of that. */
  #certainHome(
    alarm: AlarmRecord,
    place: AlarmPlace,
    sinceMs: number,
  ): { readonly draft: IncidentDraft; readonly underHub: boolean } | null {
    if (place.family === 'hub') {
      const above = this.#downUpstream(alarm.resource.id);
      if (above !== null) return { draft: above, underHub: true };
    }
    if (place.family === 'down' && place.hubId !== null) {
      const hub = this.#coveringHub(place.hubId, sinceMs);
      if (hub !== null) return { draft: hub, underHub: true };
    }
    const anchored = this.#byAnchor.get(anchorOf(alarm, place));
    if (anchored !== undefined && anchored.open) return { draft: anchored, underHub: false };
    if (isOfMeeting(alarm)) return null;
    const tags: string[] = [];
    if (alarm.deviceId !== null) tags.push(`device:${alarm.deviceId}`);
    if (place.family === 'isolation') tags.push(`isolation:${alarm.resource.id}`);
    if (place.family === 'down' && canSpread(place) && place.communeCode !== null)
      tags.push(`isolation:${place.communeCode}`);
    if (place.family === 'down' && place.siteId !== null) tags.push(`site:${place.siteId}`);
    for (const tag of tags) {
      const draft = this.#withTag(tag);
      if (draft !== null) return { draft, underHub: false };
    }
    return null;
  }

  /** Where it seems to belong, most likely first. */
  #likelyHomes(place: AlarmPlace, sinceMs: number): readonly IncidentDraft[] {
    const { family, feedId, waters, communeCode } = place;
    if (family === 'flood') return waters === null ? [] : [...(this.#byTag.get(waters) ?? [])];
    if (!canSpread(place) || communeCode === null) return [];
    const onFeed = feedId === null ? [] : [...(this.#byTag.get(`feed:${feedId}`) ?? [])];
    const likely = onFeed.filter(({ latestBeganAtMs }) => Math.abs(sinceMs - latestBeganAtMs) <= SAME_FEED_MS);
    const near: IncidentDraft[] = [];
    for (const draft of this.#drafts.values()) {
      if (!draft.open || Math.abs(sinceMs - draft.beganAtMs) > TOGETHER_MS || likely.includes(draft)) continue;
      if (!draft.spreads(family) || draft.anchored) continue;
      const { communes } = draft;
      if (communes.has(communeCode)) likely.push(draft);
      else if (communes.size < MOST_COMMUNES && isNear(communes, communeCode)) near.push(draft);
    }
    return [...likely, ...near];
  }

  /** The incident that it raised a while ago, when it is the same again. */
  #reopened(alarm: AlarmRecord, place: AlarmPlace): IncidentDraft | null {
    const anchors = [anchorOf(alarm, place)];
    if (place.family === 'power' && place.feedId !== null) anchors.push(`feed:${place.feedId}`);
    const { nowMs, reopenWithinMs } = this.#world;
    for (const anchor of anchors) {
      const incident = this.#resolved.get(anchor);
      if (incident === undefined || nowMs - (incident.record.resolvedAtMs ?? 0) > reopenWithinMs) continue;
      const draft = this.#draftOf(incident);
      draft.reopened = true;
      draft.touched = true;
      this.#byAnchor.set(anchor, draft);
      this.#tag(draft, draft.tags.keys());
      return draft;
    }
    return null;
  }

  #open(anchor: string, beganAtMs: number): IncidentDraft {
    this.#made += 1;
    const draft = IncidentDraft.fresh(`new:${this.#made}`, anchor, beganAtMs);
    draft.touched = true;
    this.#drafts.set(draft.ref, draft);
    this.#byAnchor.set(anchor, draft);
    return draft;
  }

  /** What went down with the hub, or just before it was known, is its symptom from now on. */
  #gatherUnderHub(home: IncidentDraft, hub: AlarmRecord): void {
    for (const draft of [...this.#drafts.values()]) {
      if (draft === home || !draft.open) continue;
      const below = [...draft.members.values()].filter((member) => this.#isBelow(member, hub, home));
      if (below.length === 0) continue;
      // Of a meeting that somebody has nothing is taken, and it is never merged into a hub's.
      if (draft.protected && below.every(({ alarm, underHub }) => isOfMeeting(alarm) && !underHub)) continue;
      // What hung on an upstream hangs on this hub as surely; the rest is regrouped only where nobody's hands are on it.
      const free = draft.protected ? below.filter(({ underHub }) => underHub) : below;
      const others = below.filter((member) => !free.includes(member)).map(({ alarm }) => alarm.id);
      if (others.length > 0) this.#propose(draft, 'mergeInto', home, others);
      this.#move(
        draft,
        home,
        free.map((member) => ({ ...member, underHub: true })),
      );
    }
    // What waited in the same incident for its parent hangs on it again.
    home.judgeAgainAtMs = null;
  }

  /** Hubs of one upstream that went at about the same time: what is above them is the likelier cause. One incident of it. */
  #foldSiblings(hub: AlarmRecord): void {
    const open = [...this.#drafts.values()].filter((draft) => draft.open);
    const together = goneTogether(hub, open, this.#world.register);
    const home = together.find((draft) => !draft.protected);
    if (home === undefined) return;
    for (const draft of together) {
      if (draft === home) continue;
      const members = [...draft.members.values()];
      const ids = members.map(({ alarm }) => alarm.id);
      if (draft.protected) this.#propose(draft, 'mergeInto', home, ids);
      else {
        home.beganAtMs = Math.min(home.beganAtMs, draft.beganAtMs);
        this.#move(draft, home, members);
      }
    }
  }

  #isBelow({ alarm, place }: Member, hub: AlarmRecord, home: IncidentDraft): boolean {
    if (alarm.beganAtMs < hub.beganAtMs - BEFORE_HUB_MS) return false;
    if (place.family === 'down') return place.hubId === hub.resource.id;
    return place.family === 'hub' && this.#downUpstream(alarm.resource.id) === home;
  }

  /** Nobody can be reached there: what failed in the commune, and has no cause elsewhere, is one story. */
  #gatherIsolated(home: IncidentDraft, isolation: AlarmRecord): void {
    for (const draft of [...this.#drafts.values()]) {
      if (draft === home || !draft.open || draft.anchored) continue;
      const members = [...draft.members.values()];
      const here = members.every(({ place }) => place.family === 'down' && place.communeCode === isolation.resource.id);
      if (!here || members.length === 0) continue;
      if (draft.protected)
        this.#propose(
          draft,
          'mergeInto',
          home,
          members.map(({ alarm }) => alarm.id),
        );
      else this.#move(draft, home, members);
    }
  }

  #move(from: IncidentDraft, to: IncidentDraft, members: readonly Member[]): void {
    for (const { alarm, place, underHub } of members) {
      this.#remove(from, alarm.id);
      from.left.push(alarm);
      this.#add(to, alarm, place, underHub);
      if (place.family === 'hub')
        for (const below of [...from.members.values()].filter((member) => member.underHub)) {
          this.#remove(from, below.alarm.id);
          from.left.push(below.alarm);
          this.#add(to, below.alarm, below.place, true);
        }
    }
    if (members.length > 0 && from.members.size === 0) from.mergedInto = to;
  }

  #propose(
    draft: IncidentDraft,
    kind: ProposedGrouping['kind'],
    other: IncidentDraft,
    alarmIds: readonly number[],
  ): void {
    const key = `${draft.ref} ${kind} ${other.ref}`;
    const known = this.#proposals.get(key);
    if (known === undefined) this.#proposals.set(key, { draft, kind, other, alarmIds: new Set(alarmIds) });
    else for (const id of alarmIds) known.alarmIds.add(id);
    draft.touched = true;
  }

  #coveringHub(hubId: string, sinceMs: number): IncidentDraft | null {
    const draft = this.#withTag(`hub:${hubId}`);
    const hub = draft?.hubAlarm(hubId) ?? null;
    return draft !== null && hub !== null && sinceMs >= hub.beganAtMs - BEFORE_HUB_MS ? draft : null;
  }

  /** The incident of the first of a hub's upstreams, when all of them are down. */
  #downUpstream(hubId: string): IncidentDraft | null {
    const upstreams = this.#world.register.hubs.get(hubId)?.upstreamIds ?? [];
    const drafts = upstreams.map((id) => this.#withTag(`hub:${id}`));
    return drafts.length > 0 && drafts.every((draft) => draft !== null) ? (drafts[0] ?? null) : null;
  }

  #hubStillDown(alarm: AlarmRecord, place: AlarmPlace): boolean {
    if (place.family === 'hub') return this.#downUpstream(alarm.resource.id) !== null;
    return place.hubId !== null && this.#withTag(`hub:${place.hubId}`) !== null;
  }

  #withTag(tag: string): IncidentDraft | null {
    for (const draft of this.#byTag.get(tag) ?? []) if (draft.open) return draft;
    return null;
  }

  #draftOf(incident: GroupedIncident): IncidentDraft {
    const ref = String(incident.record.id);
    const known = this.#drafts.get(ref);
    if (known !== undefined) return known;
    const draft = IncidentDraft.of(incident, this.#world.register);
    this.#drafts.set(ref, draft);
    if (!draft.open) return draft;
    this.#tag(draft, draft.tags.keys());
    this.#byAnchor.set(draft.anchor, draft);
    return draft;
  }

  /** The incident that an alarm is in by now; null: none. */
  #homeOf({ id, incidentId }: AlarmRecord): IncidentDraft | null {
    const placed = this.#placed.get(id);
    if (placed !== undefined) return placed;
    const draft = incidentId === null ? undefined : this.#drafts.get(String(incidentId));
    return draft?.members.has(id) === true ? draft : null;
  }

  #add(draft: IncidentDraft, alarm: AlarmRecord, place: AlarmPlace, underHub: boolean): void {
    const member = { alarm, place, underHub };
    draft.add(member);
    draft.joined.push(alarm);
    draft.touched = true;
    this.#placed.set(alarm.id, draft);
    this.#tag(draft, tagsOf(member));
  }

  #remove(draft: IncidentDraft, alarmId: number): void {
    const member = draft.remove(alarmId);
    if (member === null) return;
    draft.touched = true;
    this.#placed.set(alarmId, null);
    for (const tag of tagsOf(member)) if (!draft.tags.has(tag)) this.#byTag.get(tag)?.delete(draft);
  }

  #tag(draft: IncidentDraft, tags: Iterable<string>): void {
    for (const tag of tags) {
      const drafts = this.#byTag.get(tag);
      if (drafts === undefined) this.#byTag.set(tag, new Set([draft]));
      else drafts.add(draft);
    }
  }

  #placeOf(alarm: AlarmRecord): AlarmPlace {
    return placeOf(alarm, this.#world.register);
  }
}

function isNear(communes: ReadonlyMap<string, number>, code: string): boolean {
  for (const other of communes.keys()) if (adjoin(other, code) && shareFormerDistrict(other, code)) return true;
  return false;
}
