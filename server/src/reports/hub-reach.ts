import type { RegisteredDevice, RegisteredHub, RegisteredSite } from '../devices/registered-device.js';

/** The hubs that are lost with a hub: those of which every upstream is lost, and itself. */
export function hubsLostWith(hubId: string, hubs: Iterable<RegisteredHub>): ReadonlySet<string> {
  const lost = new Set([hubId]);
  const others = [...hubs].filter(({ upstreamIds }) => upstreamIds.length > 0);
  for (let grown = true; grown;) {
    grown = false;
    for (const { id, upstreamIds } of others) {
      if (lost.has(id) || !upstreamIds.every((upstream) => lost.has(upstream))) continue;
      lost.add(id);
      grown = true;
    }
  }
  return lost;
}

/** How many stations hang on each hub directly: through their site, or without one by themselves. */
export function stationsOfHubs(
  devices: Iterable<RegisteredDevice>,
  sites: ReadonlyMap<string, RegisteredSite>,
): ReadonlyMap<string, readonly RegisteredDevice[]> {
  const stations = new Map<string, RegisteredDevice[]>();
  for (const device of devices) {
    if (device.deviceClass !== 'bts') continue;
    const hubId = (device.siteId === null ? null : sites.get(device.siteId)?.hubId) ?? device.hubId;
    if (hubId === null) continue;
    const known = stations.get(hubId);
    if (known === undefined) stations.set(hubId, [device]);
    else known.push(device);
  }
  return stations;
}
