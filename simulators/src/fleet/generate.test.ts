import { createHash } from 'node:crypto';
import { COMMUNES, DEVICE_CLASSES, DEVICE_CLASS_IDS, RIVER_STATIONS, batchReading } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { fleetCsv } from './csv.js';
import { generateFleet } from './generate.js';
import { CORE_HUB } from './hubs.js';
import { distanceKm } from './places.js';

/** Changes only when the fleet is changed on purpose; a demo database would then hold two fleets. */
const EXPECTED_HASH = '5b7fd358dc01915056758f812346c5925585a493a7d8bc4ae20937b82a43e529';
const fleet = generateFleet();
const of = (deviceClass: string) => fleet.devices.filter((device) => device.deviceClass === deviceClass);

describe('the demo fleet', () => {
  it('has the figures of the province: 1,780 sites, 3,700 stations of which 58 are 5G, 96 links, 76 endpoints, 60 sensors', () => {
    expect(fleet.sites).toHaveLength(1_780);
    expect(of('bts')).toHaveLength(3_700);
    expect(of('bts').filter((station) => station.attributes['technology'] === '5G')).toHaveLength(58);
    expect(of('link').map((device) => device.commune)).toEqual(COMMUNES.map((commune) => commune.code));
    expect(of('vcs').map((device) => device.commune)).toEqual(
      COMMUNES.filter((commune) => commune.hasVcs).map((c) => c.code),
    );
    expect(of('flood')).toHaveLength(60);
  });

  it('gives every commune stations of at least three operators and leaves no site empty', () => {
    for (const commune of COMMUNES) {
      const stations = of('bts').filter((station) => station.commune === commune.code);
      expect(stations.length, commune.name).toBeGreaterThanOrEqual(7);
      expect(new Set(stations.map((station) => station.owner)).size, commune.name).toBeGreaterThanOrEqual(3);
    }
    expect(new Set(of('bts').map((station) => station.site)).size).toBe(1_780);
  });

  it('is the same at every run', () => {
    const hash = (): string =>
      createHash('sha256')
        .update(Object.values(fleetCsv(generateFleet())).join(''))
        .digest('hex');
    expect(hash()).toBe(hash());
    expect(hash()).toBe(EXPECTED_HASH);
  });

  it('uses ids once and refers only to what exists', () => {
    const ids = (rows: readonly { readonly id: string }[]): Set<string> => new Set(rows.map((row) => row.id));
    const [organisations, hubs, sites, gateways, feeds, devices] = [
      ids(fleet.organisations),
      ids(fleet.hubs),
      ids(fleet.sites),
      ids(fleet.gateways),
      ids(fleet.feeds),
      ids(fleet.devices),
    ];
    expect(devices.size).toBe(fleet.devices.length);
    for (const hub of fleet.hubs) {
      expect(sites).toContain(hub.site);
      for (const upstream of hub.upstreams) expect(hubs).toContain(upstream);
    }
    for (const site of fleet.sites) {
      expect(hubs).toContain(site.hub);
      expect(feeds).toContain(site.feed);
    }
    for (const device of fleet.devices) {
      expect(organisations).toContain(device.owner);
      if (device.site === null) expect(hubs).toContain(device.hub);
      else expect(sites).toContain(device.site);
      if (device.deviceClass === 'bts') expect(gateways).toContain(device.gateway);
      else expect(device.gateway).toBeNull();
    }
  });

  it('leads every hub to the core without a circle', () => {
    const upstreams = new Map(fleet.hubs.map((hub) => [hub.id, hub.upstreams]));
    const walk = (id: string, path: readonly string[]): void => {
      expect(path).not.toContain(id);
      const next = upstreams.get(id) ?? [];
      if (next.length === 0) expect(id).toBe(CORE_HUB);
      for (const upstream of next) walk(upstream, [...path, id]);
    };
    for (const hub of fleet.hubs) walk(hub.id, []);
  });

  it('keeps what the register keeps of each class, and ids that topics can carry', () => {
    for (const device of fleet.devices) {
      expect(DEVICE_CLASSES[device.deviceClass].attributes.safeParse(device.attributes).success, device.id).toBe(true);
      expect(batchReading.safeParse({ device: device.id, ts: 0 }).success).toBe(true);
    }
  });

  it('stands inside its commune, apart from its neighbours', () => {
    const byCode = new Map(COMMUNES.map((commune) => [commune.code, commune]));
    fleet.sites.forEach((site, i) => {
      const commune = byCode.get(site.commune);
      if (commune === undefined) throw new Error(site.id);
      expect(distanceKm(site, commune)).toBeLessThanOrEqual(Math.sqrt(commune.areaKm2 / Math.PI));
      for (const other of fleet.sites.slice(i + 1)) {
        if (other.commune === site.commune) expect(distanceKm(site, other)).toBeGreaterThan(0.15);
      }
    });
  });

  it('has a sensor at every hydrological station and alarm levels nowhere else', () => {
    const stations = of('flood').map((sensor) => sensor.attributes['station']);
    expect(stations.filter((station) => station !== '').sort()).toEqual(RIVER_STATIONS.map((s) => s.station).sort());
  });

  it('is there N times for load, with ids of its own', () => {
    const two = generateFleet(2);
    expect(two.devices).toHaveLength(2 * fleet.devices.length);
    expect(new Set(two.devices.map((device) => device.id)).size).toBe(two.devices.length);
    expect(two.devices.at(-1)).toMatchObject({
      id: `${fleet.devices.at(-1)?.id}-P02`,
      commune: fleet.devices.at(-1)?.commune,
    });
  });

  it('fills one CSV row per device with the attributes of its class', () => {
    const [head = '', ...rows] = fleetCsv(fleet).devices.trim().split('\n');
    expect(rows).toHaveLength(fleet.devices.length);
    for (const id of DEVICE_CLASS_IDS) {
      for (const attribute of Object.keys(DEVICE_CLASSES[id].attributes.shape))
        expect(head.split(',')).toContain(attribute);
    }
  });
});
