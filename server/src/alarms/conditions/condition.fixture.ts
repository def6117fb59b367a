import type { Metrics } from '@ioc/contract';
import type { RegisteredDevice } from '../../devices/registered-device.js';
import type { Reading } from '../../readings/reading.js';
import { DEFAULT_BY_ID } from '../rule-book.js';
import type { ReadingRule, RuleSurroundings } from './reading-rule.js';
import { readingRule } from './reading-rules.js';
import type { Track } from './track.js';

/** Rules as tests follow them: devices, readings and what is around them, made by hand. */

export function deviceOf(fields: Partial<RegisteredDevice> = {}): RegisteredDevice {
  return {
    no: 1,
    id: 'FLOOD-1',
    deviceClass: 'flood',
    name: 'Trạm đo',
    communeCode: '21172',
    owner: 'PROVINCE',
    siteId: null,
    hubId: null,
    gatewayId: null,
    lat: 15,
    lon: 108.8,
    hardened: false,
    reportingIntervalMs: 60_000,
    attributes: { kind: 'riverAndRain', river: 'Trà Khúc', station: '', terrain: 'plain' },
    version: 1,
    ...fields,
  };
}

export const aLink = deviceOf({
  id: 'LINK-21172',
  deviceClass: 'link',
  reportingIntervalMs: 5_000,
  attributes: { capacityMbps: 100, medium: 'fibre' },
});

export function readingOf(
  device: RegisteredDevice,
  atMs: number,
  metrics: Metrics,
  suspect: readonly string[] = [],
): Reading {
  return {
    device,
    atMs,
    receivedAtMs: atMs,
    effectiveAtMs: atMs,
    seq: null,
    live: true,
    clockOffsetMs: null,
    metrics,
    suspect,
  };
}

export function surroundings(fields: Partial<RuleSurroundings> = {}): RuleSurroundings {
  return {
    isLastResort: () => false,
    generatorRuns: () => false,
    medianOf: () => null,
    neighboursMoved: () => 0,
    ...fields,
  };
}

/** A default rule as it judges readings. */
export function defaultReadingRule(id: string): ReadingRule {
  const rule = DEFAULT_BY_ID.get(id);
  const compiled = rule === undefined ? null : readingRule(rule);
  if (compiled === null) throw new Error(`no rule on readings: ${id}`);
  return compiled;
}

/** What is remembered after these readings, in their order. */
export function after(
  rule: ReadingRule,
  readings: readonly Reading[],
  around: RuleSurroundings = surroundings(),
  from: Track | null = null,
): Track | null {
  return readings.reduce<Track | null>((track, reading) => rule.follow(track, reading, around), from);
}
