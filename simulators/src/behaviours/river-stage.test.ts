import { RIVER_STATION_BY_NAME } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { RIVERS } from '../fleet/rivers.js';
import { HOUR } from '../world/local-time.js';
import { stormRain, type RainField } from '../world/weather.js';
import { gaugesOf, stageM, type Gauge } from './river-stage.js';

const BEGAN = Date.parse('2026-11-22T00:00:00Z');
const storm = stormRain(1, BEGAN, 1.2);
/** Two hours of heavy rain everywhere, then nothing. */
const cloudburst: RainField = (_, atMs) => (atMs >= BEGAN && atMs < BEGAN + 2 * HOUR ? 40 : 0);

/** Hours after the beginning at which a gauge crests. */
function crestHour(gauge: Gauge, rain: RainField): number {
  const calm: Gauge = { ...gauge, tideM: 0 };
  const hours = Array.from({ length: 160 }, (_, i) => i / 4);
  const stage = (hour: number): number => stageM(calm, rain, BEGAN + hour * HOUR);
  return hours.reduce((best, hour) => (stage(hour) > stage(best) ? hour : best), 0);
}

function gaugeOf(station: string): Gauge {
  for (const river of RIVERS) {
    const index = river.reaches.findIndex((reach) => reach.station === station);
    const gauge = gaugesOf(river.id)[index];
    if (gauge !== undefined) return gauge;
  }
  throw new Error(station);
}

describe('a river', () => {
  it('stands at low water while it does not rain', () => {
    for (const river of RIVERS) {
      for (const gauge of gaugesOf(river.id)) {
        expect(Math.abs(stageM(gauge, () => 0, BEGAN) - gauge.lowM)).toBeLessThanOrEqual(gauge.tideM);
      }
    }
    expect(gaugeOf('Kon Plông').lowM).toBeCloseTo(590.61, 1);
  });

  it('rises hours after the rain and falls slower than it rose', () => {
    const gauge = gaugeOf('Trà Khúc');
    const crest = crestHour(gauge, cloudburst);
    expect(crest).toBeGreaterThan(4);
    expect(crest).toBeLessThan(14);
    const above = (hour: number): number =>
      stageM({ ...gauge, tideM: 0 }, cloudburst, BEGAN + hour * HOUR) - gauge.lowM;
    expect(above(crest + 3)).toBeGreaterThan(above(crest - 3));
  });

  it('crests upstream before it crests downstream', () => {
    for (const river of RIVERS) {
      const crests = gaugesOf(river.id).map((gauge) => crestHour(gauge, cloudburst));
      expect(crests, river.name).toEqual([...crests].sort((a, b) => a - b));
      expect(crests.at(-1), river.name).toBeGreaterThan((crests[0] ?? 0) + 1);
    }
    expect(crestHour(gaugeOf('Sơn Giang'), storm)).toBeLessThan(crestHour(gaugeOf('Trà Khúc'), storm));
  });

  it('passes alarm level 3 on the coast in the storm and stays below what would be implausible', () => {
    for (const name of ['Trà Khúc', 'Sông Vệ', 'Châu Ổ', 'Trà Câu']) {
      const gauge = gaugeOf(name);
      const levelM = RIVER_STATION_BY_NAME.get(name)?.bd3?.levelM ?? Number.NaN;
      const crest = stageM(gauge, storm, BEGAN + crestHour(gauge, storm) * HOUR);
      expect(crest, name).toBeGreaterThan(levelM);
      expect(crest, name).toBeLessThan(levelM + 2);
    }
  });
});
