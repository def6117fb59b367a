import { COMMUNE_BY_CODE, type Metrics } from '@ioc/contract';
import type { Device } from '../fleet/fleet.js';
import { bell, between, unit, wander } from '../random.js';
import { spanAt } from '../world/interval.js';
import { HOUR, MINUTE, isWorkday, localHour } from '../world/local-time.js';
import { plantVoltage } from '../world/power.js';
import { ambientC } from '../world/weather.js';
import type { World } from '../world/world.js';
import { ONLINE, clamp, offline, round, type Behaviour, type Presence } from './behaviour.js';

/** Most users that one station serves at the busy hour. */
const MAX_USERS = 420;
/** Doors are opened for an hour's work about twice a month. */
const DOOR_OPEN_CHANCE = 0.003;

/** Share of the busiest hour's traffic, by local hour: sleep, noon, the evening peak at about 20:30. */
export function dailyLoad(atMs: number): number {
  const hour = localHour(atMs);
  const bump = (centre: number, width: number): number => {
    const gap = Math.min(Math.abs(hour - centre), 24 - Math.abs(hour - centre));
    return Math.exp(-((gap / width) ** 2) / 2);
  };
  const weekend = isWorkday(atMs) ? 0 : 0.06;
  return clamp(0.1 + 0.38 * bump(11.5, 3) + (0.82 + weekend) * bump(20.5, 2.4) + 0.25 * bump(16, 2.5), 0.1, 1);
}

function presence(device: Device, world: World, atMs: number): Presence {
  const key = world.key(device.id);
  const fault = spanAt(world.conditions.stationFaults(device, atMs, atMs), atMs);
  if (fault !== null) return offline(fault.sinceMs, 'equipment-fault', { said: unit(key, 51) < 0.7 });
  const power = world.supply(device, atMs);
  if (power?.supply.source === 'none') return offline(power.supply.sinceMs, 'battery-empty', { said: true });
  const lost = world.hubLostSince(world.hubOf(device), atMs);
  // The two large operators watch their transmission and say so; behind the others a cut trunk is silence.
  const said = device.owner === 'VIETTEL' || device.owner === 'VNPT';
  if (lost !== null) return offline(lost, 'transmission-lost', { said, keepsSamples: true });
  return ONLINE;
}

function metrics(device: Device, world: World, atMs: number): Metrics {
  const key = world.key(device.id);
  const slot = Math.floor(atMs / 1_000);
  const power = world.supply(device, atMs);
  const source = power?.supply.source ?? 'mains';
  const volts = power === null ? 54 : plantVoltage(power.supply, power.plant, atMs);
  const onGrid = source === 'mains' || source === 'generator';
  const cutOff = world.hubLostSince(world.hubOf(device), atMs) !== null;

  const fifthGeneration = device.attributes['technology'] === '5G';
  const size = between(0.35, 1, key, 61) * townFactor(device);
  const demand = cutOff ? 0 : dailyLoad(atMs) * size * world.conditions.demand(atMs);
  const load = clamp(demand * (1 + 0.18 * wander(key, 62, atMs, 12 * MINUTE)), 0, 1);
  const prb = clamp((fifthGeneration ? 45 : 78) * load + 3 + 1.5 * bell(key, 63, slot), 1, 100);
  const users = Math.max(0, Math.round(MAX_USERS * load * (fifthGeneration ? 0.35 : 1) + 2 * bell(key, 64, slot)));
  const peakMbps = fifthGeneration ? 420 : 38;

  // The battery saves the load: 5G carriers and half of the antennas are switched off on battery.
  const currentA =
    (fifthGeneration ? 38 : between(16, 30, key, 65)) + (fifthGeneration ? 30 : 22) * load * (onGrid ? 1 : 0.7);
  const rain = world.conditions.rain(device, atMs);
  const cooled = unit(key, 66) < 0.6;
  const heat = currentA * (cooled && onGrid ? 0.11 : 0.22);
  return {
    mainsOn: source === 'mains',
    dcVoltageV: round(Math.max(0, volts + 0.04 * bell(key, 67, slot)), 2),
    loadCurrentA: round(currentA + 0.2 * bell(key, 68, slot), 1),
    batteryPercent: Math.round(100 * (power?.supply.charge ?? 1)),
    cabinetTemperatureC: round(ambientC(device, atMs, rain) + heat + 0.8 * wander(key, 69, atMs, 40 * MINUTE), 1),
    doorOpen: unit(key, 70, Math.floor(atMs / HOUR)) < DOOR_OPEN_CHANCE && localHour(atMs) > 7 && localHour(atMs) < 18,
    prbUsagePercent: Math.round(prb),
    connectedUsers: cutOff ? 0 : users,
    dlThroughputMbps: cutOff
      ? 0
      : round(Math.max(0.4, peakMbps * (1 - prb / 100) ** 1.4 * (1 + 0.1 * bell(key, 71, slot))), 1),
    vswr: round(between(1.12, 1.42, key, 72) + (rain > 20 ? 0.12 : 0) + 0.02 * Math.abs(bell(key, 73, slot)), 2),
  };
}

/** Towns are busier per station than the mountains. */
function townFactor(device: Device): number {
  const commune = COMMUNE_BY_CODE.get(device.commune);
  if (commune === undefined) return 1;
  return clamp(0.45 + 0.16 * Math.log10(1 + commune.population / commune.areaKm2), 0.5, 1);
}

export const btsBehaviour: Behaviour = { presence, metrics };
