import { RIVER_STATION_BY_NAME, type AlarmRule, type RiverStation, type RuleCondition } from '@ioc/contract';
import type { RegisteredDevice } from '../../devices/registered-device.js';
import { hasLevels, LOW_WATER, nextStage, stageSeverity, type StageRank } from '../river-stage.js';
import { soundValue, type ReadingRule } from './reading-rule.js';
import { NO_TRACK, type Track } from './track.js';
import { decimalsEn, decimalsVi } from './wording.js';

/** Above the third level it is told again for every so many metres. */
export const STEP_ABOVE_THIRD_M = 0.5;

/** The hydrological station whose alarm levels apply to a sensor; null when none does. */
export function stationOf(device: RegisteredDevice): RiverStation | null {
  if (device.deviceClass !== 'flood') return null;
  const station = RIVER_STATION_BY_NAME.get(String(device.attributes['station'] ?? ''));
  return station !== undefined && hasLevels(station) ? station : null;
}

/** The legal alarm level reached, 0–3, by what the rule remembers. */
export function alarmLevelOf(track: Track | null): number {
  return Math.floor(track?.stage?.rank ?? 0);
}

/** The legal alarm levels of the gauge's station. */
export function riverLevelRule(
  rule: AlarmRule,
  condition: Extract<RuleCondition, { kind: 'riverLevel' }>,
): ReadingRule {
  const clearAfterMs = rule.clearAfterS * 1_000;
  return {
    rule,
    follow(before, reading) {
      const station = stationOf(reading.device);
      const levelM = station === null ? null : soundValue(reading, 'levelM');
      if (station === null || levelM === null) return before;
      const stage = nextStage(
        before?.stage ?? LOW_WATER,
        station,
        levelM,
        reading.effectiveAtMs,
        condition.hysteresisM,
      );
      const over = stage.belowSinceMs !== null && reading.effectiveAtMs - stage.belowSinceMs >= clearAfterMs;
      const calm = stage.rank === 0 && stage.pending === null && (over || stage.belowSinceMs === null);
      // Low water is the rule: only the last level is remembered, to know whether the river rises, and only near a level.
      if (calm && !isNear(station, levelM)) return null;
      const step = stepAbove(station, stage.rank, levelM);
      return {
        ...NO_TRACK,
        stage: over ? { ...stage, belowSinceMs: null } : stage,
        count: Math.max(step, before?.stage?.rank === 3 ? before.count : 0),
      };
    },
    verdict(track, device) {
      const stage = track?.stage ?? null;
      const station = stationOf(device);
      if (stage === null || station === null) return null;
      const judged = stageSeverity(stage.rank, station);
      if (judged === null) return null;
      const { severity, confirmed } = judged;
      const step = stage.rank === 3 ? (track?.count ?? 0) : 0;
      const aboveM = step * STEP_ABOVE_THIRD_M;
      const texts = STAGE_TEXTS[stage.rank];
      return {
        severity,
        beganAtMs: Number.POSITIVE_INFINITY,
        text: {
          vi: `${texts.vi}${step === 0 ? '' : ` + ${decimalsVi(aboveM)} m`} · ${station.station}${confirmed ? '' : ' · chưa xác nhận'}`,
          en: `${texts.en}${step === 0 ? '' : ` + ${decimalsEn(aboveM)} m`} · ${station.station}${confirmed ? '' : ' · not confirmed'}`,
        },
        estimated: !confirmed,
        detail: { rank: stage.rank, station: station.station, confirmed },
        step: stage.rank * 100 + step,
      };
    },
    holds(track) {
      const stage = track?.stage ?? null;
      return stage !== null && stage.rank === 0 && stage.belowSinceMs !== null;
    },
  };
}

const NEAR_M = 1;
function isNear({ bd1, bd2, bd3 }: RiverStation, levelM: number): boolean {
  const lowest = bd1 ?? bd2 ?? bd3;
  return lowest !== null && levelM > lowest.levelM - NEAR_M;
}

function stepAbove({ bd3 }: RiverStation, rank: StageRank, levelM: number): number {
  if (rank !== 3 || bd3 === null) return 0;
  return Math.max(0, Math.floor((levelM - bd3.levelM) / STEP_ABOVE_THIRD_M + 1e-9));
}

const STAGE_TEXTS: Readonly<Record<StageRank, { readonly vi: string; readonly en: string }>> = {
  0: { vi: 'Dưới báo động 1', en: 'Below alarm level 1' },
  1: { vi: 'Báo động 1', en: 'Alarm level 1' },
  2: { vi: 'Báo động 2', en: 'Alarm level 2' },
  2.5: { vi: 'Sắp đạt báo động 3, đang lên', en: 'Near alarm level 3 and rising' },
  3: { vi: 'Báo động 3', en: 'Alarm level 3' },
};
