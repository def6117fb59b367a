import { Controller } from '@nestjs/common';
import {
  COMMUNE_BY_CODE,
  ENDPOINTS,
  type Device,
  type DeviceDetail,
  type DeviceListItem,
  type Page,
} from '@ioc/contract';
import { z } from 'zod';
import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { decodeCursor, encodeCursor } from '../platform/http/cursor.js';
import { ProblemError } from '../platform/http/problem-error.js';
import { Input, Route, type RouteInput } from '../platform/http/route.js';
import { matchesText, upstreamOf } from './device-view.js';
import { LiveStateService } from './live-state.service.js';

const position = z.string().max(64);

/** Devices with their present state. */
@Controller()
export class DevicesViewController {
  readonly #sorted = new WeakMap<Register, readonly RegisteredDevice[]>();

  constructor(private readonly state: LiveStateService) {}

  @Route(ENDPOINTS.listDevices)
  listDevices(@Input() { query }: RouteInput<typeof ENDPOINTS.listDevices>): Page<DeviceListItem> {
    const after = decodeCursor(query.cursor, position);
    const items: DeviceListItem[] = [];
    for (const device of this.#sortedDevices()) {
      if (after !== null && device.id <= after) continue;
      if (!this.#matches(device, query)) continue;
      if (items.length === query.limit) return { items, nextCursor: encodeCursor(items.at(-1)?.id) };
      items.push({ ...toDevice(device), live: this.state.deviceLive(device.id) });
    }
    return { items, nextCursor: null };
  }

  @Route(ENDPOINTS.getDevice)
  getDevice(@Input() { params }: RouteInput<typeof ENDPOINTS.getDevice>): DeviceDetail {
    const register = this.state.register();
    const device = register.devices.get(params.id);
    if (device === undefined) {
      throw new ProblemError('not-found', {
        detail: { vi: `Không có thiết bị ${params.id}`, en: `There is no device ${params.id}` },
      });
    }
    const site = device.siteId === null ? undefined : register.sites.get(device.siteId);
    return {
      ...toDevice(device),
      communeName: COMMUNE_BY_CODE.get(device.communeCode)?.name ?? device.communeCode,
      site:
        site === undefined
          ? null
          : {
              id: site.id,
              name: site.name,
              hardened: site.hardened,
              feedId: site.feedId,
              devices: register.devicesBySite.get(site.id)?.length ?? 0,
            },
      upstream: upstreamOf(device, register).map(({ id, name, siteId }) => ({ id, name, siteId })),
      ...this.state.deviceSnapshot(device.id),
    };
  }

  #sortedDevices(): readonly RegisteredDevice[] {
    const register = this.state.register();
    const known = this.#sorted.get(register);
    if (known !== undefined) return known;
    const sorted = [...register.devices.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#sorted.set(register, sorted);
    return sorted;
  }

  #matches(device: RegisteredDevice, query: RouteInput<typeof ENDPOINTS.listDevices>['query']): boolean {
    if (query.deviceClass !== undefined && device.deviceClass !== query.deviceClass) return false;
    if (query.communeCode !== undefined && device.communeCode !== query.communeCode) return false;
    if (query.owner !== undefined && device.owner !== query.owner) return false;
    if (query.siteId !== undefined && device.siteId !== query.siteId) return false;
    if (query.q !== undefined && !matchesText(query.q, device.id, device.name)) return false;
    return query.connectivity === undefined || this.state.deviceLive(device.id).connectivity === query.connectivity;
  }
}

function toDevice(device: RegisteredDevice): Device {
  const { id, deviceClass, name, communeCode, owner, siteId, hubId, gatewayId, lat, lon, hardened } = device;
  const { reportingIntervalMs, attributes, version } = device;
  const place = { siteId, hubId, gatewayId, lat, lon, hardened };
  return { id, deviceClass, name, communeCode, owner, ...place, reportingIntervalMs, attributes, version };
}
