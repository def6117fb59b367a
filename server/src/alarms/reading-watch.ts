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

/** One rule that judges readings. */
interface Entry {
  readonly key: string;
  readonly rule: ReadingRule;
  readonly rests: NonNullable<ReadingRule['rests']> | null;
}

/**
 * What is kept of one device: 133,000 of them at the most, so nothing that can be made when it is needed. The rules are
 * those of every device under the same; with what a rule remembers it is one of very few.
 */
interface DeviceRules {
  readonly device: RegisteredDevice;
  readonly book: RuleBook;
  readonly entries: readonly Entry[];
  /** By rule key; null: nothing is remembered. */
  tracks: Map<string, Track> | null;
}

/**
 * What a judgement makes of what rules remember: by device, by rule key, the track after it; null: nothing is left to
 * remember.
 */
export type TracksAfter = ReadonlyMap<string, ReadonlyMap<string, Track | null>>;

const NOTHING: TracksAfter = new Map();

/** Judges every live reading by the rules of its device. A reading that changes nothing makes nothing. */
export class ReadingWatch {
  readonly #devices = new Map<string, DeviceRules>();
  readonly #compiled = new WeakMap<AlarmRule, ReadingRule>();
  /** By book, by the ids of the rules in force: what devices share. */
  readonly #entries = new WeakMap<RuleBook, Map<string, readonly Entry[]>>();
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
    const after: TracksDrafted = new Map();
    tracksAre(after);
    const around = this.around(turn, after);
    for (const reading of liveReadings) {
      const { device, metrics } = reading;
      const { entries, tracks } = this.#rulesOf(device, turn.book);
      // A device may speak twice in a batch.
      let drafted = after.size === 0 ? undefined : after.get(device.id);
      for (const entry of entries) {
        const { rests, key } = entry;
        const remembered = tracks?.get(key) ?? null;
        if (rests !== null && remembered === null) {
          const value = metrics[rests.metric];
          const past = typeof value === 'number' && (rests.above ? value > rests.mildest : value < rests.mildest);
          if (!past && drafted?.has(key) !== true) continue;
        }
        const again = drafted?.get(key);
        const before = again === undefined ? remembered : again;
        const track = entry.rule.follow(before, reading, around);
        if (track === before) continue;
        drafted ??= draftOf(after, device);
        drafted.set(key, track);
        const verdict = entry.rule.verdict(track, device, around);
        const alarm = alarmOfRule(device, entry.rule.rule);
        if (verdict !== null) want(turn, entry.rule.rule, alarm, device, verdict, reading.effectiveAtMs);
        else if (entry.rule.holds?.(track) !== true) turn.draft.clear(alarm);
        if (alarm.type === 'riverLevel' && alarmLevelOf(before) !== alarmLevelOf(track)) turn.draft.touch(device.id);
      }
    }
    for (const { device } of changes) this.#endWithDevice(turn, device, after);
  }

  /** What a device measured of a call ends when it is not heard any more: no reading will tell that it is over. */
  #endWithDevice(turn: Turn, device: RegisteredDevice, after: TracksDrafted): void {
    const { connectivity } = turn.world.stateOf(device.id);
    if (connectivity === 'up' || connectivity === 'blind') return;
    const { entries, tracks } = this.#rulesOf(device, turn.book);
    for (const { key, rule } of entries) {
      if (rule.endsWithDevice !== true) continue;
      const track = after.get(device.id)?.get(key) ?? tracks?.get(key) ?? null;
      if (track !== null) draftOf(after, device).set(key, null);
      turn.draft.clear(alarmOfRule(device, rule.rule));
    }
  }

  accept(after: TracksAfter): void {
    for (const [deviceId, drafted] of after) {
      const rules = this.#devices.get(deviceId);
      if (rules === undefined) continue;
      const tracks = new Map(rules.tracks);
      for (const [key, track] of drafted) {
        if (!rules.entries.some((entry) => entry.key === key)) continue;
        if (track === null) tracks.delete(key);
        else tracks.set(key, track);
      }
      rules.tracks = tracks.size === 0 ? null : tracks;
    }
  }

  /** Whether a rule of the device may still raise or hold an alarm under this key. */
  watches(device: RegisteredDevice, key: string, book: RuleBook): boolean {
    return this.#rulesOf(device, book).entries.some(({ rule }) => alarmKey(alarmOfRule(device, rule.rule)) === key);
  }

  /** What is remembered under a rule's key. */
  trackOf(device: RegisteredDevice, ruleKey: string, book: RuleBook, after: TracksAfter = NOTHING): Track | null {
    const { tracks } = this.#rulesOf(device, book);
    const drafted = after.get(device.id)?.get(ruleKey);
    return drafted === undefined ? (tracks?.get(ruleKey) ?? null) : drafted;
  }

  /** Minutes left of a station's battery; null when it is not in use. */
  batteryOf(device: RegisteredDevice, book: RuleBook): ReturnType<typeof batteryOf> {
    return batteryOf(this.trackOf(device, 'mains', book));
  }

  #rulesOf(device: RegisteredDevice, book: RuleBook): DeviceRules {
    const known = this.#devices.get(device.id);
    if (known !== undefined && known.device === device && known.book === book) return known;
    const entries = this.#entriesFor(device, book);
    const tracks = new Map<string, Track>();
    for (const { key, rule } of entries) {
      const before = known?.entries.find((entry) => entry.key === key);
      // What was remembered under another kind of condition means nothing under this one.
      const same = before?.rule.rule.condition.kind === rule.rule.condition.kind;
      const track =
        known === undefined ? this.#loaded.get(device.id)?.get(key) : same ? known.tracks?.get(key) : undefined;
      if (track !== undefined) tracks.set(key, track);
    }
    const rules: DeviceRules = { device, book, entries, tracks: tracks.size === 0 ? null : tracks };
    this.#devices.set(device.id, rules);
    this.#loaded.delete(device.id);
    return rules;
  }

  #entriesFor(device: RegisteredDevice, book: RuleBook): readonly Entry[] {
    const rules = book.rulesFor(device);
    const shared = this.#entries.get(book) ?? new Map<string, readonly Entry[]>();
    this.#entries.set(book, shared);
    const ids = rules.map(({ id }) => id).join(' ');
    const known = shared.get(ids);
    if (known !== undefined) return known;
    const entries = rules.flatMap((rule): Entry[] => {
      const compiled = this.#compile(rule);
      return compiled === null ? [] : [{ key: rule.key, rule: compiled, rests: compiled.rests ?? null }];
    });
    shared.set(ids, entries);
    return entries;
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

type TracksDrafted = Map<string, Map<string, Track | null>>;

function draftOf(after: TracksDrafted, { id }: RegisteredDevice): Map<string, Track | null> {
  const known = after.get(id);
  if (known !== undefined) return known;
  const drafted = new Map<string, Track | null>();
  after.set(id, drafted);
  return drafted;
}

function want(
  turn: Turn,
  rule: AlarmRule,
  alarm: AlarmKey,
  device: RegisteredDevice,
  verdict: Verdict,
  atMs: number,
): void {
  const standing = turn.draft.standingOf(alarmKey(alarm));
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
