import { describe, expect, it } from 'vitest';
import { DEVICE_CLASSES, findMetric, type DeviceReadingLive } from '@ioc/contract';
import { metricsNow, numberText, passedLimit, withUnit } from './metric-view.js';

function limited(deviceClass: 'bts' | 'link', name: string) {
  const metric = findMetric(deviceClass, name);
  if (metric?.kind !== 'number') throw new Error(`${name} is not a number`);
  return metric;
}

function reading(change: Partial<DeviceReadingLive>): DeviceReadingLive {
  const at = '2026-10-01T08:00:00+07:00';
  return { at, receivedAt: at, metrics: {}, suspect: [], clockOffsetMs: null, ...change };
}

describe('a metric on the device page', () => {
  it('passes the worst limit that its value is beyond, in the direction of the limit', () => {
    expect(passedLimit(limited('link', 'rttMs'), 50)).toBeNull();
    expect(passedLimit(limited('link', 'rttMs'), 51)).toBe('warning');
    expect(passedLimit(limited('link', 'rttMs'), 500)).toBe('major');
    expect(passedLimit(limited('bts', 'dcVoltageV'), 53.5)).toBeNull();
    expect(passedLimit(limited('bts', 'dcVoltageV'), 44)).toBe('critical');
  });

  it('is marked and passes nothing while it is suspect', () => {
    const now = metricsNow(DEVICE_CLASSES.link.metrics, reading({ metrics: { rttMs: 9_000 }, suspect: ['rttMs'] }));
    expect(now.find(({ metric }) => metric.name === 'rttMs')).toMatchObject({ suspect: true, passes: null });
  });

  it('stands there without a value when the reading did not carry it', () => {
    const now = metricsNow(DEVICE_CLASSES.vcs.metrics, reading({ metrics: { registered: false } }));
    expect(now.map(({ metric }) => metric.name)).toEqual(DEVICE_CLASSES.vcs.metrics.map(({ name }) => name));
    expect(now.find(({ metric }) => metric.name === 'rttMs')?.value).toBeUndefined();
    expect(now.find(({ metric }) => metric.name === 'registered')?.value).toBe(false);
  });

  it('is written in the language of the screen with its unit', () => {
    expect(withUnit(numberText(54.016, 2, 'vi'), 'V')).toBe('54,02 V');
    expect(withUnit(numberText(1234.5, 1, 'en'), 'Mbit/s')).toBe('1,234.5 Mbit/s');
    expect(withUnit(numberText(3, 0, 'vi'), '')).toBe('3');
  });
});
