import { COMMUNE_BY_CODE } from '@ioc/contract';
import { hubOf } from './alarm-place.js';
import { servingDevices, type PortraitWorld } from './portrait.js';

/** What is seen of a commune that is cut off, or nearly. */
export interface Isolation {
  readonly communeCode: string;
  readonly communeName: string;
  readonly links: number;
  readonly linksDown: number;
  /** When the last of its links went down; null while one works, or there is none. Epoch ms. */
  readonly linkDownSinceMs: number | null;
  readonly stations: number;
  readonly stationsDown: number;
  /** Ids of organisations of which a station is up: whom the others' subscribers could roam to. */
  readonly operatorsAlive: readonly string[];
  readonly operatorsDown: readonly string[];
  /** Of the stations that are down, how many ran on their batteries. */
  readonly downOnBattery: number;
  /** The incident of a hub that is down and that nearly all of what is down hangs on. */
  readonly behindHub: { readonly hubId: string; readonly incidentId: number } | null;
}

/** Nearly all of what is down must hang on a hub for the hub to be the cause. */
const MOST_BEHIND_HUB = 0.8;

/** By the last known states, as impact is judged. */
export function isolationOf(code: string, world: PortraitWorld): Isolation {
  const devices = servingDevices(code, world.register);
  const isDown = (id: string) => world.stateOf(id).lastKnown === 'down';
  const stations = devices.filter(({ deviceClass }) => deviceClass === 'bts');
  const links = devices.filter(({ deviceClass }) => deviceClass === 'link');
  const down = stations.filter(({ id }) => isDown(id));
  const linksDown = links.filter(({ id }) => isDown(id));
  const owners = [...new Set(stations.map(({ owner }) => owner))].sort();
  const alive = new Set(stations.filter(({ id }) => world.stateOf(id).lastKnown === 'up').map(({ owner }) => owner));
  const lostAtMs = linksDown.map(({ id }) => world.stateOf(id).outage?.beganAtMs ?? 0);
  return {
    communeCode: code,
    communeName: COMMUNE_BY_CODE.get(code)?.name ?? code,
    links: links.length,
    linksDown: linksDown.length,
    linkDownSinceMs: links.length > 0 && linksDown.length === links.length ? Math.max(...lostAtMs) : null,
    stations: stations.length,
    stationsDown: down.length,
    operatorsAlive: owners.filter((owner) => alive.has(owner)),
    operatorsDown: owners.filter((owner) => !alive.has(owner)),
    downOnBattery: down.filter(({ id }) => world.stateOf(id).onBattery === true).length,
    behindHub: behindHub([...down, ...linksDown], world),
  };
}

function behindHub(down: readonly Parameters<typeof hubOf>[0][], world: PortraitWorld): Isolation['behindHub'] {
  const hubs = new Map<string, number>();
  for (const device of down) {
    const hubId = hubOf(device, world.register);
    if (hubId !== null) hubs.set(hubId, (hubs.get(hubId) ?? 0) + 1);
  }
  const byIncident = new Map<number, { hubId: string; count: number }>();
  for (const [hubId, count] of [...hubs].sort(([, a], [, b]) => b - a)) {
    const incidentId = world.incidentOfHub(hubId);
    if (incidentId === null) continue;
    const known = byIncident.get(incidentId);
    byIncident.set(incidentId, { hubId: known?.hubId ?? hubId, count: (known?.count ?? 0) + count });
  }
  for (const [incidentId, { hubId, count }] of byIncident)
    if (count >= MOST_BEHIND_HUB * down.length) return { hubId, incidentId };
  return null;
}
