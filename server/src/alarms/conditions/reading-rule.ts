import type { AlarmRule, LocalizedText, Severity } from '@ioc/contract';
import type { RegisteredDevice } from '../../devices/registered-device.js';
import type { Reading } from '../../readings/reading.js';
import type { AlarmDetail } from '../alarm.js';
import type { Track } from './track.js';

/** What a rule may know beyond the device's own readings. */
export interface RuleSurroundings {
  /** The hub of a site, or the last station of a commune, hangs on it. */
  isLastResort(device: RegisteredDevice): boolean;
  generatorRuns(siteId: string): boolean;
  /** The median of a metric's 5-minute means over the last days; null: too little is known. */
  medianOf(device: RegisteredDevice, metric: string, days: number): number | null;
  /** The most that another gauge of its river moved since a moment. */
  neighboursMoved(device: RegisteredDevice, sinceMs: number): number;
}

/** What a rule makes of what it remembers: an alarm of this severity, with these words. */
export interface Verdict {
  readonly severity: Severity;
  readonly beganAtMs: number;
  readonly text: LocalizedText;
  readonly estimated: boolean;
  readonly detail: AlarmDetail;
  /** Tells a step that is worth telling though the severity stays. */
  readonly step: number;
}

/**
 * A rule as it judges the readings of one kind of device. Pure: what it remembers is handed in and out. `follow` runs for
 * every reading and returns the same track when nothing changes, without making anything.
 */
export interface ReadingRule {
  readonly rule: AlarmRule;
  /** While nothing is remembered: a reading whose metric is not past this changes nothing, so that nobody need ask. */
  readonly rests?: { readonly metric: string; readonly above: boolean; readonly mildest: number };
  follow(before: Track | null, reading: Reading, around: RuleSurroundings): Track | null;
  /** Null: there is no alarm. Asked only after the track changed. */
  verdict(track: Track | null, device: RegisteredDevice, around: RuleSurroundings): Verdict | null;
  /** What it judges ends when the device is not heard any more, as a call does: no reading will tell. */
  readonly endsWithDevice?: boolean;
  /** Whether an alarm that stands is kept though there is no verdict: its end waits. */
  holds?(track: Track | null): boolean;
}

/** A metric's value, when the reading has one to believe. */
export function soundValue(reading: Reading, metric: string): number | null {
  const value = reading.metrics[metric];
  if (typeof value !== 'number') return null;
  return reading.suspect.length > 0 && reading.suspect.includes(metric) ? null : value;
}
