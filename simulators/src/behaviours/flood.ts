import type { Metrics } from '@ioc/contract';
import type { Device } from '../fleet/fleet.js';
import { bell, between, wander } from '../random.js';
import { spanAt } from '../world/interval.js';
import { HOUR, MINUTE, localHour } from '../world/local-time.js';
import { rainSumMm, sunshine, type RainField } from '../world/weather.js';
import type { World } from '../world/world.js';
import { ONLINE, clamp, offline, round, type Behaviour, type Presence } from './behaviour.js';
import { btsBehaviour } from './bts.js';
import { gaugesOf, stageM, type Gauge } from './river-stage.js';

/** Sensors report over the mobile network: without a living station in the commune they keep what they measure. */
function presence(device: Device, world: World, atMs: number): Presence {
  const loss = spanAt(world.conditions.sessionLosses(device, atMs, atMs), atMs);
  if (loss !== null) return offline(loss.sinceMs, 'session-lost', { keepsSamples: true });
  const lost = radioLostSince(device, world, atMs);
  if (lost !== null) return offline(lost, 'no-mobile-network', { keepsSamples: true });
  const mute = spanAt(world.conditions.mutes(device, atMs, atMs), atMs);
  return mute === null ? ONLINE : { state: 'mute', sinceMs: mute.sinceMs, keepsSamples: true };
}

function metrics(device: Device, world: World, atMs: number): Metrics {
  const key = world.key(device.id);
  const slot = Math.floor(atMs / 1_000);
  const rain = world.conditions.rain;
  const kind = device.attributes['kind'];
  const now = rain(device, atMs);
  // A day of sun fills the battery, the night and a week of rain empty it.
  const night = localHour(atMs) < 6 ? localHour(atMs) + 6 : Math.max(0, localHour(atMs) - 18);
  const volts =
    12.9 + 0.9 * sunshine(atMs, now) - 0.03 * night - 0.35 * clamp(recentRain(rain, device, atMs) / 200, 0, 1);
  return {
    ...(kind === 'rain' ? {} : levelOf(device, world, atMs)),
    ...(kind === 'river' ? {} : rainOf(rain, device, atMs)),
    batteryVoltageV: round(volts + 0.02 * bell(key, 151, slot), 2),
    signalDbm: Math.round(
      between(-104, -78, key, 152) + 4 * wander(key, 153, atMs, 20 * MINUTE) - Math.min(6, now / 8),
    ),
  };
}

function levelOf(device: Device, world: World, atMs: number): Metrics {
  const gauge = gaugeOf(device.id);
  if (gauge === null) return {};
  const key = world.key(device.id);
  const level = stageM(gauge, world.conditions.rain, atMs) + 0.03 * wander(key, 154, atMs, 3 * HOUR);
  return { levelM: round(level + 0.004 * bell(key, 155, Math.floor(atMs / 1_000)), 2) };
}

function rainOf(rain: RainField, device: Device, atMs: number): Metrics {
  // A tipping bucket counts in steps of 0.2 mm.
  const tipped = (mm: number): number => round(Math.round(mm / 0.2) * 0.2, 1);
  return {
    rain10minMm: tipped(rainSumMm(rain, device, atMs, 10 * MINUTE)),
    rain1hMm: tipped(rainSumMm(rain, device, atMs, HOUR)),
    rain12hMm: tipped(rainSumMm(rain, device, atMs, 12 * HOUR)),
    rain24hMm: tipped(rainSumMm(rain, device, atMs, 24 * HOUR)),
  };
}

function recentRain(rain: RainField, device: Device, atMs: number): number {
  let sum = 0;
  for (let hours = 1; hours <= 24; hours += 3) sum += rain(device, atMs - hours * HOUR) * 3;
  return sum;
}

/** Since when no station of the commune lives: the moment at which the last one went. */
function radioLostSince(device: Device, world: World, atMs: number): number | null {
  let last = Number.NEGATIVE_INFINITY;
  for (const station of world.stationsNear(device)) {
    const heard = btsBehaviour.presence(station, world, atMs);
    if (heard.state !== 'offline') return null;
    last = Math.max(last, heard.sinceMs);
  }
  return Number.isFinite(last) ? last : null;
}

const gauges = new Map<string, readonly Gauge[]>();

function gaugeOf(deviceId: string): Gauge | null {
  const parts = /^FLOOD-([A-Z]+)-(\d+)/.exec(deviceId);
  const [, river = '', number = ''] = parts ?? [];
  let chain = gauges.get(river);
  if (chain === undefined) {
    chain = gaugesOf(river);
    gauges.set(river, chain);
  }
  return chain[Number(number) - 1] ?? null;
}

export const floodBehaviour: Behaviour = { presence, metrics };
