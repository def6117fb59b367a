import type { RegisteredDevice } from '../devices/registered-device.js';
import { silenceLimitMs } from './device-state.js';
import { gatewaySilenceLimitMs, learnedBatchInterval } from './gateway-state.js';
import { goBlind, hearGatewaySay, hearReading, hearSession, isLate, REASON } from './judge-device.js';
import type { Judgement } from './judgement.js';
import { JudgementDraft, type ConnectivityView } from './judgement-draft.js';
import type { Observation } from './observation.js';
import { provesService } from './proof-of-service.js';
import type { Visibility } from './visibility.js';

type Of<K extends Observation['kind']> = Extract<Observation, { kind: K }>;

/** What a batch of observations, in order of arrival, makes of the state. Costs what the batch touches. */
export function judgeObservations(
  view: ConnectivityView,
  observations: readonly Observation[],
  nowMs: number,
  visibility: Visibility,
): Judgement {
  const draft = new JudgementDraft(view, nowMs, visibility);
  /** Arrival of the latest live report through each gateway. */
  const reports = new Map<string, number>();
  for (const observation of observations) {
    switch (observation.kind) {
      case 'reading':
        hearOneReading(draft, observation, reports);
        break;
      case 'said':
        hearOneSaying(draft, observation, reports);
        break;
      case 'session':
        hearOneSession(draft, observation);
        break;
      case 'gatewaySession':
        hearGatewaySession(draft, observation);
        break;
      case 'gatewayBatch':
        hearGatewayBatch(draft, observation.gatewayId, observation.receivedAtMs);
        break;
      case 'event':
        draft.events.push(observation);
        break;
    }
  }
  for (const [gatewayId, atMs] of reports) noteReport(draft, gatewayId, atMs);
  return draft.finish();
}

function hearOneReading(draft: JudgementDraft, { reading, said }: Of<'reading'>, reports: Map<string, number>): void {
  const { device } = reading;
  const before = draft.device(device);
  if (!reading.live || isLate(before, Math.min(reading.effectiveAtMs, reading.receivedAtMs))) {
    if (said?.state === 'offline') return;
    keepEvidence(
      draft,
      device,
      reading.effectiveAtMs,
      provesService(device.deviceClass, reading.metrics, reading.suspect),
    );
    return;
  }
  draft.liveReadings.push(reading);
  if (device.gatewayId !== null) reports.set(device.gatewayId, reading.receivedAtMs);
  const after = hearReading(before, reading, said);
  draft.setDevice(device, after);
  if (before.connectivity !== 'up' && after.connectivity === 'up') {
    draft.lookAgain(device, reading.receivedAtMs + silenceLimitMs(device.reportingIntervalMs));
  }
}

function hearOneSaying(draft: JudgementDraft, said: Of<'said'>, reports: Map<string, number>): void {
  const { device } = said;
  const before = draft.device(device);
  if (!said.live || isLate(before, Math.min(said.atMs, said.receivedAtMs))) {
    if (said.state === 'online') keepEvidence(draft, device, said.atMs, false);
    return;
  }
  if (device.gatewayId !== null) reports.set(device.gatewayId, said.receivedAtMs);
  const after = hearGatewaySay(before, device, said);
  draft.setDevice(device, after);
  if (before.connectivity !== 'up' && after.connectivity === 'up') {
    draft.lookAgain(device, said.receivedAtMs + silenceLimitMs(device.reportingIntervalMs));
  }
}

function keepEvidence(draft: JudgementDraft, device: RegisteredDevice, atMs: number, proven: boolean): void {
  if (!draft.view.recentlyDown.has(device.id)) return;
  draft.lateEvidence.push({ device, atMs, provesService: proven });
}

function hearOneSession(draft: JudgementDraft, message: Of<'session'>): void {
  const { device } = message;
  const before = draft.device(device);
  const after = hearSession(before, device, message, !message.retained && toldOfUs(draft, message.receivedAtMs));
  draft.setDevice(device, after);
  if (before.connectivity !== 'up' && after.connectivity === 'up') {
    draft.lookAgain(device, message.receivedAtMs + silenceLimitMs(device.reportingIntervalMs));
  }
}

/**
 * A gateway whose acknowledgements we hold back too long is disconnected by the broker and its will fires: a will that
 * arrives while our intake is broken tells of us. At the start there is nothing of ours that could have broken it.
 */
function toldOfUs(draft: JudgementDraft, receivedAtMs: number): boolean {
  const { seeing, reason, sinceMs } = draft.visibility;
  if (seeing) return draft.view.visibility.reason !== 'starting' && receivedAtMs < sinceMs;
  return reason !== 'starting';
}

function hearGatewaySession(draft: JudgementDraft, message: Of<'gatewaySession'>): void {
  const { gatewayId, receivedAtMs } = message;
  const before = draft.gateway(gatewayId);
  if (before.session !== null && message.session < before.session) return;
  const named = Math.min(message.atMs, receivedAtMs);
  if (message.state === 'online') {
    draft.setGateway(gatewayId, { ...before, session: message.session, sessionState: 'online', sessionAtMs: named });
    if (before.connectivity === 'blind') comeBack(draft, gatewayId, receivedAtMs);
    return;
  }
  const lastSign = Math.max(
    before.batchAtMs ?? Number.NEGATIVE_INFINITY,
    before.sessionAtMs ?? Number.NEGATIVE_INFINITY,
  );
  if (!message.retained && named <= lastSign && toldOfUs(draft, receivedAtMs)) return;
  if (before.session === message.session && before.sessionState === 'offline') return;
  draft.setGateway(gatewayId, { ...before, session: message.session, sessionState: 'offline' });
  const sinceMs = Math.min(Math.max(named, lastSign), receivedAtMs);
  blindGateway(draft, gatewayId, sinceMs, message.reason ?? REASON.gatewayOffline);
}

function hearGatewayBatch(draft: JudgementDraft, gatewayId: string, receivedAtMs: number): void {
  const before = draft.gateway(gatewayId);
  const gapMs = before.batchAtMs === null ? null : receivedAtMs - before.batchAtMs;
  const learns = gapMs !== null && before.connectivity === 'up';
  draft.setGateway(gatewayId, {
    ...before,
    // It speaks, so its session lives, whatever was said of it before.
    sessionState: before.sessionState === 'offline' ? 'online' : before.sessionState,
    batchAtMs: receivedAtMs,
    batchIntervalMs: learns ? learnedBatchInterval(before.batchIntervalMs, gapMs) : before.batchIntervalMs,
  });
  if (before.connectivity === 'blind') comeBack(draft, gatewayId, receivedAtMs);
}

/** Its devices stay blind until they are heard, or until it has been healthy for as long as their silence takes to judge. */
function comeBack(draft: JudgementDraft, gatewayId: string, atMs: number): void {
  const gateway = draft.gateway(gatewayId);
  draft.setGateway(gatewayId, { ...gateway, connectivity: 'up', sinceMs: atMs, reason: null, reportAtMs: null });
  draft.blindSpans.push({
    gatewayId,
    edge: 'ended',
    beganAtMs: gateway.sinceMs,
    endedAtMs: atMs,
    reason: gateway.reason ?? REASON.gatewaySilent,
  });
  for (const device of draft.view.register.devicesByGateway.get(gatewayId) ?? []) {
    if (draft.device(device).connectivity === 'blind') {
      draft.lookAgain(device, atMs + silenceLimitMs(device.reportingIntervalMs));
    }
  }
}

/** A gateway is out of our sight, and with it everything that reports through it. */
export function blindGateway(draft: JudgementDraft, gatewayId: string, sinceMs: number, reason: string): void {
  const gateway = draft.gateway(gatewayId);
  if (gateway.connectivity === 'blind') return;
  draft.setGateway(gatewayId, { ...gateway, connectivity: 'blind', sinceMs, reason });
  draft.blindSpans.push({ gatewayId, edge: 'began', beganAtMs: sinceMs, endedAtMs: null, reason });
  const why = reason === REASON.gatewaySilent ? REASON.gatewaySilent : REASON.gatewayOffline;
  for (const device of draft.view.register.devicesByGateway.get(gatewayId) ?? []) {
    draft.setDevice(device, goBlind(draft.device(device), sinceMs, why));
  }
}

/** Devices of the gateway report. Only against such reports is another one's silence behind it judged. */
function noteReport(draft: JudgementDraft, gatewayId: string, atMs: number): void {
  const gateway = draft.gateway(gatewayId);
  const { reportAtMs } = gateway;
  const gapLimitMs = gatewaySilenceLimitMs(gateway);
  const seeingSinceMs = draft.visibility.sinceMs;
  const broken = reportAtMs === null || reportAtMs < seeingSinceMs || atMs - reportAtMs > gapLimitMs;
  draft.setGateway(gatewayId, {
    ...gateway,
    reportAtMs: atMs,
    reportingSinceMs: broken ? atMs : (gateway.reportingSinceMs ?? atMs),
  });
}
