import type { RegisteredDevice, Register } from '../devices/registered-device.js';

/** Which gauges belong to one river. Made once per register. */
export interface Basins {
  /** Ids of the gauges of the device's river or rivers, the device itself among them; empty when it is no gauge. */
  gaugesOf(device: RegisteredDevice): readonly string[];
}

/**
 * A gauge is of the river that the register names. One without a river, as rain gauges mostly are, is of the rivers that other
 * gauges of its commune measure; where there are none it stands alone.
 */
export function basinsOf(register: Register): Basins {
  const gauges = [...register.devices.values()].filter(({ deviceClass }) => deviceClass === 'flood');
  const riversOfCommune = new Map<string, Set<string>>();
  for (const gauge of gauges) {
    const river = ownRiver(gauge);
    if (river === '') continue;
    const rivers = riversOfCommune.get(gauge.communeCode) ?? new Set<string>();
    riversOfCommune.set(gauge.communeCode, rivers.add(river));
  }
  const riversOf = (gauge: RegisteredDevice): readonly string[] => {
    const own = ownRiver(gauge);
    return own === '' ? [...(riversOfCommune.get(gauge.communeCode) ?? [])] : [own];
  };
  const byRiver = new Map<string, string[]>();
  for (const gauge of gauges) {
    for (const river of riversOf(gauge)) byRiver.set(river, [...(byRiver.get(river) ?? []), gauge.id]);
  }
  return {
    gaugesOf(device) {
      if (device.deviceClass !== 'flood') return [];
      const rivers = riversOf(device);
      if (rivers.length === 0) return [device.id];
      return [...new Set(rivers.flatMap((river) => byRiver.get(river) ?? []))];
    },
  };
}

function ownRiver({ attributes }: RegisteredDevice): string {
  return String(attributes['river'] ?? '');
}
