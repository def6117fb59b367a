import type { Register, RegisteredDevice } from '../devices/registered-device.js';
import { newClockTrack, type ClockTrack } from './clock-offset.js';
import { newValueTrack, type ValueTrack } from './suspect.js';

/** What the intake remembers of a device between its messages. */
export interface DeviceTrack {
  readonly device: RegisteredDevice;
  readonly clock: ClockTrack;
  readonly values: ValueTrack;
}

export interface DeviceTracks {
  of(device: RegisteredDevice): DeviceTrack;
  /** Forgets devices that are gone, and what depended on how they were registered. */
  follow(register: Register): void;
}

/** `knownOffset`: the offset with which a device was taken before the last restart. */
export function createDeviceTracks(knownOffset: (device: RegisteredDevice) => number | null): DeviceTracks {
  const tracks = new Map<string, DeviceTrack>();

  return {
    of(device) {
      const known = tracks.get(device.id);
      if (known?.device === device) return known;
      const track: DeviceTrack = {
        device,
        clock: known?.clock ?? newClockTrack(knownOffset(device)),
        values: newValueTrack(device),
      };
      tracks.set(device.id, track);
      return track;
    },

    follow(register) {
      for (const id of tracks.keys()) if (!register.devices.has(id)) tracks.delete(id);
    },
  };
}
