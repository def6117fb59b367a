import type { Register, RegisteredDevice, RegisteredHub } from '../devices/registered-device.js';

/** From the device to the province core: the first path, nearest hub first. */
export function upstreamOf(device: RegisteredDevice, register: Register): readonly RegisteredHub[] {
  const site = device.siteId === null ? undefined : register.sites.get(device.siteId);
  const path: RegisteredHub[] = [];
  let id = site?.hubId ?? device.hubId ?? undefined;
  while (id !== undefined) {
    const hub = register.hubs.get(id);
    // A ring of hubs would go round for ever.
    if (hub === undefined || path.includes(hub)) break;
    path.push(hub);
    id = hub.upstreamIds[0];
  }
  return path;
}

/** Whether one of the texts contains the wanted one; case and Vietnamese marks do not count: "tra khuc" finds "Trà Khúc". */
export function matchesText(wanted: string, ...texts: readonly string[]): boolean {
  const plain = withoutMarks(wanted);
  return texts.some((text) => withoutMarks(text).includes(plain));
}

function withoutMarks(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd');
}
