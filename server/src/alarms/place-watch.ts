import { ALARM_TYPE_DEFINITIONS, COMMUNE_BY_CODE, type AlarmType, type Severity } from '@ioc/contract';
import { alarmKey, type AlarmDetail, type AlarmKey, type WantedAlarm } from './alarm.js';
import { BACK_FOR_MS, hubBackSince, inferHubLoss } from './hub-watch.js';
import type { Turn } from './turn.js';

/** A gateway that is silent for longer than this is worse. */
const LONG_SILENT_MS = 600_000;
/** A commune that is reached again is so for so long before its alarm ends. */
const COMMUNE_BACK_FOR_MS = 60_000;

/** Follows what is not a device: gateways, hubs, communes. They are told at once: the delay is in what they are judged by. */
export class PlaceWatch {
  follow(turn: Turn): void {
    const { judgement, world, hubs } = turn;
    for (const { gatewayId } of judgement.gatewayChanges) this.lookAtGateway(turn, gatewayId);
    for (const code of judgement.communes.keys()) this.lookAtCommune(turn, code);
    const hubIds = new Set<string>();
    for (const { device } of judgement.changes) {
      const hubId = hubs.hubOf(device);
      for (const id of hubId === null ? [] : (hubs.selfAndAbove.get(hubId) ?? [])) hubIds.add(id);
    }
    for (const event of judgement.events) {
      const device = world.register.devices.get(event.device.id);
      const hubId = device === undefined || event.type !== HUB_EVENT ? null : hubs.hubOf(device);
      if (hubId !== null) this.#hearOfHub(turn, hubId, event.state === 'raised', event.atMs);
    }
    for (const id of hubIds) this.lookAtHub(turn, id);
  }

  lookAtGateway(turn: Turn, gatewayId: string): void {
    const { world, draft, nowMs } = turn;
    const gateway = world.register.gateways.get(gatewayId);
    if (gateway === undefined) return;
    const state = world.gatewayOf(gatewayId);
    const key: AlarmKey = { resource: { kind: 'gateway', id: gatewayId }, type: 'gatewaySilent', qualifier: '' };
    const standing = draft.standingOf(alarmKey(key));
    if (state.connectivity === 'blind') {
      const longFromMs = state.sinceMs + LONG_SILENT_MS;
      if (nowMs < longFromMs) turn.lookAgain('gateway', gatewayId, longFromMs);
      draft.want({
        ...wanted(key, gateway.name, nowMs >= longFromMs ? 'critical' : 'major', {
          reason: state.reason,
          devices: world.register.devicesByGateway.get(gatewayId)?.length ?? 0,
        }),
        owner: gateway.owner,
        beganAtMs: state.sinceMs,
      });
    } else if (standing !== null) {
      // The batch that brought it back is the first; a second one shows that it stays.
      if (state.batchAtMs !== null && state.batchAtMs > state.sinceMs) draft.clear(key);
      else turn.lookAgain('gateway', gatewayId, nowMs + GATEWAY_LOOK_MS);
    }
  }

  lookAtCommune(turn: Turn, code: string): void {
    const { world, draft, nowMs } = turn;
    const { impact, sinceMs } = world.communeOf(code);
    const name = COMMUNE_BY_CODE.get(code)?.name ?? code;
    for (const [type, of] of COMMUNE_ALARMS) {
      const key: AlarmKey = { resource: { kind: 'commune', id: code }, type, qualifier: '' };
      const standing = draft.standingOf(alarmKey(key));
      if (impact === of) {
        if (standing !== null && standing.detail['backSinceMs'] === null) continue;
        const beganAtMs = standing?.beganAtMs ?? sinceMs;
        draft.want({ ...wanted(key, name, 'critical', { backSinceMs: null }), communeCode: code, beganAtMs });
      } else if (standing !== null) {
        const kept = standing.detail['backSinceMs'];
        const backSinceMs = typeof kept === 'number' ? kept : nowMs;
        // From nearly isolated to isolated is no end of anything: one alarm takes the other's place.
        const worse = of === 'nearlyIsolated' && impact === 'isolated';
        if (worse || nowMs - backSinceMs >= COMMUNE_BACK_FOR_MS) {
          draft.clear(key);
          continue;
        }
        turn.lookAgain('commune', code, backSinceMs + COMMUNE_BACK_FOR_MS);
        if (kept === null) {
          draft.want({ ...standing, detail: { backSinceMs } });
        }
      }
    }
  }

  lookAtHub(turn: Turn, hubId: string): void {
    const { world, draft, hubs, nowMs } = turn;
    const branch = hubs.branches.get(hubId);
    if (branch === undefined) return;
    const key = hubKey(hubId);
    const standing = draft.standingOf(alarmKey(key));
    const stateOf = (id: string) => world.stateOf(id);
    if (standing !== null) {
      const backSinceMs = hubBackSince(branch, stateOf, standing.beganAtMs);
      if (backSinceMs === null) return;
      if (nowMs >= backSinceMs + BACK_FOR_MS) draft.clear(key);
      else turn.lookAgain('hub', hubId, backSinceMs + BACK_FOR_MS);
      return;
    }
    const loss = inferHubLoss(branch, stateOf);
    if (loss === null || hubBackSince(branch, stateOf, loss.beganAtMs + loss.withinS * 1_000) !== null) return;
    const { beganAtMs, ...counts } = loss;
    this.#raiseHub(turn, hubId, beganAtMs, { basis: 'inferred', ...counts });
  }

  #hearOfHub(turn: Turn, hubId: string, down: boolean, atMs: number): void {
    if (!down) turn.draft.clear(hubKey(hubId));
    else if (turn.draft.standingOf(alarmKey(hubKey(hubId))) === null) {
      const children = turn.hubs.branches.get(hubId)?.devices.length ?? 0;
      this.#raiseHub(turn, hubId, atMs, { basis: 'said', children });
    }
  }

  #raiseHub(turn: Turn, hubId: string, beganAtMs: number, detail: AlarmDetail): void {
    const { world, draft, hubs } = turn;
    const hub = world.register.hubs.get(hubId);
    if (hub === undefined) return;
    const communes = new Set((hubs.branches.get(hubId)?.devices ?? []).map(({ communeCode }) => communeCode));
    const [only] = communes;
    draft.want({
      ...wanted(hubKey(hubId), hub.name, 'critical', detail),
      communeCode: communes.size === 1 ? (only ?? null) : null,
      beganAtMs,
    });
  }
}

/** The event type by which a device tells that the hub it hangs on is down, or up again. */
export const HUB_EVENT = 'hub-down';
const GATEWAY_LOOK_MS = 10_000;
const COMMUNE_ALARMS = [
  ['communeIsolated', 'isolated'],
  ['communeNearlyIsolated', 'nearlyIsolated'],
] as const;

function hubKey(hubId: string): AlarmKey {
  return { resource: { kind: 'hub', id: hubId }, type: 'hubDown', qualifier: '' };
}

function wanted(
  key: AlarmKey & { readonly type: AlarmType },
  name: string,
  severity: Severity,
  detail: AlarmDetail,
): Omit<WantedAlarm, 'beganAtMs'> {
  const { label, probableCause, action } = ALARM_TYPE_DEFINITIONS[key.type];
  return {
    ...key,
    resource: { ...key.resource, name },
    deviceId: null,
    communeCode: null,
    owner: null,
    severity,
    probableCause,
    text: label,
    action,
    estimated: false,
    ruleId: null,
    detail,
  };
}
