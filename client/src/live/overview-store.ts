import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import {
  ENDPOINTS,
  overviewDelta,
  overviewSnapshot,
  ungroupDevices,
  type CommuneLive,
  type DeviceLive,
  type MapDevice,
  type OverviewDelta,
  type OverviewSnapshot,
  type SystemLive,
} from '@ioc/contract';
import { call } from './api.js';
import { Publisher } from './publisher.js';
import type { RoomHandler, RoomShape } from './room-feed.js';
import { nowMs, serverClock } from './server-clock.js';

export const OVERVIEW_SHAPE: RoomShape<OverviewSnapshot, OverviewDelta> = {
  snapshot: overviewSnapshot,
  delta: overviewDelta,
};

/** After a failed fetch of the map's devices it is tried again, at most this often. */
const DEVICES_RETRY_MS = 5_000;

interface Overview {
  readonly devices: Map<string, DeviceLive>;
  readonly communes: Map<string, CommuneLive>;
}

/**
 * The province: every device's state, every commune, the state of the system. The Maps are changed in place at the pace of
 * the wire; `devices` and `communes` are published as the same Maps with a new version number, at most ten times a second.
 */
export const useOverviewStore = defineStore('overview', () => {
  const deviceMap = new Map<string, DeviceLive>();
  const communeMap = new Map<string, CommuneLive>();
  /** A snapshot of which parts are still to come, kept up by the deltas between them; until it is whole the old one stands. */
  let arriving: Overview | null = null;
  /** Ids that changed since the last publication; null: everything did. */
  let changed: Set<string> | null = null;

  /** Grows with every publication: watch it, then read `devices` and `communes`. */
  const revision = shallowRef(0);
  const system = shallowRef<SystemLive | null>(null);
  /** What the map needs of every device, by id; fetched over HTTP whenever the register changes. */
  const mapDevices = shallowRef<ReadonlyMap<string, MapDevice>>(new Map());
  /** Names of responsible organisations, by id. */
  const organisations = shallowRef<ReadonlyMap<string, string>>(new Map());
  /** Ids of devices that changed in this revision; null when all may have. */
  const changedDevices = shallowRef<ReadonlySet<string> | null>(null);
  let pendingSystem: SystemLive | null = null;
  let registerVersion: number | null = null;
  let loading = false;

  const publisher = new Publisher(() => {
    if (pendingSystem !== null) {
      system.value = pendingSystem;
      pendingSystem = null;
    }
    changedDevices.value = changed;
    changed = new Set();
    revision.value += 1;
  });

  function takeSystem(next: SystemLive): void {
    pendingSystem = next;
    serverClock.set(Date.parse(next.serverTime));
    nowMs.value = serverClock.now();
  }

  async function loadMapDevices(wanted: number): Promise<void> {
    registerVersion = wanted;
    if (loading) return;
    loading = true;
    const result = await call(ENDPOINTS.mapDevices);
    loading = false;
    if (result.ok) {
      organisations.value = new Map(result.value.organisations.map(({ id, name }) => [id, name]));
      mapDevices.value = new Map(result.value.items.map((device) => [device.id, device]));
      if (result.value.registerVersion >= registerVersion) return;
    }
    setTimeout(() => void loadMapDevices(registerVersion ?? wanted), DEVICES_RETRY_MS);
  }

  /** The name of a responsible organisation; its id until the names are here. */
  function ownerName(id: string): string {
    return organisations.value.get(id) ?? id;
  }

  const handler: RoomHandler<OverviewSnapshot, OverviewDelta> = {
    snapshot(value, { first, last }) {
      const whole: Overview = first || arriving === null ? { devices: new Map(), communes: new Map() } : arriving;
      arriving = last ? null : whole;
      for (const [id, live] of ungroupDevices(value.devices)) whole.devices.set(id, live);
      for (const commune of value.communes) whole.communes.set(commune.code, commune);
      takeSystem(value.system);
      if (value.registerVersion !== registerVersion) void loadMapDevices(value.registerVersion);
      if (!last) {
        publisher.changed();
        return;
      }
      deviceMap.clear();
      communeMap.clear();
      for (const [id, live] of whole.devices) deviceMap.set(id, live);
      for (const [code, commune] of whole.communes) communeMap.set(code, commune);
      changed = null;
      publisher.flush();
    },
    delta(value) {
      const target = arriving ?? { devices: deviceMap, communes: communeMap };
      for (const [id, live] of Object.entries(value.devices ?? {})) {
        target.devices.set(id, live);
        if (arriving === null) changed?.add(id);
      }
      for (const commune of value.communes ?? []) target.communes.set(commune.code, commune);
      if (value.system !== undefined) takeSystem(value.system);
      if (value.registerVersion !== undefined && value.registerVersion !== registerVersion) {
        void loadMapDevices(value.registerVersion);
      }
      publisher.changed();
    },
  };

  return {
    handler,
    revision,
    system,
    mapDevices,
    organisations,
    ownerName,
    changedDevices,
    /** Live Maps, not reactive: read them inside something that depends on `revision`. */
    devices: (): ReadonlyMap<string, DeviceLive> => deviceMap,
    communes: (): ReadonlyMap<string, CommuneLive> => communeMap,
  };
});
