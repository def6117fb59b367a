import { describe, expect, it } from 'vitest';
import { groupDevices, ungroupDevices } from './device-groups.js';
import { deviceGroup, type DeviceLive } from './live.js';

const up: DeviceLive = {
  connectivity: 'up',
  lastKnown: 'up',
  sinceMs: 1_000,
  severity: null,
  onBattery: false,
  alarmLevel: null,
};
const devices: (readonly [string, DeviceLive])[] = [
  ['A', up],
  ['B', { ...up, connectivity: 'blind', sinceMs: 2_000 }],
  ['C', { ...up, sinceMs: 3_000 }],
  ['D', { ...up, severity: 'major' }],
];

describe('devices in groups', () => {
  it('share what they have in common, and keep which they are and since when', () => {
    const groups = groupDevices(devices);
    expect(groups.map(({ ids }) => ids)).toEqual([['A', 'C'], ['B'], ['D']]);
    expect(groups[0]).toMatchObject({ connectivity: 'up', severity: null, sinceMs: [1_000, 3_000] });
    for (const group of groups) expect(deviceGroup.parse(group)).toEqual(group);
  });

  it('come out of them as they went in', () => {
    expect(new Map(ungroupDevices(groupDevices(devices)))).toEqual(new Map(devices));
    expect([...ungroupDevices([])]).toEqual([]);
  });

  it('are refused when a time is missing', () => {
    const [group] = groupDevices(devices);
    expect(deviceGroup.safeParse({ ...group, sinceMs: [1_000] }).success).toBe(false);
  });
});
