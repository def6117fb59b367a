import { describe, expect, test } from 'vitest';
import {
  consequenceOf,
  minutesUntilSilent,
  priorityOf,
  urgencyOf,
  whyOf,
  type PowerSituation,
} from './power-priority.js';

const ordinary: PowerSituation = {
  minutesLeft: 90,
  generatorMinutes: null,
  powerInMinutes: null,
  stations: 2,
  communeStationsAlive: 20,
  isHub: false,
  stationsBehind: 0,
  lastOfCommune: false,
  lastOfOperator: [],
  alive: true,
  population: null,
  reachable: null,
};
const site = (change: Partial<PowerSituation>): PowerSituation => ({ ...ordinary, ...change });

describe('the priority of a site', () => {
  test('is urgency times consequence', () => {
    expect(urgencyOf(90)).toBe(2);
    expect(consequenceOf(ordinary)).toBe(2);
    expect(priorityOf(ordinary)).toBe(4);
  });

  test('puts the last of a commune before a hub, a hub before an operator’s last, and that before one of many', () => {
    const order = [
      site({ lastOfCommune: true, lastOfOperator: ['VNPT'] }),
      site({ isHub: true, stationsBehind: 30 }),
      site({ lastOfOperator: ['VNPT'] }),
      ordinary,
    ].map(priorityOf);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(new Set(order).size).toBe(4);
  });

  test('grows while the battery runs down, and is bounded at both ends', () => {
    expect([0, 30, 90, 210, 100_000].map(urgencyOf)).toEqual([8, 4, 2, 1, 0.5]);
    expect(urgencyOf(null)).toBe(urgencyOf(120));
  });

  test('is lower while a generator has fuel: the battery only counts after it', () => {
    const fuelled = site({ generatorMinutes: 300 });
    expect(minutesUntilSilent(fuelled)).toBe(390);
    expect(priorityOf(fuelled)).toBeLessThan(priorityOf(ordinary));
  });

  test('counts the people that a site serves: all of them when it is the last, else its share', () => {
    expect(consequenceOf(site({ population: 10_000 }))).toBeCloseTo(2 + 3 * 0.1);
    expect(consequenceOf(site({ population: 10_000, lastOfCommune: true }))).toBeCloseTo(2 + 20 + 3);
  });

  test('is a quarter where the road is cut, and the site stays on the list', () => {
    expect(priorityOf(site({ reachable: false }))).toBe(1);
    expect(priorityOf(site({ reachable: true }))).toBe(4);
  });

  test('is lower when power is promised before the battery ends, not when it comes too late', () => {
    expect(priorityOf(site({ powerInMinutes: 60 }))).toBe(1.2);
    expect(priorityOf(site({ powerInMinutes: 91 }))).toBe(4);
  });

  test('does not let one hub with a thousand stations outweigh everything', () => {
    expect(consequenceOf(site({ isHub: true, stationsBehind: 1_000 }))).toBe(2 + 10 + 8);
  });
});

test('why: the heaviest reason first, in both languages', () => {
  const why = whyOf(
    site({
      lastOfCommune: true,
      lastOfOperator: ['VNPT'],
      isHub: true,
      stationsBehind: 41,
      population: 12_345,
      generatorMinutes: 30,
      powerInMinutes: 125,
      reachable: false,
    }),
    (id) => id,
  );
  expect(why.vi).toBe(
    'Vị trí cuối cùng còn sóng của xã · nút truyền dẫn, 41 trạm phía sau · ắc quy còn khoảng 1 giờ 30 · máy phát còn 30 phút · 12.345 dân · hẹn có điện sau 2 giờ 05 · đường bị cắt',
  );
  expect(why.en).toContain('The last of its commune alive · a hub, 41 stations behind it');
  expect(whyOf(site({ minutesLeft: 0 }), (id) => id)).toEqual({ vi: 'Đã hết ắc quy', en: 'Battery empty' });
  expect(whyOf(site({ minutesLeft: null }), (id) => id).en).toBe('Battery time unknown');
  expect(whyOf(site({ minutesLeft: 0, alive: false, lastOfOperator: ['VNPT'] }), (id) => id).en).toBe(
    'It would bring VNPT back · battery empty',
  );
});
