import type { DeviceState } from '../connectivity/device-state.js';

/** What is to be done about the alarm on a device's connectivity. `until`: look again then, whatever comes before. */
export type LossStep =
  { readonly kind: 'raise' | 'clear' | 'keep' } | { readonly kind: 'wait'; readonly untilMs: number };

export interface LossDelays {
  readonly raiseAfterMs: number;
  readonly clearAfterMs: number;
}

const KEEP: LossStep = { kind: 'keep' };

/**
 * Whether a loss is raised or over by now. A loss that was said waits its delay; one that is inferred has waited already, for
 * as long as the silence took. What is out of our sight neither raises nor clears anything. All of it follows from the state,
 * so a restart loses no delay.
 */
export function judgeLoss(state: DeviceState, standing: boolean, delays: LossDelays, nowMs: number): LossStep {
  if (state.outage !== null) {
    if (standing || state.connectivity !== 'down') return KEEP;
    const { basis, detectedAtMs } = state.outage;
    const untilMs = basis === 'inferred' ? detectedAtMs : detectedAtMs + delays.raiseAfterMs;
    return nowMs >= untilMs ? { kind: 'raise' } : { kind: 'wait', untilMs };
  }
  if (!standing || state.connectivity !== 'up') return KEEP;
  const untilMs = state.sinceMs + delays.clearAfterMs;
  return nowMs >= untilMs ? { kind: 'clear' } : { kind: 'wait', untilMs };
}
