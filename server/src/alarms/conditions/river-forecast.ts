import { SEVERITIES, type AlarmRule, type RiverStation, type RuleCondition } from '@ioc/contract';
import { beganAtMs, nextLevels, thresholdsOf, worstActive } from './levels.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { stationOf } from './river-level.js';
import { addSample } from './samples.js';
import { NO_TRACK, type Sample } from './track.js';
import { minutesEn, minutesVi } from './wording.js';

/** The present rise is taken from the samples of so long. */
export const RISE_OVER_MS = 3_600_000;
/** A rise slower than this is none, m/h. */
const LEAST_RISE = 0.02;

/** Minutes until the next legal level at the present rise, and which; null while the river does not rise. */
export function timeToNextLevel(
  station: RiverStation,
  samples: readonly Sample[],
  minSamples: number,
): { readonly minutes: number; readonly rank: 1 | 2 | 3 } | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < minSamples || last[0] === first[0]) return null;
  const risePerHour = ((last[1] - first[1]) / (last[0] - first[0])) * 3_600_000;
  if (risePerHour < LEAST_RISE) return null;
  const levels = [
    { rank: 1, level: station.bd1 },
    { rank: 2, level: station.bd2 },
    { rank: 3, level: station.bd3 },
  ] as const;
  const next = levels.find(({ level }) => level !== null && level.levelM > last[1]);
  if (next === undefined || next.level === null) return null;
  return { minutes: ((next.level.levelM - last[1]) / risePerHour) * 60, rank: next.rank };
}

/** Time to the next legal level: an estimate of ours. Towards the first two levels it is never more than minor. */
export function riverForecastRule(
  rule: AlarmRule,
  condition: Extract<RuleCondition, { kind: 'riverForecast' }>,
): ReadingRule {
  const { minutes, hysteresisMinutes, minSamples } = condition;
  const thresholds = thresholdsOf({
    above: false,
    values: minutes,
    hysteresisOf: () => hysteresisMinutes,
    raiseAfterS: rule.raiseAfterS,
    clearAfterS: rule.clearAfterS,
  });
  return {
    rule,
    follow(before, reading) {
      const station = stationOf(reading.device);
      const levelM = station === null ? null : soundValue(reading, 'levelM');
      if (station === null || levelM === null) return before;
      const atMs = reading.effectiveAtMs;
      const samples = addSample(before?.samples ?? [], atMs, levelM, RISE_OVER_MS);
      const next = timeToNextLevel(station, samples, minSamples);
      const levels = nextLevels(before?.levels ?? null, next?.minutes ?? null, thresholds, atMs);
      return { ...NO_TRACK, samples, levels, count: next?.rank ?? 0 };
    },
    verdict(track) {
      const worst = worstActive(track?.levels ?? null);
      const rank = track?.count ?? 0;
      const index = worst === 0 || worst === 1 ? (rank === 3 ? worst : 2) : worst;
      const severity = SEVERITIES[index];
      const limit = thresholds.limits[worst];
      if (severity === undefined || limit === undefined || limit === null) return null;
      const level = rank === 0 ? '' : ` ${rank}`;
      return {
        severity,
        beganAtMs: beganAtMs(track?.levels ?? null, Number.POSITIVE_INFINITY),
        text: {
          vi: `Dự kiến đạt báo động${level} trong chưa tới ${minutesVi(limit)} (ước tính)`,
          en: `Alarm level${level} expected in less than ${minutesEn(limit)} (estimate)`,
        },
        estimated: true,
        detail: { rank, limitMinutes: limit },
        step: rank,
      };
    },
  };
}
