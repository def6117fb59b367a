import type { DeviceClassId } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';

/** A registered device for tests; whatever is not told is ordinary. */
export function testDevice(deviceClass: DeviceClassId, given: Partial<RegisteredDevice> = {}): RegisteredDevice {
  return {
    no: 1,
    id: `${deviceClass.toUpperCase()}-1`,
    deviceClass,
    name: 'test',
    communeCode: '21025',
    owner: 'PROVINCE',
    siteId: null,
    hubId: null,
    gatewayId: null,
    lat: 15,
    lon: 108.8,
    hardened: false,
    reportingIntervalMs: 60_000,
    attributes: {},
    version: 1,
    ...given,
  };
}

/** A message as a source hands it over. */
export function testMessage(given: Partial<IncomingMessage> & { readonly topic: string }): IncomingMessage {
  const payload = given.payload ?? Buffer.from('{}');
  return {
    payload,
    payloadBytes: payload.length,
    retained: false,
    redelivered: false,
    will: false,
    receivedAtMs: 0,
    ...given,
  };
}
