import type { ENDPOINTS, MapDevice, ResponseOf } from '@ioc/contract';
import type { Register, RegisteredDevice } from './registered-device.js';

type MapDevices = ResponseOf<typeof ENDPOINTS.mapDevices>;

/** How many devices one piece of the text has: about 200 KB, made in a few milliseconds. */
const DEVICES_PER_PIECE = 1_000;

/**
 * The list of all devices for the map, as JSON in pieces: of a country it is 25 MB, which nobody should hold at once. Each
 * piece is made when it is asked for; the register is immutable, so they fit together however long that takes.
 */
export function* mapDevicesJson(register: Register): Generator<string> {
  const head: Omit<MapDevices, 'items'> = {
    registerVersion: register.version,
    organisations: [...register.organisations.values()],
  };
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
  let piece: string[] = [];
  let separator = '';
  for (const device of register.devices.values()) {
    piece.push(JSON.stringify(mapDeviceOf(device)));
    if (piece.length < DEVICES_PER_PIECE) continue;
    yield separator + piece.join(',');
    separator = ',';
    piece = [];
  }
  yield `${piece.length === 0 ? '' : separator + piece.join(',')}]}`;
}

function mapDeviceOf(device: RegisteredDevice): MapDevice {
  const { id, deviceClass, name, communeCode, owner, siteId, lat, lon } = device;
  return { id, deviceClass, name, communeCode, owner, siteId, lat, lon };
}
