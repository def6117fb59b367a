import { describe, expect, test } from 'vitest';
import { minutesOfBattery, type BatterySample } from './battery-forecast.js';

const MINUTE = 60_000;
const sample = (minute: number, percent: number | null, voltageV: number | null = null): BatterySample => ({
  atMs: minute * MINUTE,
  percent,
  voltageV,
});

describe('minutes of battery', () => {
  test('follow how fast the charge fell', () => {
    // 20 points in 30 minutes: 40 points are an hour.
    expect(minutesOfBattery(sample(30, 40), sample(0, 60), 'leadAcid')).toBe(60);
  });

  test('follow the design autonomy of 4 h while the fall is too small or too short to believe', () => {
    expect(minutesOfBattery(sample(30, 50), null, 'lithium')).toBe(120);
    expect(minutesOfBattery(sample(30, 50), sample(0, 51), 'lithium')).toBe(120);
    expect(minutesOfBattery(sample(2, 50), sample(0, 60), 'lithium')).toBe(120);
  });

  test('do not come from a charge that rises', () => {
    expect(minutesOfBattery(sample(30, 50), sample(0, 20), 'lithium')).toBe(120);
  });

  test('come from the voltage of lead-acid cells when nothing else is reported, never from that of lithium', () => {
    expect(minutesOfBattery(sample(0, null, 47.2), null, 'leadAcid')).toBe(120);
    expect(minutesOfBattery(sample(0, null, 40), null, 'leadAcid')).toBe(0);
    expect(minutesOfBattery(sample(0, null, 47.2), null, 'lithium')).toBeNull();
    expect(minutesOfBattery(sample(0, null), null, 'leadAcid')).toBeNull();
  });

  test('are none when the battery is empty', () => {
    expect(minutesOfBattery(sample(30, 0), sample(0, 60), 'leadAcid')).toBe(0);
  });
});
