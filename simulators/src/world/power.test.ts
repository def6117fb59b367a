import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from './local-time.js';
import { plantVoltage, supplyAt, type PowerPlant } from './power.js';

const LOST = Date.parse('2026-11-22T12:00:00Z');
const plant: PowerPlant = { chemistry: 'leadAcid', autonomyMs: 4 * HOUR, generator: null };
const failure = { sinceMs: LOST, untilMs: LOST + 9 * HOUR };
const at = (hours: number, of: PowerPlant = plant) => supplyAt([failure], of, LOST + hours * HOUR);

describe('a station without mains', () => {
  it('lives on its battery for its autonomy and is off until mains return', () => {
    expect(at(-1)).toMatchObject({ source: 'mains', charge: 1 });
    expect(at(2)).toMatchObject({ source: 'battery', sinceMs: LOST, charge: 0.5 });
    expect(at(3.99).source).toBe('battery');
    expect(at(4.01)).toEqual({ source: 'none', sinceMs: LOST + 4 * HOUR, charge: 0 });
    expect(at(8.9).source).toBe('none');
    expect(at(9)).toMatchObject({ source: 'mains', sinceMs: LOST + 9 * HOUR });
  });

  it('sinks from float to 43 V without ever rising', () => {
    const volts = Array.from({ length: 41 }, (_, i) =>
      plantVoltage(at(i / 10 - 0.0001), plant, LOST + (i * HOUR) / 10),
    );
    expect(volts[0]).toBeCloseTo(54, 0);
    expect(volts.at(-1)).toBeCloseTo(43, 1);
    for (let i = 1; i < volts.length; i++) expect(volts[i]).toBeLessThanOrEqual(volts[i - 1] ?? 0);
  });

  it('keeps its voltage flat on lithium until the end', () => {
    const lithium: PowerPlant = { ...plant, chemistry: 'lithium' };
    expect(plantVoltage(at(2, lithium), lithium, LOST + 2 * HOUR)).toBeGreaterThan(50);
    expect(plantVoltage(at(3.95, lithium), lithium, LOST + 3.95 * HOUR)).toBeLessThan(47);
  });

  it('charges again afterwards, and a second failure finds what has come back', () => {
    const short = { sinceMs: LOST, untilMs: LOST + 3 * HOUR };
    const charge = (hours: number) => supplyAt([short], plant, LOST + hours * HOUR).charge;
    expect(charge(3)).toBeCloseTo(0.25, 5);
    expect(charge(6)).toBeGreaterThan(0.6);
    expect(charge(24)).toBeGreaterThan(0.99);
    const again = { sinceMs: LOST + 4 * HOUR, untilMs: LOST + 20 * HOUR };
    const empty = supplyAt([short, again], plant, LOST + 19 * HOUR);
    expect(empty.source).toBe('none');
    expect(empty.sinceMs).toBeLessThan(again.sinceMs + 4 * HOUR);
  });

  it('starts its generator, runs while there is fuel, then on the battery that it charged', () => {
    const diesel: PowerPlant = { ...plant, generator: { startsAfterMs: 5 * MINUTE, fuelMs: 3 * HOUR } };
    expect(at(0.05, diesel).source).toBe('battery');
    expect(at(1, diesel)).toMatchObject({ source: 'generator', sinceMs: LOST + 5 * MINUTE });
    expect(plantVoltage(at(1, diesel), diesel, LOST + HOUR)).toBeGreaterThan(53);
    expect(at(4, diesel).source).toBe('battery');
    expect(at(7.5, diesel).source).toBe('none');
  });
});
