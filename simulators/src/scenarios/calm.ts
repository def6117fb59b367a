import type { Device } from '../fleet/fleet.js';
import { between, keyOf, mix, unit } from '../random.js';
import type { Conditions, Meeting } from '../world/conditions.js';
import { faults, type FaultRate } from '../world/interval.js';
import { HOUR, MINUTE, SECOND, atLocalHour, isWorkday, localDay } from '../world/local-time.js';
import { quietRain } from '../world/weather.js';
import type { Scenario } from './scenario.js';

/** Short breaks and long ones together keep about half a per cent of the stations down. */
const STATION_SHORT: FaultRate = {
  stream: 200,
  slotMs: 8 * HOUR,
  probability: 0.045,
  shortestMs: 4 * MINUTE,
  longestMs: 50 * MINUTE,
};
const STATION_LONG: FaultRate = {
  stream: 210,
  slotMs: 24 * HOUR,
  probability: 0.022,
  shortestMs: HOUR,
  longestMs: 9 * HOUR,
};
const SITE_MAINS: FaultRate = {
  stream: 220,
  slotMs: 12 * HOUR,
  probability: 0.025,
  shortestMs: 8 * MINUTE,
  longestMs: 3.5 * HOUR,
};
const FEED: FaultRate = {
  stream: 230,
  slotMs: 24 * HOUR,
  probability: 0.02,
  shortestMs: 5 * MINUTE,
  longestMs: 2 * HOUR,
};
const LINE: FaultRate = {
  stream: 240,
  slotMs: 12 * HOUR,
  probability: 0.04,
  shortestMs: 3 * MINUTE,
  longestMs: 70 * MINUTE,
};
const SENSOR_MUTE: FaultRate = {
  stream: 250,
  slotMs: 12 * HOUR,
  probability: 0.3,
  shortestMs: 6 * MINUTE,
  longestMs: 2 * HOUR,
};
const SESSION: FaultRate = {
  stream: 260,
  slotMs: 12 * HOUR,
  probability: 0.04,
  shortestMs: 40 * SECOND,
  longestMs: 15 * MINUTE,
};

/**
 * A quiet day: about 0.5 % of the stations down at any moment, now and then a link; a sensor or two falls silent and sends
 * later what it kept; every fault is repaired. Independent of when a run starts: a restart continues the same day.
 */
export function quietDay(seed: number): Conditions {
  const key = (id: string): number => mix(keyOf(id), seed ^ 0x51);
  const keys = new Map<string, number>();
  const cached = (id: string): number => {
    let known = keys.get(id);
    if (known === undefined) {
      known = key(id);
      keys.set(id, known);
    }
    return known;
  };
  return {
    rain: quietRain(seed),
    feedFailures: (feed, from, to) => faults(cached(feed.id), FEED, from, to),
    siteMainsFailures: (site, from, to) => faults(cached(site.id), SITE_MAINS, from, to),
    hubCuts: () => [],
    stationFaults: (station, from, to) => {
      const own = cached(station.id);
      return [...faults(own, STATION_SHORT, from, to), ...faults(own, STATION_LONG, from, to)];
    },
    lineCuts: (link, from, to) => faults(cached(link.id), LINE, from, to),
    sessionLosses: (device, from, to) =>
      device.deviceClass === 'link' ? [] : faults(cached(device.id), SESSION, from, to),
    mutes: (device: Device, from, to) =>
      device.deviceClass === 'flood' ? faults(cached(device.id), SENSOR_MUTE, from, to) : [],
    gatewayAbsences: () => [],
    meetings: (from, to) => meetingsOf(seed, from, to),
    clockOffsetMs: () => 0,
    demand: () => 1,
  };
}

/** The province meets its communes on about half of the workdays, at 08:00 or 14:00, for one to two and a half hours. */
function meetingsOf(seed: number, fromMs: number, toMs: number): Meeting[] {
  const meetings: Meeting[] = [];
  for (let dayMs = fromMs; ; dayMs = Math.min(dayMs + 24 * HOUR, toMs)) {
    const day = localDay(dayMs);
    if (isWorkday(dayMs) && unit(seed, 270, day) < 0.5) {
      const sinceMs = atLocalHour(dayMs, unit(seed, 271, day) < 0.5 ? 8 : 14);
      const untilMs = sinceMs + Math.round(between(60, 150, seed, 272, day)) * MINUTE;
      const preparedFromMs = sinceMs - 45 * MINUTE;
      if (preparedFromMs <= toMs && untilMs + 5 * MINUTE > fromMs)
        meetings.push({ name: 'Giao ban', sinceMs, untilMs, preparedFromMs });
    }
    if (dayMs >= toMs) return meetings;
  }
}

export const calm: Scenario = {
  name: 'calm',
  summary: 'a quiet day: about 0.5 % of the stations down, faults come and are repaired',
  leadMs: 0,
  conditions: ({ seed }) => quietDay(seed),
};
