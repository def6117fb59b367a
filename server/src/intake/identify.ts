import type { RegisteredDevice, RegisteredGateway, Register } from '../devices/registered-device.js';
import type { DeviceTopic } from './decode.js';
import { drop, ok, reject, type Ok, type Outcome, type Reject } from './outcome.js';

export interface Identify {
  /** The device that a topic names; its commune and class must be those of the register. */
  byTopic(topic: DeviceTopic): Outcome<RegisteredDevice>;
  /** A device of a gateway's batch; it must hang on that gateway. */
  inBatch(deviceId: string, gatewayId: string): Outcome<RegisteredDevice>;
  gateway(gatewayId: string): Ok<RegisteredGateway> | Reject;
}

/** Who speaks, by the register as it is at that moment. */
export function createIdentify(register: () => Register): Identify {
  return {
    byTopic(topic) {
      const device = register().devices.get(topic.device);
      if (device === undefined) return drop('unknown-device');
      if (device.communeCode !== topic.commune)
        return reject('commune-mismatch', `registered in ${device.communeCode}`);
      if (device.deviceClass !== topic.deviceClass) {
        return reject('class-mismatch', `registered as ${device.deviceClass}`);
      }
      return ok(device);
    },

    inBatch(deviceId, gatewayId) {
      const device = register().devices.get(deviceId);
      if (device === undefined) return drop('unknown-device');
      if (device.gatewayId === gatewayId) return ok(device);
      return reject('gateway-mismatch', `${deviceId} is registered behind ${device.gatewayId ?? 'no gateway'}`);
    },

    gateway(gatewayId) {
      const gateway = register().gateways.get(gatewayId);
      return gateway === undefined ? reject('gateway-unknown', gatewayId) : ok(gateway);
    },
  };
}
