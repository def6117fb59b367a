import type { AlarmRule } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { alarmKey, type AlarmKey } from './alarm.js';
import { batteryOf } from './conditions/battery-time.js';
import type { ReadingRule, RuleSurroundings, Verdict } from './conditions/reading-rule.js';
import { readingRule } from './conditions/reading-rules.js';
import { alarmLevelOf } from './conditions/river-level.js';
import { movedSince } from './conditions/samples.js';
import type { Track } from './conditions/track.js';
import { ofDevice } from './loss-alarm.js';
import type { RuleBook } from './rule-book.js';
import type { Turn } from './turn.js';

/** One rule of one device, with what it remembers. */
interface Entry {
  readonly key: string;
  readonly rule: ReadingRule;
  readonly rests: NonNullable<ReadingRule['rests']> | null;
  readonly alarm: AlarmKey;
  readonly alarmKey: string;
  readonly trackKey: string;
  track: Track | null;
}

interface DeviceRules {
  readonly device: RegisteredDevice;
  readonly book: RuleBook;
  readonly entries: readonly Entry[];
}

/** What is remembered under a rule's key after a judgement; null: nothing is left to remember. */
interface TrackAfter {
  readonly deviceId: string;
  readonly ruleKey: string;
  readonly track: Track | null;
}
/** What a judgement makes of what rules remember. */
export type TracksAfter = ReadonlyMap<string, TrackAfter>;

const NOTHING: TracksAfter = new Map();

/** Judges every live reading by the rules of its device. A reading that changes nothing makes nothing. */
export class ReadingWatch {
  readonly #devices = new Map<string, DeviceRules>();
  readonly #compiled = new WeakMap<AlarmRule, ReadingRule>();
  /** Of before the start, until the device is looked at first. */
  readonly #loaded = new Map<string, Map<string, Track>>();

  load(tracks: readonly { readonly deviceId: string; readonly ruleKey: string; readonly track: Track }[]): void {
    for (const { deviceId, ruleKey, track } of tracks) {
      const ofDevice = this.#loaded.get(deviceId) ?? new Map<string, Track>();
      this.#loaded.set(deviceId, ofDevice.set(ruleKey, track));
    }
  }

  /** Judges the live readings of a judgement's batch. `tracksAre` gets what is remembered, which grows while they are judged. */
  follow(turn: Turn, tracksAre: (tracks: TracksAfter) => void): void {
    const { liveReadings, changes } = turn.judgement;
    if (liveReadings.length === 0 && changes.length === 0) return;
    const after = new Map<string, TrackAfter>();
    tracksAre(after);
    const around = this.around(turn, after);
    for (const reading of liveReadings) {
      const { device, metrics } = reading;
      const { entries } = this.#rulesOf(device, turn.book);
      for (const entry of entries) {
        const { rests } = entry;
        if (rests !== null && entry.track === null) {
          const value = metrics[rests.metric];
          const past = typeof value === 'number' && (rests.above ? value > rests.mildest : value < rests.mildest);
          if (!past && (after.size === 0 || !after.has(entry.trackKey))) continue;
        }
        const drafted = after.size === 0 ? undefined : after.get(entry.trackKey);
        const before = drafted === undefined ? entry.track : drafted.track;
        const track = entry.rule.follow(before, reading, around);
        if (track === before) continue;
        after.set(entry.trackKey, { deviceId: device.id, ruleKey: entry.key, track });
        const verdict = entry.rule.verdict(track, device, around);
        if (verdict !== null) want(turn, entry, device, verdict, reading.effectiveAtMs);
        else if (entry.rule.holds?.(track) !== true) turn.draft.clear(entry.alarmKey);
        if (entry.alarm.type === 'riverLevel' && alarmLevelOf(before) !== alarmLevelOf(track)) {
          turn.draft.touch(device.id);
        }
      }
    }
    for (const { device } of changes) this.#endWithDevice(turn, device, after);
  }

  /** What a device measured of a call ends when it is not heard any more: no reading will tell that it is over. */
  #endWithDevice(turn: Turn, device: RegisteredDevice, after: Map<string, TrackAfter>): void {
    const { connectivity } = turn.world.stateOf(device.id);
    if (connectivity === 'up' || connectivity === 'blind') return;
    for (const entry of this.#rulesOf(device, turn.book).entries) {
      if (entry.rule.endsWithDevice !== true) continue;
      const track = after.get(entry.trackKey)?.track ?? entry.track;
      if (track !== null) after.set(entry.trackKey, { deviceId: device.id, ruleKey: entry.key, track: null });
      turn.draft.clear(entry.alarmKey);
    }
  }

  accept(after: TracksAfter): void {
    for (const [trackKey, { deviceId, track }] of after) {
      for (const entry of this.#devices.get(deviceId)?.entries ?? [])
        if (entry.trackKey === trackKey) entry.track = track;
    }
  }

  /** Whether a rule of the device may still raise or hold an alarm under this key. */
  watches(device: RegisteredDevice, key: string, book: RuleBook): boolean {
    return this.#rulesOf(device, book).entries.some((entry) => entry.alarmKey === key);
  }

  /** What is remembered under a rule's key. */
  trackOf(device: RegisteredDevice, ruleKey: string, book: RuleBook, after: TracksAfter = NOTHING): Track | null {
    const entry = this.#rulesOf(device, book).entries.find(({ key }) => key === ruleKey);
    if (entry === undefined) return null;
    const drafted = after.get(entry.trackKey);
    return drafted === undefined ? entry.track : drafted.track;
  }

  /** Minutes left of a station's battery; null when it is not in use. */
  batteryOf(device: RegisteredDevice, book: RuleBook): ReturnType<typeof batteryOf> {
    return batteryOf(this.trackOf(device, 'mains', book));
  }

  #rulesOf(device: RegisteredDevice, book: RuleBook): DeviceRules {
    const known = this.#devices.get(device.id);
    if (known !== undefined && known.device === device && known.book === book) return known;
    const loaded = this.#loaded.get(device.id);
    const entries: Entry[] = [];
    for (const rule of book.rulesFor(device)) {
      const compiled = this.#compile(rule);
      if (compiled === null) continue;
      const before = known?.entries.find(({ key }) => key === rule.key);
      // What was remembered under another kind of condition means nothing under this one.
      const kept =
        before !== undefined && before.rule.rule.condition.kind === rule.condition.kind ? before.track : null;
      const alarm = alarmOfRule(device, rule);
      entries.push({
        key: rule.key,
        rule: compiled,
        rests: compiled.rests ?? null,
        alarm,
        alarmKey: alarmKey(alarm),
        trackKey: `${device.id} ${rule.key}`,
        track: known === undefined ? (loaded?.get(rule.key) ?? null) : kept,
      });
    }
    const rules: DeviceRules = { device, book, entries };
    this.#devices.set(device.id, rules);
    this.#loaded.delete(device.id);
    return rules;
  }

  #compile(rule: AlarmRule): ReadingRule | null {
    const known = this.#compiled.get(rule);
    if (known !== undefined) return known;
    const compiled = readingRule(rule);
    if (compiled !== null) this.#compiled.set(rule, compiled);
    return compiled;
  }

  /** What rules may know beyond the device's own readings. */
  around(
    { world, losses, book, basins, baselines }: Pick<Turn, 'world' | 'losses' | 'book' | 'basins' | 'baselines'>,
    after: TracksAfter = NOTHING,
  ): RuleSurroundings {
    return {
      isLastResort: (device) => losses.isLastResort(device),
      generatorRuns: (siteId) => world.generatorRuns(siteId),
      medianOf: ({ id }, metric, days) => baselines.medianOf(id, metric, days),
      neighboursMoved: (device, sinceMs) => {
        let most = 0;
        for (const id of basins.gaugesOf(device)) {
          const other = world.register.devices.get(id);
          if (other === undefined || id === device.id) continue;
          const key = other.attributes['terrain'] === 'hills' ? 'riseHills' : 'risePlain';
          most = Math.max(most, movedSince(this.trackOf(other, key, book, after)?.samples ?? [], sinceMs));
        }
        return most;
      },
    };
  }
}

/** Types of which a device may have several alarms at once are told apart by the rule. */
export function alarmOfRule(device: RegisteredDevice, rule: AlarmRule): AlarmKey {
  const several = rule.type === 'metricLimit' || rule.type === 'rain';
  return { resource: { kind: 'device', id: device.id }, type: rule.type, qualifier: several ? rule.key : '' };
}

function want(
  turn: Turn,
  { rule: { rule }, alarm, alarmKey: key }: Entry,
  device: RegisteredDevice,
  verdict: Verdict,
  atMs: number,
): void {
  const standing = turn.draft.standingOf(key);
  const { severity, text, estimated, step } = verdict;
  if (standing !== null && standing.severity === severity && standing.detail['step'] === step) return;
  const tells = standing !== null && standing.detail['step'] !== step;
  turn.draft.want(
    {
      ...ofDevice(device),
      type: alarm.type,
      qualifier: alarm.qualifier,
      severity,
      probableCause: rule.probableCause,
      text,
      action: rule.action,
      estimated,
      beganAtMs: Math.min(Number.isFinite(verdict.beganAtMs) ? verdict.beganAtMs : atMs, atMs),
      ruleId: rule.id,
      detail: { ...verdict.detail, step },
    },
    { tells },
  );
}
