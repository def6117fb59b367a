import { SEVERITIES, type AlarmRule, type RuleCondition, type Severity } from '@ioc/contract';
import type { Reading } from '../../readings/reading.js';
import { beganAtMs, nextLevels, thresholdsOf, worstActive } from './levels.js';
import { soundValue, type ReadingRule, type RuleSurroundings } from './reading-rule.js';
import { NO_TRACK, type Sample, type Track } from './track.js';
import { minutesEn, minutesVi } from './wording.js';

/** What a full battery is designed to carry a station for; until its discharge shows, the forecast rests on this. */
export const DESIGN_MINUTES = 240;
/** The discharge shows after so long, and so much of the capacity. */
const SHOWS_AFTER_MS = 10 * 60_000;
const SHOWS_AFTER_PERCENT = 2;
/** Samples of the discharge: one every 5 minutes, of the last half hour. */
const SAMPLE_EVERY_MS = 5 * 60_000;
const SAMPLES_KEPT = 7;
/** On battery, and nothing says for how long. */
const UNKNOWN_MINUTES = Number.MAX_SAFE_INTEGER;

/** Minutes until the battery is empty: by the discharge of the last half hour, or before that shows, by design. */
export function minutesLeft(samples: readonly Sample[], percent: number, atMs: number): number {
  const first = samples[0];
  if (first !== undefined) {
    const dropped = first[1] - percent;
    const minutes = (atMs - first[0]) / 60_000;
    if (atMs - first[0] >= SHOWS_AFTER_MS && dropped >= SHOWS_AFTER_PERCENT) return percent / (dropped / minutes);
  }
  return (percent / 100) * DESIGN_MINUTES;
}

/** What is left of a battery, as its rule remembers it; null when it is not in use. */
export function batteryOf(
  track: Track | null,
): { readonly minutes: number | null; readonly percent: number; readonly atMs: number } | null {
  const last = track?.samples.at(-1);
  if (track === null || last === undefined) return null;
  const [atMs, percent] = last;
  const minutes = minutesLeft(track.samples, percent, atMs);
  return { minutes, percent, atMs };
}

/** Mains is away, and the battery has so many minutes left. A running generator makes it no alarm. */
export function batteryTimeRule(
  rule: AlarmRule,
  condition: Extract<RuleCondition, { kind: 'batteryTime' }>,
): ReadingRule {
  const { onBattery, minutes, hysteresisMinutes } = condition;
  const values: Partial<Record<Severity, number | undefined>> = { ...minutes };
  if (onBattery !== null) values[onBattery] = Number.POSITIVE_INFINITY;
  const thresholds = thresholdsOf({
    above: false,
    values,
    hysteresisOf: () => hysteresisMinutes,
    raiseAfterS: rule.raiseAfterS,
    clearAfterS: rule.clearAfterS,
  });

  function follow(before: Track | null, reading: Reading, around: RuleSurroundings): Track | null {
    const { mainsOn } = reading.metrics;
    if (before === null && mainsOn !== false) return null;
    if (typeof mainsOn !== 'boolean') return before;
    const atMs = reading.effectiveAtMs;
    const { siteId } = reading.device;
    if (mainsOn || (siteId !== null && around.generatorRuns(siteId))) {
      const levels = nextLevels(before?.levels ?? null, null, thresholds, atMs);
      if (levels === null) return null;
      return before !== null && before.levels === levels && before.samples.length === 0
        ? before
        : { ...NO_TRACK, levels };
    }
    const percent = soundValue(reading, 'batteryPercent');
    const samples = percent === null ? (before?.samples ?? []) : noteDischarge(before?.samples ?? [], atMs, percent);
    const left = percent === null ? UNKNOWN_MINUTES : minutesLeft(samples, percent, atMs);
    const levels = nextLevels(before?.levels ?? null, left, thresholds, atMs);
    if (before !== null && before.levels === levels && before.samples === samples) return before;
    return { ...NO_TRACK, levels, samples };
  }

  return {
    rule,
    follow,
    verdict(track, device, around) {
      const levels = track?.levels ?? null;
      const worst = worstActive(levels);
      // Critical is kept for a battery on which more than one station hangs.
      const index = worst === 0 && !around.isLastResort(device) ? 1 : worst;
      const severity = SEVERITIES[index];
      if (severity === undefined) return null;
      const limit = thresholds.limits[worst];
      const left = limit === null || limit === undefined || !Number.isFinite(limit) ? null : limit;
      const battery = batteryOf(track);
      return {
        severity,
        beganAtMs: beganAtMs(levels, Number.POSITIVE_INFINITY),
        text:
          left === null
            ? rule.text
            : {
                vi: `${rule.text.vi} (còn dưới ${minutesVi(left)})`,
                en: `${rule.text.en} (less than ${minutesEn(left)} left)`,
              },
        estimated: left !== null,
        detail: {
          minutesLeft: battery === null || battery.minutes === null ? null : Math.round(battery.minutes),
          percent: battery?.percent ?? null,
        },
        step: worst,
      };
    },
  };
}

/** One sample every five minutes; a charge that rises again begins anew. */
function noteDischarge(samples: readonly Sample[], atMs: number, percent: number): readonly Sample[] {
  const last = samples.at(-1);
  if (last === undefined || percent > last[1] + 1) return [[atMs, percent]];
  if (atMs - last[0] < SAMPLE_EVERY_MS) return samples;
  return [...samples, [atMs, percent] as const].slice(-SAMPLES_KEPT);
}
