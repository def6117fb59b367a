import { RIVER_STATIONS, type RiverStation, type SituationReport } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';

type RiverLine = SituationReport['rivers'][number];

/** One sample of a gauge; `levelM` null when it reported none or a suspect one. */
export interface LevelSample {
  readonly atMs: number;
  readonly levelM: number | null;
}

const STATIONS: ReadonlyMap<string, RiverStation> = new Map(
  RIVER_STATIONS.map((station) => [station.station, station]),
);
const HOUR_MS = 3_600_000;
/** Slower than this is not rising: the noise of a gauge. */
const LEAST_RISE_M = 0.05;
/** Further ahead an extrapolation says nothing. */
const FARTHEST_MS = 24 * HOUR_MS;
/** Two samples must lie so far apart to make a rate. */
const LEAST_SPAN_MS = 20 * 60_000;

/**
 * What a gauge says at a moment: its level, the alarm level reached, how fast it rises, and when it would reach the next level
 * at that rise (an estimate of ours). Levels that are not confirmed stay out: `confirmed` is false where one is missing for
 * that reason. Null for a sensor without a hydrological station.
 */
export function riverLine(
  device: RegisteredDevice,
  now: LevelSample | null,
  hourAgo: LevelSample | null,
): RiverLine | null {
  const station = STATIONS.get(String(device.attributes['station'] ?? ''));
  if (station === undefined) return null;
  const levels = [station.bd1, station.bd2, station.bd3];
  const levelM = now?.levelM ?? null;
  const confirmedLevels = levels.map((level) => (level?.confirmed === true ? level.levelM : null));
  const risePerHourM = riseOf(now, hourAgo);
  return {
    deviceId: device.id,
    station: station.station,
    river: station.river,
    levelM,
    at: now === null ? null : new Date(now.atMs).toISOString(),
    alarmLevel: alarmLevelOf(levelM, confirmedLevels),
    risePerHourM,
    nextLevelAt: nextLevelAt(now, risePerHourM, confirmedLevels),
    confirmed: levels.every((level) => level === null || level.confirmed),
  };
}

/** Highest first: by alarm level, then by rise. */
export function compareRivers(a: RiverLine, b: RiverLine): number {
  return (
    (b.alarmLevel ?? -1) - (a.alarmLevel ?? -1) ||
    (b.risePerHourM ?? 0) - (a.risePerHourM ?? 0) ||
    (a.station < b.station ? -1 : 1)
  );
}

function alarmLevelOf(levelM: number | null, levels: readonly (number | null)[]): number | null {
  if (levelM === null || levels.every((level) => level === null)) return null;
  let reached = 0;
  levels.forEach((level, index) => {
    if (level !== null && levelM >= level) reached = index + 1;
  });
  return reached;
}

function riseOf(now: LevelSample | null, before: LevelSample | null): number | null {
  if (now === null || before === null || now.levelM === null || before.levelM === null) return null;
  const spanMs = now.atMs - before.atMs;
  if (spanMs < LEAST_SPAN_MS) return null;
  return Math.round(((now.levelM - before.levelM) / (spanMs / HOUR_MS)) * 100) / 100;
}

function nextLevelAt(
  now: LevelSample | null,
  risePerHourM: number | null,
  levels: readonly (number | null)[],
): string | null {
  const levelM = now?.levelM ?? null;
  if (now === null || levelM === null || risePerHourM === null || risePerHourM < LEAST_RISE_M) return null;
  const next = levels.find((level) => level !== null && level > levelM) ?? null;
  if (next === null) return null;
  const aheadMs = ((next - levelM) / risePerHourM) * HOUR_MS;
  return aheadMs > FARTHEST_MS ? null : new Date(now.atMs + aheadMs).toISOString();
}
