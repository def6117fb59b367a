import { keyOf, mix, unit } from '../random.js';
import type { Conditions } from '../world/conditions.js';
import { drawnSpan, either, faults, type FaultRate, type Interval } from '../world/interval.js';
import { HOUR, MINUTE, SECOND } from '../world/local-time.js';
import { STORM_HOURS, stormCurve, stormRain, stormTotalMm } from '../world/weather.js';
import { quietDay } from './calm.js';
import { spansById } from './disturb.js';
import type { Scenario, ScenarioInput } from './scenario.js';

/** Against the totals of 17–18 November 2025; at 1.2 the western gauges pass 400 mm in 24 h, as they did on 29 October 2025. */
const STRENGTH = 1.2;
/** A run starts here: after the second pulse of rain, batteries ending, rivers still rising downstream. */
const LEAD_MS = 15 * HOUR;

/** Chance that a power line fails in the storm where it is worst; few are mended before it is over. */
const FEED_FAILS = 0.85;
const SITE_FAILS = 0.18;
/** Share of the links that flap. */
const FLAPPING = 0.5;
const FLAP: FaultRate = {
  stream: 301,
  slotMs: 150 * SECOND,
  probability: 0.55,
  shortestMs: 12 * SECOND,
  longestMs: 80 * SECOND,
};
const WIND_DAMAGE: FaultRate = {
  stream: 304,
  slotMs: 6 * HOUR,
  probability: 0.07,
  shortestMs: 30 * MINUTE,
  longestMs: 10 * HOUR,
};

/** Trunks that the storm cuts, in hours since its beginning: the first communes are isolated before a run starts at its lead. */
const CUTS: readonly { readonly hub: string; readonly fromHour: number; readonly forHours: number }[] = [
  { hub: 'HUB-SON-TAY', fromHour: 14.6, forHours: 9 },
  { hub: 'HUB-TRA-BONG-2', fromHour: 15.05, forHours: 7 },
  { hub: 'HUB-TU-MO-RONG-2', fromHour: 15.12, forHours: 5 },
  { hub: 'HUB-BA-TO-2', fromHour: 16.2, forHours: 8 },
  { hub: 'HUB-KON-PLONG', fromHour: 17.5, forHours: 4 },
];

function conditions({ fleet, seed, beganAtMs }: ScenarioInput): Conditions {
  const quiet = quietDay(seed);
  const at = (hour: number): number => beganAtMs + hour * HOUR;
  const span = (fromHour: number, toHour: number): Interval => ({ sinceMs: at(fromHour), untilMs: at(toHour) });
  const keyFor = (id: string): number => mix(keyOf(id), seed ^ 0x57);

  /** How hard the storm is at a place, 0 … 1: by the rain that falls there. */
  const harshness = (place: { readonly lat: number; readonly lon: number }): number =>
    Math.min(1, stormTotalMm(place) / 330);

  const feedSpans = new Map<string, readonly Interval[]>();
  const siteSpans = new Map<string, readonly Interval[]>();
  const firstSite = new Map<string, { readonly lat: number; readonly lon: number }>();
  for (const site of fleet.sites) {
    if (!firstSite.has(site.feed)) firstSite.set(site.feed, site);
    const key = keyFor(site.id);
    if (unit(key, 310) < SITE_FAILS * harshness(site))
      siteSpans.set(site.id, [drawnSpan(key, 311, span(4, 20), [2 * HOUR, 12 * HOUR])]);
  }
  for (const feed of fleet.feeds) {
    const place = firstSite.get(feed.id);
    const key = keyFor(feed.id);
    if (place === undefined || unit(key, 320) >= FEED_FAILS * (0.25 + 0.75 * harshness(place))) continue;
    // The second pulse, with the wind, takes most; some went with the first.
    const window = unit(key, 321) < 0.25 ? span(4, 10.5) : span(11.5, 17.5);
    feedSpans.set(feed.id, [drawnSpan(key, 322, window, [5 * HOUR, 16 * HOUR])]);
  }
  const hubSpans = new Map(CUTS.map(({ hub, fromHour, forHours }) => [hub, [span(fromHour, fromHour + forHours)]]));
  const stormy = (atMs: number): boolean => stormCurve((atMs - beganAtMs) / HOUR) > 0.12;

  return {
    ...quiet,
    rain: stormRain(seed, beganAtMs, STRENGTH),
    feedFailures: either(quiet.feedFailures, spansById(feedSpans)),
    siteMainsFailures: either(quiet.siteMainsFailures, spansById(siteSpans)),
    hubCuts: spansById(hubSpans),
    stationFaults: either(quiet.stationFaults, (station, from, to) => {
      const key = keyFor(station.id);
      return faults(key, WIND_DAMAGE, from, to).filter((fault) => stormy(fault.sinceMs));
    }),
    lineCuts: either(quiet.lineCuts, (link, from, to) => {
      const key = keyFor(link.id);
      return unit(key, 302) < FLAPPING ? faults(key, FLAP, from, to).filter((flap) => stormy(flap.sinceMs)) : [];
    }),
    demand: (atMs) => 1 + 0.5 * stormCurve((atMs - beganAtMs) / HOUR),
    meetings: (from, to) => {
      // The steering committee sits from the second pulse on.
      const sitting = { name: 'Ban chỉ huy phòng thủ dân sự', ...span(14, STORM_HOURS), preparedFromMs: at(13) };
      return sitting.preparedFromMs <= to && sitting.untilMs + 5 * MINUTE > from ? [sitting] : [];
    },
  };
}

export const storm: Scenario = {
  name: 'storm',
  summary:
    'the storm of November 2025, joined in its 16th hour (`--lead 0` starts at the first rain): batteries end, rivers pass level 3, communes are isolated',
  leadMs: LEAD_MS,
  conditions,
};
