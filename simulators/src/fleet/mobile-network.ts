import { COMMUNES, bts, type Commune } from '@ioc/contract';
import { keyOf, unit } from '../random.js';
import { apportion } from './apportion.js';
import type { Device, Gateway, Organisation, PowerFeed, Site } from './fleet.js';
import type { HubPlan } from './hubs.js';
import { distanceKm, spreadPlaces, type Place } from './places.js';

/** Tower sites; like the 3,700 stations, 58 of them 5G, a total of the province's report of 2025. */
const SITE_COUNT = 1_780;

const FEWEST_SITES_OF_A_COMMUNE = 5;
const SITES_PER_FEED = 14;
/** Thinly peopled communes of one hub hang on one line until it feeds about this many sites. */
const SITES_OF_A_SHARED_FEED = 16;
const HARDENED_SHARE = 0.07;

/** The Dung Quất economic zone (Bình Sơn, Vạn Tường) and VSIP (Thọ Phong, Sơn Tịnh): 5G beside the towns. */
const INDUSTRIAL_COMMUNES: ReadonlySet<string> = new Set(['21040', '21061', '21181', '21220']);

interface Operator {
  readonly id: string;
  readonly name: string;
  readonly gateway: string;
  /** In ids of stations. */
  readonly mark: string;
  readonly stations4g: number;
  readonly stations5g: number;
  readonly fewest: () => number;
  readonly weight: (commune: Commune, sites: number) => number;
  readonly lithiumShare: number;
}

const density = (commune: Commune): number => commune.population / commune.areaKm2;

/** 3,642 stations of 4G and 58 of 5G; the split is a plausible one, operators do not publish theirs by province. */
const OPERATORS: readonly Operator[] = [
  {
    id: 'VIETTEL',
    name: 'Viettel',
    gateway: 'GW-VIETTEL',
    mark: 'VT',
    stations4g: 1_420,
    stations5g: 26,
    fewest: () => 3,
    weight: (_, sites) => sites,
    lithiumShare: 0.5,
  },
  {
    id: 'VNPT',
    name: 'VNPT',
    gateway: 'GW-VNPT',
    mark: 'VN',
    stations4g: 1_060,
    stations5g: 19,
    fewest: () => 2,
    weight: (_, sites) => sites,
    lithiumShare: 0.35,
  },
  {
    id: 'MOBIFONE',
    name: 'MobiFone',
    gateway: 'GW-MOBIFONE',
    mark: 'MF',
    stations4g: 880,
    stations5g: 13,
    fewest: () => 1,
    weight: (_, sites) => sites,
    lithiumShare: 0.3,
  },
  {
    id: 'VIETNAMOBILE',
    name: 'Vietnamobile',
    gateway: 'GW-VIETNAMOBILE',
    mark: 'VM',
    stations4g: 282,
    stations5g: 0,
    fewest: () => 0,
    // Sparse: towns and the plain only.
    weight: (commune, sites) => (density(commune) < 150 ? 0 : sites),
    lithiumShare: 0.1,
  },
];

export interface MobileNetwork {
  readonly organisations: readonly Organisation[];
  readonly gateways: readonly Gateway[];
  readonly feeds: readonly PowerFeed[];
  readonly sites: readonly Site[];
  readonly stations: readonly Device[];
}

export function planMobileNetwork(plan: HubPlan): MobileNetwork {
  const siteCounts = apportion(
    SITE_COUNT,
    COMMUNES.map((commune) => commune.population),
    () => FEWEST_SITES_OF_A_COMMUNE,
  );
  const counts4g = new Map(
    OPERATORS.map((operator) => [
      operator.id,
      apportion(
        operator.stations4g,
        COMMUNES.map((commune, i) => operator.weight(commune, siteCounts[i] ?? 0)),
        operator.fewest,
        // One operator stands once on a site; Vietnamobile shares at most a third of a commune's towers.
        (i) => (operator.id === 'VIETNAMOBILE' ? Math.ceil((siteCounts[i] ?? 0) / 3) : (siteCounts[i] ?? 0)),
      ),
    ]),
  );

  const feeds: PowerFeed[] = [];
  const sites: Site[] = [];
  const stations: Device[] = [];
  const feedOf = planFeeds(plan, siteCounts, feeds);
  const hubSeats = new Set(plan.hubs.map((hub) => hub.commune));

  COMMUNES.forEach((commune, c) => {
    const key = keyOf(`sites ${commune.code}`);
    const places = spreadPlaces(commune, siteCounts[c] ?? 0, key).sort(
      (a, b) => distanceKm(a, commune) - distanceKm(b, commune),
    );
    const hosts = new Map(OPERATORS.map((operator) => [operator.id, new Set<number>()]));
    placeOperators(places.length, key, (operator) => counts4g.get(operator.id)?.[c] ?? 0, hosts);
    places.forEach((place, s) => {
      const number = String(s + 1);
      const siteId = `SITE-${commune.code}-${number.padStart(3, '0')}`;
      const siteName = `Trạm ${commune.shortName} ${number.padStart(2, '0')}`;
      // Hubs stand on the sites nearest the middle of their commune.
      const hardened = (s < 2 && hubSeats.has(commune.code)) || unit(key, 11, s) < HARDENED_SHARE;
      sites.push({
        id: siteId,
        name: siteName,
        commune: commune.code,
        ...place,
        hub: plan.hubOfCommune.get(commune.code) ?? '',
        feed: feedOf(commune, place),
        hardened,
      });
      for (const operator of OPERATORS) {
        if (hosts.get(operator.id)?.has(s) !== true) continue;
        stations.push(station(commune, siteId, siteName, operator, '4G', place, hardened));
      }
    });
  });
  return {
    organisations: OPERATORS.map(({ id, name }) => ({ id, name, kind: 'operator' })),
    gateways: OPERATORS.map(({ id, name, gateway }) => ({ id: gateway, name: `Cổng OSS ${name}`, organisation: id })),
    feeds,
    sites,
    stations: with5g(stations),
  };
}

/** Chooses each operator's towers so that no tower stays empty. */
function placeOperators(
  siteCount: number,
  key: number,
  count: (operator: Operator) => number,
  hosts: ReadonlyMap<string, Set<number>>,
): void {
  const covered = new Set<number>();
  OPERATORS.forEach((operator, o) => {
    const order = Array.from({ length: siteCount }, (_, s) => s).sort((a, b) => {
      const empty = Number(covered.has(a)) - Number(covered.has(b));
      return empty !== 0 && o > 0 ? empty : unit(key, 20 + o, a) - unit(key, 20 + o, b);
    });
    for (const s of order.slice(0, count(operator))) {
      hosts.get(operator.id)?.add(s);
      covered.add(s);
    }
  });
}

function station(
  commune: Commune,
  siteId: string,
  siteName: string,
  operator: Operator,
  technology: '4G' | '5G',
  place: Place,
  hardened: boolean,
): Device {
  const id = `${bts.idPrefix}-${siteId.slice('SITE-'.length)}-${operator.mark}${technology}`;
  // The battery belongs to the operator's cabinet on the site: its 4G and 5G share one.
  const lithium = unit(keyOf(`${siteId} ${operator.id}`), 3) < operator.lithiumShare;
  return {
    id,
    deviceClass: 'bts',
    name: `${siteName} ${operator.name} ${technology}`,
    commune: commune.code,
    owner: operator.id,
    site: siteId,
    hub: null,
    gateway: operator.gateway,
    lat: place.lat,
    lon: place.lon,
    hardened,
    reportingIntervalMs: bts.defaultReportingIntervalMs,
    attributes: { technology, battery: lithium ? 'lithium' : 'leadAcid' },
  };
}

/** Adds the 5G stations on towers of their operator, spread over the towns and the industrial zones by population. */
function with5g(stations: readonly Device[]): readonly Device[] {
  const communes = COMMUNES.filter((commune) => commune.type === 'phuong' || INDUSTRIAL_COMMUNES.has(commune.code));
  const added = new Map<string, Device>();
  for (const operator of OPERATORS) {
    const shares = apportion(
      operator.stations5g,
      communes.map((commune) => commune.population),
      () => (operator.stations5g > 0 ? 1 : 0),
    );
    communes.forEach((commune, i) => {
      const own = stations.filter((candidate) => candidate.owner === operator.id && candidate.commune === commune.code);
      for (const host of own.slice(0, shares[i])) {
        const siteName = host.name.slice(0, host.name.length - ` ${operator.name} 4G`.length);
        added.set(host.id, station(commune, host.site ?? '', siteName, operator, '5G', host, host.hardened));
      }
    });
  }
  return stations.flatMap((existing) => {
    const beside = added.get(existing.id);
    return beside === undefined ? [existing] : [existing, beside];
  });
}

/** Lines of about 14 sites in the plain; in the mountains one line feeds several communes of a hub. */
function planFeeds(
  plan: HubPlan,
  siteCounts: readonly number[],
  feeds: PowerFeed[],
): (commune: Commune, place: Place) => string {
  const ofCommune = new Map<string, readonly string[]>();
  const shared = new Map<string, { id: string; sites: number }>();
  COMMUNES.forEach((commune, c) => {
    const count = siteCounts[c] ?? 0;
    const hub = plan.hubOfCommune.get(commune.code) ?? '';
    const line = shared.get(hub);
    if (count < SITES_PER_FEED / 2 && line !== undefined && line.sites + count <= SITES_OF_A_SHARED_FEED) {
      line.sites += count;
      ofCommune.set(commune.code, [line.id]);
      return;
    }
    const ids = Array.from(
      { length: Math.max(1, Math.round(count / SITES_PER_FEED)) },
      (_, i) => `FEED-${commune.code}-${i + 1}`,
    );
    ids.forEach((id, i) => {
      feeds.push({ id, name: `Lộ 22 kV ${commune.shortName} ${i + 1}`, organisation: 'EVNCPC' });
    });
    if (count < SITES_PER_FEED / 2 && ids[0] !== undefined) shared.set(hub, { id: ids[0], sites: count });
    ofCommune.set(commune.code, ids);
  });
  return (commune, place) => {
    const ids = ofCommune.get(commune.code) ?? [];
    // A line runs out from the middle in one direction: sites of one sector share it.
    const turn = keyOf(`feeds ${commune.code}`) / 0x1_0000_0000;
    const sector = (Math.atan2(place.lat - commune.lat, place.lon - commune.lon) / (2 * Math.PI) + 0.5 + turn) % 1;
    return ids[Math.min(ids.length - 1, Math.floor(sector * ids.length))] ?? '';
  };
}
