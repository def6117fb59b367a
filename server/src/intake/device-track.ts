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
  const tracks = new Map<number, DeviceTrack>();

  return {
    of(device) {
      const known = tracks.get(device.no);
      if (known?.device === device) return known;
      const track: DeviceTrack = {
        device,
        clock: known?.clock ?? newClockTrack(knownOffset(device)),
        values: newValueTrack(device),
      };
      tracks.set(device.no, track);
      return track;
    },

    follow(register) {
      for (const [no, { device }] of tracks) if (!register.devices.has(device.id)) tracks.delete(no);
    },
  };
}
