import { RIVER_STATION_BY_NAME, type RiverStation } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { Reading } from '../readings/reading.js';
import { edgeTo, type Alarm, type AlarmEdge } from './standing-alarm.js';
import { CLEAR_AFTER_MS, hasLevels, nextStage, stageSeverity, type RiverStage, type StageRank } from './river-stage.js';

/** The hydrological station whose alarm levels apply to a sensor; null when none does. */
export function stationOf(device: RegisteredDevice): RiverStation | null {
  if (device.deviceClass !== 'flood') return null;
  const station = RIVER_STATION_BY_NAME.get(String(device.attributes['station'] ?? ''));
  return station !== undefined && hasLevels(station) ? station : null;
}

/** What a reading makes of the river stage of its sensor; null when it says nothing of it. */
export function stageAfter(reading: Reading, station: RiverStation, before: RiverStage): RiverStage | null {
  const levelM = reading.metrics['levelM'];
  if (typeof levelM !== 'number' || reading.suspect.includes('levelM')) return null;
  return nextStage(before, station, levelM, reading.effectiveAtMs);
}

/** What a river stage makes of the sensor's alarm. */
export function riverEdge(
  device: RegisteredDevice,
  station: RiverStation,
  stage: RiverStage,
  standing: Alarm | null,
  atMs: number,
): AlarmEdge | null {
  const judged = stageSeverity(stage.rank, station);
  if (judged !== null) {
    const text = `${STAGE_TEXTS[stage.rank]} · ${station.station}${judged.confirmed ? '' : ' · chưa xác nhận'}`;
    const wanted = { deviceId: device.id, type: 'riverLevel', qualifier: '', severity: judged.severity, text } as const;
    return edgeTo(standing, { ...wanted, detail: { rank: stage.rank } }, atMs);
  }
  if (standing === null || stage.belowSinceMs === null) return null;
  if (atMs - stage.belowSinceMs >= CLEAR_AFTER_MS) return { kind: 'cleared', alarm: standing, clearedAtMs: atMs };
  const { severity, text } = standing;
  const wanted = { deviceId: device.id, type: 'riverLevel', qualifier: '', severity, text } as const;
  return edgeTo(standing, { ...wanted, detail: { rank: 0, belowSinceMs: stage.belowSinceMs } }, atMs);
}

/** The stage that a standing alarm was at when it was last written. */
export function keptStage(alarm: Alarm): RiverStage {
  const rank = RANKS.find((candidate) => candidate === alarm.detail['rank']) ?? 0;
  return { rank, pending: null, levelM: null, belowSinceMs: alarm.detail['belowSinceMs'] ?? null };
}

const RANKS: readonly StageRank[] = [0, 1, 2, 2.5, 3];
const STAGE_TEXTS: Readonly<Record<StageRank, string>> = {
  0: 'Dưới báo động 1',
  1: 'Báo động 1',
  2: 'Báo động 2',
  2.5: 'Sắp đạt báo động 3, đang lên',
  3: 'Báo động 3',
};

/** Good readings in a row until a device's clock counts as right again. */
export const GOOD_CLOCK_SAMPLES = 3;

/** The alarm on a device's clock: raised while its readings are taken live by arrival time. */
export function clockEdge(reading: Reading, goodSamples: number, standing: Alarm | null): AlarmEdge | null {
  const atMs = reading.receivedAtMs;
  const { clockOffsetMs } = reading;
  if (clockOffsetMs === null) {
    if (standing === null || goodSamples < GOOD_CLOCK_SAMPLES) return null;
    return { kind: 'cleared', alarm: standing, clearedAtMs: atMs };
  }
  if (standing !== null) return null;
  const seconds = Math.round(clockOffsetMs / 1_000);
  return edgeTo(
    null,
    {
      deviceId: reading.device.id,
      type: 'clockOffset',
      qualifier: '',
      severity: 'warning',
      text: `Đồng hồ thiết bị lệch ${seconds > 0 ? '+' : '−'}${Math.abs(seconds)} s`,
      detail: { offsetMs: clockOffsetMs },
    },
    atMs,
  );
}
