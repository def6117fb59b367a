import { fleetCsv, generateFleet, type Fleet, type FleetTable } from '@ioc/simulators';

/** Cẩm Thành in the city and Trà Bồng in the hills: together stations of every operator, links, an endpoint, sensors. */
export const SMALL_FLEET_COMMUNES = ['21025', '21115'] as const;

/** Of the demo fleet, the devices of some communes, with every hub and whatever a hub stands on. */
export function smallFleet(communes: readonly string[] = SMALL_FLEET_COMMUNES): Fleet {
  const whole = generateFleet();
  const kept = new Set(communes);
  const hubSites = new Set(whole.hubs.map(({ site }) => site));
  return {
    ...whole,
    sites: whole.sites.filter(({ id, commune }) => kept.has(commune) || hubSites.has(id)),
    devices: whole.devices.filter(({ commune }) => kept.has(commune)),
  };
}

/** As files of an import. */
export function smallFleetCsv(
  communes: readonly string[] = SMALL_FLEET_COMMUNES,
): Readonly<Record<FleetTable, string>> {
  return fleetCsv(smallFleet(communes));
}
