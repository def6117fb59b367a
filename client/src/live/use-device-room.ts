import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { deviceDelta, deviceSnapshot, type DeviceDelta, type DeviceSnapshot } from '@ioc/contract';
import { joinRoom } from './live.js';
import { Publisher } from './publisher.js';
import type { RoomShape } from './room-feed.js';

const DEVICE_SHAPE: RoomShape<DeviceSnapshot, DeviceDelta> = { snapshot: deviceSnapshot, delta: deviceDelta };

export interface DeviceRoom {
  /** State and latest reading; null until the first answer. */
  readonly device: Readonly<ShallowRef<DeviceSnapshot | null>>;
  /** Why the server refused the room, such as `unknown-device`; null when it did not. */
  readonly refused: Readonly<ShallowRef<string | null>>;
}

/** Follows one device live while the calling component is mounted; follows another when `id` changes. */
export function useDeviceRoom(id: () => string): DeviceRoom {
  const device = shallowRef<DeviceSnapshot | null>(null);
  const refused = shallowRef<string | null>(null);
  let leave: (() => void) | null = null;

  watch(
    id,
    (next) => {
      leave?.();
      device.value = null;
      refused.value = null;
      let current: DeviceSnapshot | null = null;
      const publisher = new Publisher(() => {
        // A publication of the device before may still be waiting.
        if (next === id()) device.value = current;
      });
      leave = joinRoom(`device:${next}`, DEVICE_SHAPE, {
        snapshot(value) {
          current = value;
          refused.value = null;
          publisher.flush();
        },
        delta(value) {
          if (current === null) return;
          current = {
            live: value.live ?? current.live,
            reason: value.reason === undefined ? current.reason : value.reason,
            latest: value.latest ?? current.latest,
          };
          publisher.changed();
        },
        refused(code) {
          refused.value = code;
        },
      });
    },
    { immediate: true },
  );
  onScopeDispose(() => leave?.());
  return { device, refused };
}
