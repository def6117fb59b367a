import type { Device, Fleet, Hub, PowerFeed, Site } from '../fleet/fleet.js';
import { between, keyOf, mix, unit } from '../random.js';
import type { Conditions } from './conditions.js';
import { merged, spanAt, type Interval } from './interval.js';
import { HOUR, MINUTE } from './local-time.js';
import { POWER_MEMORY_MS, supplyAt, type PowerPlant, type Supply } from './power.js';

const GENERATOR_SHARE = 0.08;
/** Mains failures of a site are computed for this much time at once. */
const FAILURES_SPAN_MS = 5 * MINUTE;

/** What a router, endpoint or node on mains with a small battery has. */
type OfficePower = 'mains' | 'ups' | 'none';

/**
 * The fleet under given conditions. Every question takes a moment and has one answer, whatever was asked before; the maps
 * only keep what was computed once per device or site, so memory is bounded by the fleet.
 */
export class World {
  private readonly sites: ReadonlyMap<string, Site>;
  private readonly hubs: ReadonlyMap<string, Hub>;
  private readonly feeds: ReadonlyMap<string, PowerFeed>;
  private readonly linkOfCommune: ReadonlyMap<string, Device>;
  private readonly stationsOfCommune: ReadonlyMap<string, readonly Device[]>;
  private readonly officeSiteOfCommune = new Map<string, Site>();
  private readonly keys = new Map<string, number>();
  private readonly plants = new Map<string, PowerPlant>();
  private readonly failures = new Map<string, { readonly fromMs: number; readonly spans: readonly Interval[] }>();

  constructor(
    readonly fleet: Fleet,
    readonly conditions: Conditions,
    readonly seed: number,
  ) {
    this.sites = new Map(fleet.sites.map((site) => [site.id, site]));
    this.hubs = new Map(fleet.hubs.map((hub) => [hub.id, hub]));
    this.feeds = new Map(fleet.feeds.map((feed) => [feed.id, feed]));
    this.linkOfCommune = new Map(
      fleet.devices.filter((d) => d.deviceClass === 'link').map((d) => [place(d.id, d.commune), d]),
    );
    const stations = new Map<string, Device[]>();
    for (const device of fleet.devices) {
      if (device.deviceClass !== 'bts') continue;
      const at = place(device.id, device.commune);
      const list = stations.get(at);
      if (list === undefined) stations.set(at, [device]);
      else list.push(device);
    }
    this.stationsOfCommune = stations;
    for (const site of fleet.sites) {
      const at = place(site.id, site.commune);
      if (!this.officeSiteOfCommune.has(at)) this.officeSiteOfCommune.set(at, site);
    }
  }

  /** The key of a thing's own randomness under the run's seed. */
  key(id: string): number {
    let key = this.keys.get(id);
    if (key === undefined) {
      key = mix(keyOf(id), this.seed);
      this.keys.set(id, key);
    }
    return key;
  }

  /** The supply of a base station; null when its site is unknown. */
  supply(station: Device, atMs: number): { readonly supply: Supply; readonly plant: PowerPlant } | null {
    const site = station.site === null ? undefined : this.sites.get(station.site);
    if (site === undefined) return null;
    const plant = this.plant(station, site);
    return { supply: supplyAt(this.mainsFailures(site, atMs), plant, atMs), plant };
  }

  /** Since when a hub leads nowhere: itself cut or dead, or all its upstreams; null when it works. */
  hubLostSince(hubId: string | null, atMs: number): number | null {
    const hub = hubId === null ? undefined : this.hubs.get(hubId);
    if (hub === undefined) return null;
    const cut = spanAt(this.conditions.hubCuts(hub, atMs, atMs), atMs);
    if (cut !== null) return cut.sinceMs;
    const dead = this.hubDeadSince(hub, atMs);
    if (dead !== null) return dead;
    if (hub.upstreams.length === 0) return null;
    let last = Number.NEGATIVE_INFINITY;
    for (const upstream of hub.upstreams) {
      const since = this.hubLostSince(upstream, atMs);
      if (since === null) return null;
      last = Math.max(last, since);
    }
    return last;
  }

  /** The hub that a device hangs on, through its site or directly. */
  hubOf(device: Device): string | null {
    return device.site === null ? device.hub : (this.sites.get(device.site)?.hub ?? null);
  }

  /** How many nodes lie between a hub and the core. */
  hops(hubId: string | null): number {
    const hub = hubId === null ? undefined : this.hubs.get(hubId);
    const first = hub?.upstreams[0];
    return first === undefined ? 0 : 1 + this.hops(first);
  }

  /** The power of the commune's office, where link and endpoint stand: mains of the site nearest to it, then its UPS. */
  officePower(device: Device, atMs: number, upsMs: number): { readonly power: OfficePower; readonly sinceMs: number } {
    const site = this.officeSiteOfCommune.get(place(device.id, device.commune));
    const failure = site === undefined ? null : spanAt(this.mainsFailures(site, atMs), atMs);
    if (failure === null) return { power: 'mains', sinceMs: 0 };
    const emptyMs = failure.sinceMs + upsMs;
    return atMs < emptyMs ? { power: 'ups', sinceMs: failure.sinceMs } : { power: 'none', sinceMs: emptyMs };
  }

  linkNear(device: Device): Device | null {
    return this.linkOfCommune.get(place(device.id, device.commune)) ?? null;
  }

  stationsNear(device: Device): readonly Device[] {
    return this.stationsOfCommune.get(place(device.id, device.commune)) ?? [];
  }

  private hubDeadSince(hub: Hub, atMs: number): number | null {
    const site = this.sites.get(hub.site);
    if (site === undefined) return null;
    const supply = supplyAt(this.mainsFailures(site, atMs), HUB_PLANT, atMs);
    return supply.source === 'none' ? supply.sinceMs : null;
  }

  private plant(station: Device, site: Site): PowerPlant {
    // 4G and 5G of one operator on one tower share the battery.
    const id = `${site.id} ${station.owner}`;
    let plant = this.plants.get(id);
    if (plant === undefined) {
      const key = this.key(id);
      const lithium = station.attributes['battery'] === 'lithium';
      const hours = lithium ? between(4.5, 7, key, 41) : between(2.4, 4.8, key, 41);
      const generator = unit(key, 42) < (site.hardened ? 0.8 : GENERATOR_SHARE);
      plant = {
        chemistry: lithium ? 'lithium' : 'leadAcid',
        autonomyMs: hours * (site.hardened ? 1.6 : 1) * HOUR,
        generator: generator
          ? { startsAfterMs: between(1, 12, key, 43) * MINUTE, fuelMs: between(8, 18, key, 44) * HOUR }
          : null,
      };
      this.plants.set(id, plant);
    }
    return plant;
  }

  /** The last 30 hours' mains failures of a site, its line's and its own, merged. */
  private mainsFailures(site: Site, atMs: number): readonly Interval[] {
    const known = this.failures.get(site.id);
    if (known !== undefined && atMs >= known.fromMs && atMs < known.fromMs + FAILURES_SPAN_MS) return known.spans;
    const fromMs = Math.floor(atMs / FAILURES_SPAN_MS) * FAILURES_SPAN_MS;
    const since = fromMs - POWER_MEMORY_MS;
    const until = fromMs + FAILURES_SPAN_MS;
    const feed = this.feeds.get(site.feed);
    const spans = merged([
      ...(feed === undefined ? [] : this.conditions.feedFailures(feed, since, until)),
      ...this.conditions.siteMainsFailures(site, since, until),
    ]);
    this.failures.set(site.id, { fromMs, spans });
    return spans;
  }
}

const HUB_PLANT: PowerPlant = {
  chemistry: 'leadAcid',
  autonomyMs: 8 * HOUR,
  generator: { startsAfterMs: 2 * MINUTE, fuelMs: 20 * HOUR },
};

/** A commune of one province of a load fleet: copies share communes but not their power and links. */
function place(id: string, commune: string): string {
  const copy = /-P\d\d$/.exec(id);
  return copy === null ? commune : commune + copy[0];
}
