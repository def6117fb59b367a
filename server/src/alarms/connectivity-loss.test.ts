import { describe, expect, it } from 'vitest';
import { unheardDevice, type DeviceState } from '../connectivity/device-state.js';
import { judgeLoss } from './connectivity-loss.js';

const delays = { raiseAfterMs: 60_000, clearAfterMs: 120_000 };
const down = (basis: 'said' | 'inferred', detectedAtMs: number): DeviceState => ({
  ...unheardDevice(0),
  connectivity: 'down',
  lastKnown: 'down',
  outage: { beganAtMs: 0, detectedAtMs, basis, reason: null },
});
const up = (sinceMs: number): DeviceState => ({ ...unheardDevice(0), connectivity: 'up', lastKnown: 'up', sinceMs });

describe('the loss of a device', () => {
  it('that was said waits from when we know of it; one that is inferred has waited already', () => {
    expect(judgeLoss(down('said', 1_000), false, delays, 60_999)).toEqual({ kind: 'wait', untilMs: 61_000 });
    expect(judgeLoss(down('said', 1_000), false, delays, 61_000)).toEqual({ kind: 'raise' });
    expect(judgeLoss(down('inferred', 180_000), false, delays, 180_000)).toEqual({ kind: 'raise' });
  });

  it('is over once the device was up for long enough', () => {
    expect(judgeLoss(up(10_000), true, delays, 129_999)).toEqual({ kind: 'wait', untilMs: 130_000 });
    expect(judgeLoss(up(10_000), true, delays, 130_000)).toEqual({ kind: 'clear' });
    expect(judgeLoss(up(10_000), false, delays, 130_000)).toEqual({ kind: 'keep' });
  });

  it('neither begins nor ends while the device is out of our sight, or silent for no known reason', () => {
    expect(judgeLoss({ ...down('said', 0), connectivity: 'blind' }, false, delays, 1e9)).toEqual({ kind: 'keep' });
    expect(judgeLoss({ ...up(0), connectivity: 'blind' }, true, delays, 1e9)).toEqual({ kind: 'keep' });
    expect(judgeLoss({ ...up(0), connectivity: 'stale' }, true, delays, 1e9)).toEqual({ kind: 'keep' });
  });
});
