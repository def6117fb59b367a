import { batchPayload, batchReading, parseTopic, statusPayload, telemetryPayload } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { BEHAVIOURS } from '../behaviours/index.js';
import type { Device } from '../fleet/fleet.js';
import { generateFleet } from '../fleet/generate.js';
import { HOUR, MINUTE } from '../world/local-time.js';
import { World } from '../world/world.js';
import { badMessages } from './bad-messages.js';
import { SCENARIOS } from './index.js';

const fleet = generateFleet();
const NOW = Date.parse('2026-11-24T09:30:00+07:00');

function worldOf(name: string, target: string | null = null): World {
  const scenario = SCENARIOS.get(name);
  if (scenario === undefined) throw new Error(name);
  return new World(fleet, scenario.conditions({ fleet, seed: 1, beganAtMs: NOW - scenario.leadMs, target }), 1);
}

const stations = fleet.devices.filter((device) => device.deviceClass === 'bts');
const lost = (world: World, atMs: number, reason?: string): Device[] =>
  stations.filter((station) => {
    const presence = BEHAVIOURS.bts.presence(station, world, atMs);
    return presence.state === 'offline' && (reason === undefined || presence.reason === reason);
  });

describe('the storm', () => {
  const world = worldOf('storm');

  it('has a third of the stations without mains when a run starts, and batteries keep ending', () => {
    const source = (station: Device) => world.supply(station, NOW)?.supply.source;
    const share = stations.filter((station) => source(station) !== 'mains').length / stations.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.45);
    const empty = [0, 1, 3].map((hours) => lost(world, NOW + hours * HOUR, 'battery-empty').length);
    expect(empty[1]).toBeGreaterThan((empty[0] ?? 0) + 40);
    expect(empty[2]).toBeGreaterThan((empty[1] ?? 0) + 100);
  });

  it('shows much within ten minutes: further stations lost, communes without any station', () => {
    expect(lost(world, NOW + 10 * MINUTE).length).toBeGreaterThan(lost(world, NOW).length + 60);
    const alive = new Set(stations.map((station) => station.commune));
    const dead = new Set(alive);
    for (const station of stations) {
      if (BEHAVIOURS.bts.presence(station, world, NOW + 10 * MINUTE).state !== 'offline') dead.delete(station.commune);
    }
    expect(dead.size).toBeGreaterThanOrEqual(4);
  });

  it('makes about half of the links that still have power flap: two breaks or more in ten minutes', () => {
    const links = fleet.devices.filter((device) => device.deviceClass === 'link');
    const flapping = links.filter((link) => world.conditions.lineCuts(link, NOW, NOW + 10 * MINUTE).length >= 2);
    expect(flapping.length).toBeGreaterThan(34);
    expect(flapping.length).toBeLessThan(62);
  });

  it('brings more than 400 mm in 24 hours to the west', () => {
    const gauges = fleet.devices.filter((device) => device.id.startsWith('FLOOD-MUA'));
    const rain = (hours: number): number[] =>
      gauges.map((gauge) => Number(BEHAVIOURS.flood.metrics(gauge, world, NOW + hours * HOUR)['rain24hMm']));
    expect(rain(0).filter((mm) => mm > 350).length).toBeGreaterThanOrEqual(3);
    expect(rain(4).filter((mm) => mm > 400).length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...rain(8))).toBeLessThan(620);
  });
});

describe('a cut fibre', () => {
  it('takes exactly what has no other way to the core, for 45 minutes', () => {
    const world = worldOf('fibre-cut');
    const behind = new Set(['HUB-NGOC-HOI', 'HUB-DAK-GLEI', 'HUB-DAK-GLEI-2']);
    const expected = stations.filter((station) => behind.has(world.hubOf(station) ?? ''));
    const gone = lost(world, NOW + 5 * MINUTE, 'transmission-lost');
    expect(gone.length).toBeGreaterThan(150);
    expect(new Set(gone.map(({ id }) => id)).size).toBeLessThanOrEqual(expected.length);
    expect(gone.every((station) => behind.has(world.hubOf(station) ?? ''))).toBe(true);
    expect(lost(world, NOW + 50 * MINUTE, 'transmission-lost')).toEqual([]);
  });

  it('spares a hub that has a second way', () => {
    const world = worldOf('fibre-cut', 'HUB-DAK-HA');
    const gone = lost(world, NOW + 5 * MINUTE, 'transmission-lost').map((station) => world.hubOf(station));
    expect(gone).toContain('HUB-DAK-HA');
    expect(gone).not.toContain('HUB-DAK-TO');
  });

  it('refuses to strike what is not there', () => {
    expect(() => worldOf('fibre-cut', 'HUB-NOWHERE')).toThrow('there is no hub HUB-NOWHERE');
  });
});

describe('a dead power line', () => {
  it('puts its sites on battery at once, and empties batteries one by one', () => {
    const world = worldOf('power-cut');
    const on = (atMs: number, source: string): number =>
      stations.filter((station) => world.supply(station, atMs)?.supply.source === source).length;
    expect(on(NOW + 2 * MINUTE, 'battery')).toBeGreaterThan(on(NOW, 'battery') + 20);
    const empty = [2, 3, 4, 5].map((hours) => on(NOW + hours * HOUR, 'none'));
    expect(empty).toEqual([...empty].sort((a, b) => a - b));
    expect(empty.at(-1)).toBeGreaterThan((empty[0] ?? 0) + 10);
  });
});

describe('a meeting', () => {
  it('has nearly all endpoints in a call ten minutes in, and none after it', () => {
    const world = worldOf('meeting');
    const endpoints = fleet.devices.filter((device) => device.deviceClass === 'vcs');
    const inCall = (atMs: number): number =>
      endpoints.filter((device) => BEHAVIOURS.vcs.metrics(device, world, atMs)['inCall'] === true).length;
    expect(inCall(NOW + 10 * MINUTE)).toBeGreaterThan(65);
    expect(inCall(NOW + 100 * MINUTE)).toBe(0);
  });
});

describe('an absence that is made good', () => {
  it('has kept a gateway away for 57 minutes when a run starts, and lets it return three minutes later', () => {
    const world = worldOf('backfill');
    const gateway = fleet.gateways.find(({ id }) => id === 'GW-MOBIFONE');
    if (gateway === undefined) throw new Error('GW-MOBIFONE');
    expect(world.conditions.gatewayAbsences(gateway, NOW, NOW)).toHaveLength(1);
    expect(world.conditions.gatewayAbsences(gateway, NOW + 4 * MINUTE, NOW + 4 * MINUTE)).toEqual([]);
  });
});

describe('clocks that are off', () => {
  it('are one in a hundred, ahead and behind, always by the same', () => {
    const world = worldOf('clock-skew');
    const offsets = fleet.devices
      .map((device) => world.conditions.clockOffsetMs(device))
      .filter((offset) => offset !== 0);
    expect(offsets.length).toBeGreaterThan(25);
    expect(offsets.length).toBeLessThan(60);
    expect(new Set(offsets).size).toBe(4);
  });
});

describe('bad input', () => {
  it('is of every kind, and none of it passes the contract as a good reading of its own device and time', () => {
    const messages = badMessages(fleet, NOW);
    expect(messages.length).toBeGreaterThanOrEqual(31);
    const good = messages.filter(({ topic, payload }) => {
      const where = parseTopic(topic);
      if (!where.ok) return false;
      let json: unknown;
      try {
        json = JSON.parse(payload.toString());
      } catch {
        return false;
      }
      if (where.topic.kind === 'status') return statusPayload.safeParse(json).success;
      if (where.topic.kind === 'telemetry') return telemetryPayload.safeParse(json).success;
      if (where.topic.kind !== 'batch') return false;
      const batch = batchPayload.safeParse(json);
      return batch.success && batch.data.readings.every((reading) => batchReading.safeParse(reading).success);
    });
    // These are well formed: only the register, the clock or the session can tell.
    expect(good.map(({ kind }) => kind).sort()).toEqual([
      'a metric of the wrong type',
      'a metric that nobody knows',
      'a name like __proto__',
      'a number that is none',
      'a value out of range',
      'ahead of the clock',
      'batch with a reading an hour ahead',
      'older than the longest backfill',
      'status of an older session',
      'time in 1970',
      'time in 2099',
      'unknown device',
      'unknown gateway',
      'wrong class',
      'wrong commune',
    ]);
  });
});
