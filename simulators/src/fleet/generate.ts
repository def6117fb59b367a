import { COMMUNES, COMMUNE_BY_CODE, RIVER_STATION_BY_NAME, flood, link, vcs, type Commune } from '@ioc/contract';
import { between, keyOf, unit } from '../random.js';
import type { Device, Fleet, Hub, Organisation } from './fleet.js';
import { planHubs, type HubPlan } from './hubs.js';
import { planMobileNetwork } from './mobile-network.js';
import { offsetPlace } from './places.js';
import { RAIN_GAUGES, RIVERS } from './rivers.js';

/** How many provinces a load fleet may have. */
export const MAX_PROVINCES = 34;

/**
 * The demo fleet of Quảng Ngãi: the same rows on every machine and at every run. With `provinces` above 1 the whole fleet is
 * there that many times, in the same communes, because the wire carries one province code: copies are told apart by a suffix
 * `-P02` … `-P34` of every id except organisations. They are for load, not for looking at.
 */
export function generateFleet(provinces = 1): Fleet {
  if (!Number.isInteger(provinces) || provinces < 1 || provinces > MAX_PROVINCES) {
    throw new RangeError(`a fleet has 1 to ${MAX_PROVINCES} provinces, got ${provinces}`);
  }
  const one = province();
  if (provinces === 1) return one;
  const copies = Array.from({ length: provinces }, (_, i) =>
    i === 0 ? one : copyOf(one, `-P${String(i + 1).padStart(2, '0')}`),
  );
  return {
    organisations: one.organisations,
    feeds: copies.flatMap((copy) => copy.feeds),
    hubs: copies.flatMap((copy) => copy.hubs),
    gateways: copies.flatMap((copy) => copy.gateways),
    sites: copies.flatMap((copy) => copy.sites),
    devices: copies.flatMap((copy) => copy.devices),
  };
}

function province(): Fleet {
  const plan = planHubs();
  const mobile = planMobileNetwork(plan);
  const hubs: Hub[] = [];
  const taken = new Set<string>();
  for (const { id, name, commune, upstreams } of plan.hubs) {
    const site = mobile.sites.find((candidate) => candidate.commune === commune && !taken.has(candidate.id));
    if (site === undefined) throw new Error(`no free site for ${id} in ${commune}`);
    taken.add(site.id);
    hubs.push({ id, name, site: site.id, upstreams });
  }
  return {
    organisations: [...mobile.organisations, ...OTHER_ORGANISATIONS, ...communeOrganisations()],
    feeds: mobile.feeds,
    hubs,
    gateways: mobile.gateways,
    sites: mobile.sites,
    devices: [
      ...mobile.stations,
      ...COMMUNES.map((commune) => linkOf(commune, plan)),
      ...COMMUNES.filter((commune) => commune.hasVcs).map((commune) => endpointOf(commune, plan)),
      ...sensors(plan),
    ],
  };
}

const OTHER_ORGANISATIONS: readonly Organisation[] = [
  { id: 'EVNCPC', name: 'Tổng công ty Điện lực miền Trung (EVNCPC)', kind: 'power' },
  { id: 'PROVINCE', name: 'Sở Khoa học và Công nghệ tỉnh Quảng Ngãi', kind: 'province' },
  { id: 'TSLCD', name: 'Đơn vị vận hành mạng TSLCD', kind: 'network' },
];

/** Endpoints are looked after by the commune that has them. */
function communeOrganisations(): Organisation[] {
  return COMMUNES.filter((commune) => commune.hasVcs).map((commune) => ({
    id: `UBND-${commune.code}`,
    name: `UBND ${commune.name.charAt(0).toLowerCase()}${commune.name.slice(1)}`,
    kind: 'commune',
  }));
}

function linkOf(commune: Commune, plan: HubPlan): Device {
  const key = keyOf(`link ${commune.code}`);
  const remote = commune.areaKm2 > 350 || commune.type === 'dacKhu';
  const radio = remote && unit(key, 1) < 0.5;
  const town = commune.type === 'phuong' || commune.population > 50_000;
  return {
    id: `${link.idPrefix}-${commune.code}`,
    deviceClass: 'link',
    name: `Đường truyền ${lowerType(commune)}`,
    commune: commune.code,
    owner: 'TSLCD',
    site: null,
    hub: plan.hubOfCommune.get(commune.code) ?? null,
    gateway: null,
    ...offsetPlace(commune, 0.15, key),
    hardened: town || unit(key, 2) < 0.1,
    reportingIntervalMs: link.defaultReportingIntervalMs,
    attributes: { capacityMbps: radio ? 50 : town ? 200 : 100, medium: radio ? 'radio' : 'fibre' },
  };
}

function endpointOf(commune: Commune, plan: HubPlan): Device {
  const key = keyOf(`vcs ${commune.code}`);
  return {
    id: `${vcs.idPrefix}-${commune.code}`,
    deviceClass: 'vcs',
    name: `Điểm họp trực tuyến ${lowerType(commune)}`,
    commune: commune.code,
    owner: `UBND-${commune.code}`,
    site: null,
    hub: plan.hubOfCommune.get(commune.code) ?? null,
    gateway: null,
    ...offsetPlace(commune, 0.3, key),
    hardened: false,
    reportingIntervalMs: vcs.defaultReportingIntervalMs,
    attributes: {
      kind: unit(key, 1) < 0.7 ? 'codec' : 'pc',
      room: `${unit(key, 2) < 0.6 ? 'Hội trường' : 'Phòng họp'} UBND ${lowerType(commune)}`,
    },
  };
}

function sensors(plan: HubPlan): Device[] {
  const rivers = RIVERS.flatMap((river) =>
    river.reaches.map((reach, i) => {
      const commune = communeAt(reach.commune);
      const station = reach.station === undefined ? undefined : RIVER_STATION_BY_NAME.get(reach.station);
      const key = keyOf(`sensor ${river.id} ${i}`);
      return sensor(plan, commune, {
        id: `${flood.idPrefix}-${river.id}-${String(i + 1).padStart(2, '0')}`,
        name:
          station === undefined
            ? `Trạm đo sông ${river.name} tại ${commune.shortName}`
            : `Trạm thủy văn ${station.station} (sông ${station.river})`,
        place: station?.placed === true ? station : offsetPlace(commune, between(0.6, 1.2, key, 1), key),
        attributes: {
          kind: reach.rain === true ? 'riverAndRain' : 'river',
          river: river.name,
          station: station?.station ?? '',
          terrain: reach.terrain,
        },
      });
    }),
  );
  const rain = RAIN_GAUGES.map((gauge, i) => {
    const commune = communeAt(gauge.commune);
    const key = keyOf(`gauge ${gauge.place}`);
    return sensor(plan, commune, {
      id: `${flood.idPrefix}-MUA-${String(i + 1).padStart(2, '0')}`,
      name: `Trạm đo mưa ${gauge.place}`,
      place: offsetPlace(commune, between(1.2, 2.4, key, 1), key),
      attributes: { kind: 'rain', river: '', station: '', terrain: gauge.terrain },
    });
  });
  return [...rivers, ...rain];
}

function sensor(
  plan: HubPlan,
  commune: Commune,
  {
    id,
    name,
    place,
    attributes,
  }: Pick<Device, 'id' | 'name' | 'attributes'> & { readonly place: { lat: number; lon: number } },
): Device {
  return {
    id,
    deviceClass: 'flood',
    name,
    commune: commune.code,
    owner: 'PROVINCE',
    site: null,
    hub: plan.hubOfCommune.get(commune.code) ?? null,
    gateway: null,
    lat: place.lat,
    lon: place.lon,
    hardened: attributes['station'] !== '',
    reportingIntervalMs: flood.defaultReportingIntervalMs,
    attributes,
  };
}

function communeAt(code: string): Commune {
  const commune = COMMUNE_BY_CODE.get(code);
  if (commune === undefined) throw new Error(`there is no commune ${code}`);
  return commune;
}

/** "xã Ba Động": as it stands inside a sentence. */
function lowerType(commune: Commune): string {
  return `${commune.name.charAt(0).toLowerCase()}${commune.name.slice(1)}`;
}

function copyOf(one: Fleet, suffix: string): Fleet {
  const add = (id: string): string => `${id}${suffix}`;
  const maybe = (id: string | null): string | null => (id === null ? null : add(id));
  return {
    organisations: one.organisations,
    feeds: one.feeds.map((feed) => ({ ...feed, id: add(feed.id) })),
    hubs: one.hubs.map((hub) => ({ ...hub, id: add(hub.id), site: add(hub.site), upstreams: hub.upstreams.map(add) })),
    gateways: one.gateways.map((gateway) => ({ ...gateway, id: add(gateway.id) })),
    sites: one.sites.map((site) => ({ ...site, id: add(site.id), hub: add(site.hub), feed: add(site.feed) })),
    devices: one.devices.map((device) => ({
      ...device,
      id: add(device.id),
      site: maybe(device.site),
      hub: maybe(device.hub),
      gateway: maybe(device.gateway),
    })),
  };
}
