import { DEVICE_CLASSES, DEVICE_CLASS_IDS, findMetric, type MetricValue } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import type { Device } from '../fleet/fleet.js';
import { generateFleet } from '../fleet/generate.js';
import { calm } from '../scenarios/calm.js';
import { SCENARIOS } from '../scenarios/index.js';
import { HOUR } from '../world/local-time.js';
import { World } from '../world/world.js';
import { dailyLoad } from './bts.js';
import { BEHAVIOURS } from './index.js';
import { overloadLoss, queueDelayMs } from './link.js';

const fleet = generateFleet();
/** Tuesday, 09:30 in Quảng Ngãi. */
const MORNING = Date.parse('2026-11-24T09:30:00+07:00');
const NIGHT = Date.parse('2026-11-24T02:00:00+07:00');
const of = (deviceClass: string): Device[] => fleet.devices.filter((device) => device.deviceClass === deviceClass);
const world = (seed = 1, scenario = calm): World =>
  new World(fleet, scenario.conditions({ fleet, seed, beganAtMs: MORNING - scenario.leadMs, target: null }), seed);
const everyClass = DEVICE_CLASS_IDS.flatMap((id) => of(id).filter((_, i) => i % 40 === 0));

function metric(device: Device, name: string, on: World, atMs: number): MetricValue | undefined {
  return BEHAVIOURS[device.deviceClass].metrics(device, on, atMs)[name];
}

describe('what devices report', () => {
  it.each([...SCENARIOS.keys()])('is known to the contract, of the right type and plausible, in %s', (name) => {
    const scenario = SCENARIOS.get(name) ?? calm;
    const on = world(1, scenario);
    for (const device of everyClass) {
      for (const atMs of [MORNING, MORNING + 3 * HOUR, NIGHT]) {
        for (const [metricName, value] of Object.entries(BEHAVIOURS[device.deviceClass].metrics(device, on, atMs))) {
          const definition = findMetric(device.deviceClass, metricName);
          expect(definition, `${device.id} ${metricName}`).toBeDefined();
          expect(typeof value, `${device.id} ${metricName}`).toBe(definition?.kind);
          if (definition?.kind !== 'number') continue;
          expect(value, `${device.id} ${metricName}`).toBeGreaterThanOrEqual(definition.range.min);
          expect(value, `${device.id} ${metricName}`).toBeLessThanOrEqual(definition.range.max);
        }
      }
    }
  });

  it('depends on seed and time only, not on what was asked before', () => {
    const fresh = world();
    const used = world();
    for (let hour = 0; hour < 48; hour += 5)
      for (const device of everyClass) metric(device, 'x', used, MORNING - hour * HOUR);
    for (const device of everyClass) {
      expect(BEHAVIOURS[device.deviceClass].presence(device, used, MORNING)).toEqual(
        BEHAVIOURS[device.deviceClass].presence(device, fresh, MORNING),
      );
      expect(BEHAVIOURS[device.deviceClass].metrics(device, used, MORNING)).toEqual(
        BEHAVIOURS[device.deviceClass].metrics(device, fresh, MORNING),
      );
    }
    const other = world(2);
    expect(
      everyClass.some((device) => metric(device, 'rttMs', other, MORNING) !== metric(device, 'rttMs', fresh, MORNING)),
    ).toBe(true);
  });

  it('covers every metric of every class somewhere in the fleet', () => {
    const on = world(1, SCENARIOS.get('meeting') ?? calm);
    for (const id of DEVICE_CLASS_IDS) {
      const names = new Set(
        of(id).flatMap((device) => Object.keys(BEHAVIOURS[id].metrics(device, on, MORNING + HOUR / 2))),
      );
      expect([...names].sort()).toEqual(DEVICE_CLASSES[id].metrics.map(({ name }) => name).sort());
    }
  });
});

describe('a quiet day', () => {
  it('has about half a per cent of the stations down, not always the same', () => {
    const on = world();
    const down = (atMs: number): string[] =>
      of('bts')
        .filter((station) => BEHAVIOURS.bts.presence(station, on, atMs).state === 'offline')
        .map(({ id }) => id);
    const counts = Array.from({ length: 12 }, (_, i) => down(MORNING + i * 2 * HOUR).length);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length / 3_700;
    expect(mean).toBeGreaterThan(0.003);
    expect(mean).toBeLessThan(0.008);
    const later = new Set(down(MORNING + 12 * HOUR));
    expect(down(MORNING).filter((id) => later.has(id)).length).toBeLessThan(8);
  });

  it('is busiest in the evening', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => dailyLoad(MORNING + (hour - 9.5) * HOUR));
    const busiest = hours.indexOf(Math.max(...hours));
    expect(busiest).toBeGreaterThanOrEqual(20);
    expect(busiest).toBeLessThanOrEqual(21);
    expect(Math.min(...hours.slice(1, 5))).toBeLessThan(0.2);
  });

  it('finds endpoints registered in office hours and in standby, but heard, at night', () => {
    const on = world();
    const registered = (atMs: number): number =>
      of('vcs').filter((device) => metric(device, 'registered', on, atMs) === true).length;
    expect(registered(MORNING)).toBeGreaterThan(65);
    expect(registered(NIGHT)).toBe(0);
    const heard = of('vcs').filter((device) => BEHAVIOURS.vcs.presence(device, on, NIGHT).state === 'online').length;
    expect(heard).toBeGreaterThan(65);
  });
});

describe('a link', () => {
  it('delays and loses more the fuller it is', () => {
    const loads = [0.1, 0.5, 0.8, 0.9, 0.95, 0.99];
    const delays = loads.map(queueDelayMs);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(queueDelayMs(0.95)).toBeGreaterThan(10 * queueDelayMs(0.5));
    expect(queueDelayMs(1)).toBeLessThanOrEqual(250);
    expect(overloadLoss(0.7)).toBe(0);
    expect(overloadLoss(0.98)).toBeGreaterThan(2);
  });

  it('takes its commune’s endpoint with it when it is lost', () => {
    const on = world(1, SCENARIOS.get('storm') ?? calm);
    const lost = of('link').filter((link) => BEHAVIOURS.link.presence(link, on, MORNING).state === 'offline');
    expect(lost.length).toBeGreaterThan(10);
    for (const link of lost) {
      const endpoint = of('vcs').find((device) => device.commune === link.commune);
      if (endpoint !== undefined) expect(BEHAVIOURS.vcs.presence(endpoint, on, MORNING).state).toBe('offline');
    }
  });
});
