import { keyOf, mix, unit } from '../random.js';
import { either, faults, type FaultRate } from '../world/interval.js';
import { HOUR, MINUTE, SECOND } from '../world/local-time.js';
import { quietDay } from './calm.js';
import { strike } from './disturb.js';
import type { Scenario } from './scenario.js';

/** One cause each, on an otherwise quiet day. */

/**
 * The fibre to a hub is cut one minute in and spliced 45 minutes later: everything whose every way to the core leads through
 * it is lost at once. Default: HUB-NGOC-HOI, the north-west with 113 sites.
 */
export const fibreCut: Scenario = {
  name: 'fibre-cut',
  summary: 'a trunk is cut after 1 min for 45 min: a hub with all that hangs on it (`--target HUB-…`)',
  leadMs: 0,
  conditions: ({ fleet, seed, beganAtMs, target }) => {
    const hub = known(target ?? 'HUB-NGOC-HOI', fleet.hubs, 'hub');
    const span = { sinceMs: beganAtMs + MINUTE, untilMs: beganAtMs + 46 * MINUTE };
    return { ...quietDay(seed), hubCuts: strike(new Set([hub]), span) };
  },
};

/**
 * A medium-voltage line loses voltage one minute in, for six hours: its sites go on battery at once and fall silent one by one
 * as batteries empty (2½ to 7 h; use `--speed`), generators start. Default: the line with the most sites.
 */
export const powerCut: Scenario = {
  name: 'power-cut',
  summary: 'a power line is dead after 1 min for 6 h: sites on battery until it is empty (`--target FEED-…`)',
  leadMs: 0,
  conditions: ({ fleet, seed, beganAtMs, target }) => {
    const counts = new Map<string, number>();
    for (const site of fleet.sites) counts.set(site.feed, (counts.get(site.feed) ?? 0) + 1);
    const largest = fleet.feeds.reduce(
      (best, feed) => ((counts.get(feed.id) ?? 0) > (counts.get(best) ?? 0) ? feed.id : best),
      '',
    );
    const feed = known(target ?? largest, fleet.feeds, 'feed');
    const quiet = quietDay(seed);
    const span = { sinceMs: beganAtMs + MINUTE, untilMs: beganAtMs + MINUTE + 6 * HOUR };
    return { ...quiet, feedFailures: either(quiet.feedFailures, strike(new Set([feed]), span)) };
  },
};

const FLAP: FaultRate = {
  stream: 401,
  slotMs: 90 * SECOND,
  probability: 0.8,
  shortestMs: 10 * SECOND,
  longestMs: 60 * SECOND,
};
const LONE_FLAPPING_LINKS = 0.1;
const FLAPPING_STATIONS = 0.008;

/** One link in ten and some stations change state every minute or two; all links of one hub flap in step. */
export const flapping: Scenario = {
  name: 'flapping',
  summary: 'links and stations that change state every minute or two; those of one hub in step (`--target HUB-…`)',
  leadMs: 0,
  conditions: ({ fleet, seed, target }) => {
    const quiet = quietDay(seed);
    const hub = known(target ?? 'HUB-SON-HA', fleet.hubs, 'hub');
    const flaps = (id: string, share: number, from: number, to: number): ReturnType<typeof faults> => {
      const key = mix(keyOf(id), seed ^ 0x58);
      return unit(key, 402) < share ? faults(key, FLAP, from, to) : [];
    };
    return {
      ...quiet,
      lineCuts: either(quiet.lineCuts, (link, from, to) =>
        link.hub === hub
          ? faults(mix(keyOf(hub), seed), FLAP, from, to)
          : flaps(link.id, LONE_FLAPPING_LINKS, from, to),
      ),
      stationFaults: either(quiet.stationFaults, (station, from, to) => flaps(station.id, FLAPPING_STATIONS, from, to)),
    };
  },
};

/** The chairman meets all communes: from one minute in endpoints join, links carry them, for 90 minutes. */
export const meeting: Scenario = {
  name: 'meeting',
  summary: 'a province-wide videoconference begins after 3 min and lasts 90 min',
  leadMs: 0,
  conditions: ({ seed, beganAtMs }) => {
    const quiet = quietDay(seed);
    const sinceMs = beganAtMs + 3 * MINUTE;
    const all = {
      name: 'Họp trực tuyến toàn tỉnh',
      sinceMs,
      untilMs: sinceMs + 90 * MINUTE,
      preparedFromMs: beganAtMs,
    };
    return {
      ...quiet,
      meetings: (from, to) => (all.preparedFromMs <= to && all.untilMs + 5 * MINUTE > from ? [all] : []),
      // Two endpoints in a hundred drop out now and then.
      sessionLosses: either(quiet.sessionLosses, (device, from, to) => {
        if (device.deviceClass !== 'vcs') return [];
        return faults(mix(keyOf(device.id), seed), MEETING_DROP, from, to);
      }),
    };
  },
};

const MEETING_DROP: FaultRate = {
  stream: 420,
  slotMs: 20 * MINUTE,
  probability: 0.06,
  shortestMs: 30 * SECOND,
  longestMs: 4 * MINUTE,
};

/**
 * An operator's gateway and the sensors and links of one hub have been out of reach for 57 minutes when the run starts; three
 * minutes later they are back and send what they kept.
 */
export const backfill: Scenario = {
  name: 'backfill',
  summary:
    'a gateway and an area return after an hour and send what they kept (`--target GW-…`; `--lead 0`: from the start)',
  leadMs: 57 * MINUTE,
  conditions: ({ fleet, seed, beganAtMs, target }) => {
    const gateway = known(target ?? 'GW-MOBIFONE', fleet.gateways, 'gateway');
    const span = { sinceMs: beganAtMs, untilMs: beganAtMs + HOUR };
    const quiet = quietDay(seed);
    const area = fleet.devices
      .filter((device) => device.hub === 'HUB-SA-THAY' && device.deviceClass === 'flood')
      .map(({ id }) => id);
    return {
      ...quiet,
      gatewayAbsences: strike(new Set([gateway]), span),
      sessionLosses: either(quiet.sessionLosses, strike(new Set(area), span)),
    };
  },
};

const OFFSETS_MS = [3 * MINUTE, 8 * MINUTE, -4 * MINUTE, -14 * MINUTE] as const;
const SKEWED_SHARE = 0.01;

/** One device in a hundred has a clock that is steadily off: 3 or 8 minutes ahead, 4 or 14 behind. */
export const clockSkew: Scenario = {
  name: 'clock-skew',
  summary: 'one device in a hundred has a clock that is 3 or 8 min ahead, or 4 or 14 min behind',
  leadMs: 0,
  conditions: ({ seed }) => ({
    ...quietDay(seed),
    clockOffsetMs: (device) => {
      const key = mix(keyOf(device.id), seed ^ 0x59);
      if (unit(key, 430) >= SKEWED_SHARE) return 0;
      return OFFSETS_MS[Math.floor(unit(key, 431) * OFFSETS_MS.length)] ?? 0;
    },
  }),
};

/** A quiet day on which somebody also sends everything that must be refused, and says so in the ledger. */
export const badInput: Scenario = {
  name: 'bad-input',
  summary: 'a quiet day beside every kind of message that must be refused',
  leadMs: 0,
  conditions: ({ seed }) => quietDay(seed),
  badInput: true,
};

function known(id: string, among: readonly { readonly id: string }[], what: string): string {
  if (among.some((thing) => thing.id === id)) return id;
  throw new RangeError(`there is no ${what} ${id}`);
}
