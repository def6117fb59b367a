import { RIVER_STATION_BY_NAME } from '@ioc/contract';
import { describe, expect, it } from 'vitest';
import { timeToNextLevel } from './river-forecast.js';
import type { Sample } from './track.js';

const traKhuc = RIVER_STATION_BY_NAME.get('Trà Khúc');
const rising = (from: number, perHour: number): readonly Sample[] =>
  [0, 20, 40, 60].map((minute) => [minute * 60_000, from + (perHour * minute) / 60]);

describe('the time to the next alarm level', () => {
  it('is what the present rise needs to the next level above', () => {
    if (traKhuc === undefined) throw new Error('Trà Khúc');
    expect(timeToNextLevel(traKhuc, rising(2.5, 0.5), 3)).toEqual({ rank: 1, minutes: expect.closeTo(60) as number });
    expect(timeToNextLevel(traKhuc, rising(4.5, 1), 3)).toEqual({ rank: 3, minutes: expect.closeTo(60) as number });
  });

  it('is none while the river falls or stands, with too few samples, or above every level', () => {
    if (traKhuc === undefined) throw new Error('Trà Khúc');
    expect(timeToNextLevel(traKhuc, rising(3, -0.5), 3)).toBeNull();
    expect(timeToNextLevel(traKhuc, rising(3, 0.01), 3)).toBeNull();
    expect(timeToNextLevel(traKhuc, rising(2.5, 0.5).slice(0, 2), 3)).toBeNull();
    expect(timeToNextLevel(traKhuc, rising(6.6, 0.5), 3)).toBeNull();
  });
});
