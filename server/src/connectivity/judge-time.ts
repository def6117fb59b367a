import type { RegisteredDevice } from '../devices/registered-device.js';
import { silenceLimitMs, type DeviceState } from './device-state.js';
import { gatewaySilenceLimitMs } from './gateway-state.js';
import { goBlind, goDown, goStale, REASON } from './judge-device.js';
import { blindGateway } from './judge-observations.js';
import type { Judgement } from './judgement.js';
import { JudgementDraft, type ConnectivityView } from './judgement-draft.js';
import type { Visibility } from './visibility.js';

/** How often the intake's heartbeat is written; after a crash no more than this is wrongly counted as seen. */
export const HEARTBEAT_MS = 5_000;
/** Silences looked at in one go; the others come the next time. 5,000 take about 5 ms. */
const LOOKS_PER_TURN = 5_000;
/** When a device's silence waits for its gateway to show that others report. */
const WAIT_FOR_GATEWAY_MS = 5_000;

/** What the passing of time makes of the state. Costs what is due, not the number of devices. */
export function judgePassingOfTime(view: ConnectivityView, nowMs: number, visibility: Visibility): Judgement {
  const draft = new JudgementDraft(view, nowMs, visibility);
  // While we do not see, silence is ours.
  if (!visibility.seeing) return draft.finish();
  if (view.blindSinceMs !== null && nowMs > view.blindSinceMs) {
    draft.blindSpans.push({
      gatewayId: null,
      edge: 'ended',
      beganAtMs: view.blindSinceMs,
      endedAtMs: nowMs,
      reason: view.visibility.reason ?? 'starting',
    });
  }
  if (nowMs - view.heartbeatAtMs >= HEARTBEAT_MS || nowMs < view.heartbeatAtMs) draft.heartbeatAtMs = nowMs;
  if (nowMs >= view.graceEndsAtMs) {
    for (const gatewayId of view.register.gateways.keys()) lookAtGateway(draft, gatewayId);
  }
  for (const id of view.dueDevices(nowMs, LOOKS_PER_TURN)) {
    draft.takenDeadlines.push(id);
    const device = view.register.devices.get(id);
    if (device !== undefined) lookAtDevice(draft, device);
  }
  return draft.finish();
}

/** Silence counts from here at the earliest: we must have been here, and seeing. */
function listeningSinceMs(draft: JudgementDraft): number {
  return Math.max(draft.view.startedAtMs, draft.visibility.sinceMs);
}

function lookAtGateway(draft: JudgementDraft, gatewayId: string): void {
  const gateway = draft.gateway(gatewayId);
  if (gateway.connectivity === 'blind') return;
  const heardAtMs = gateway.batchAtMs ?? gateway.sinceMs;
  const fromMs = Math.max(gateway.batchAtMs ?? listeningSinceMs(draft), listeningSinceMs(draft));
  if (draft.nowMs - fromMs < gatewaySilenceLimitMs(gateway)) return;
  blindGateway(draft, gatewayId, Math.max(heardAtMs, gateway.sinceMs), REASON.gatewaySilent);
}

function lookAtDevice(draft: JudgementDraft, device: RegisteredDevice): void {
  const state = draft.device(device);
  if (state.connectivity === 'down' || state.connectivity === 'stale') return;
  const limitMs = silenceLimitMs(device.reportingIntervalMs);
  const heardAtMs = Math.max(state.heardAtMs ?? 0, listeningSinceMs(draft));
  const dueMs = Math.max(heardAtMs + limitMs, draft.view.graceEndsAtMs);
  if (draft.nowMs < dueMs) {
    draft.lookAgain(device, dueMs);
    return;
  }
  if (device.gatewayId === null) {
    draft.setDevice(device, goStale(state, draft.nowMs));
    return;
  }
  lookBehindGateway(draft, device, device.gatewayId, state, heardAtMs, limitMs);
}

/**
 * Silence behind a gateway is measured by what the gateway delivered, not by the clock: when the gateway stops too, nothing
 * is inferred of its devices, and whichever of the two limits runs out first, the devices end up blind and not down.
 */
function lookBehindGateway(
  draft: JudgementDraft,
  device: RegisteredDevice,
  gatewayId: string,
  state: DeviceState,
  heardAtMs: number,
  limitMs: number,
): void {
  const { nowMs } = draft;
  const gateway = draft.gateway(gatewayId);
  if (gateway.connectivity === 'blind') {
    draft.setDevice(device, goBlind(state, gateway.sinceMs, REASON.gatewaySilent));
    return;
  }
  const { reportAtMs, reportingSinceMs } = gateway;
  if (reportAtMs !== null && reportingSinceMs !== null) {
    const fromMs = Math.max(heardAtMs, reportingSinceMs);
    if (reportAtMs - fromMs >= limitMs) {
      draft.setDevice(device, inferSilence(state, reportingSinceMs, nowMs));
      return;
    }
    if (nowMs < fromMs + limitMs) {
      draft.lookAgain(device, fromMs + limitMs);
      return;
    }
  }
  const quietFromMs = Math.max(reportAtMs ?? gateway.batchAtMs ?? heardAtMs, listeningSinceMs(draft));
  if (state.connectivity === 'up' && nowMs - quietFromMs >= limitMs + WAIT_FOR_GATEWAY_MS) {
    // The gateway speaks but no device of it reports: its own collection is broken, and that says nothing of this one.
    draft.setDevice(device, goStale(state, nowMs));
    return;
  }
  draft.lookAgain(device, nowMs + WAIT_FOR_GATEWAY_MS);
}

/** Silent while others report: down, if it was ever heard; since its last service, or since we could have seen it again. */
function inferSilence(state: DeviceState, reportingSinceMs: number, nowMs: number): DeviceState {
  if (state.lastKnown === 'down') {
    return goDown(state, { atMs: nowMs, detectedAtMs: nowMs, basis: 'inferred', reason: REASON.silent });
  }
  if (state.servedAtMs === null) {
    return { ...state, connectivity: 'stale', lastKnown: 'stale', sinceMs: nowMs, reason: REASON.neverHeard };
  }
  const wasBlind = state.connectivity === 'blind';
  const atMs = wasBlind ? Math.max(state.servedAtMs, reportingSinceMs) : state.servedAtMs;
  return goDown(state, { atMs: Math.min(atMs, nowMs), detectedAtMs: nowMs, basis: 'inferred', reason: REASON.silent });
}
