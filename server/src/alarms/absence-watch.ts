import type { RegisteredDevice } from '../devices/registered-device.js';
import { alarmKey, type AlarmKey } from './alarm.js';
import { ofDevice } from './loss-alarm.js';
import type { Turn } from './turn.js';

/** How many intervals a gauge may be silent while its river is at an alarm level or it pours, and how bad that is. */
const INTERVALS_IN_FLOOD = 2;
const SEVERITY_IN_FLOOD = 'major';
/** Samples in a row until a gauge counts as speaking again. */
const GOOD_SAMPLES = 2;

/** Follows devices whose silence is an alarm of its own. One that is known to be down, or out of our sight, is not silent. */
export class AbsenceWatch {
  /** Devices that speak again after an alarm: `silent` may have ended. */
  follow(turn: Turn, standing: ReadonlySet<string>): void {
    if (standing.size === 0) return;
    for (const { device } of turn.judgement.liveReadings) {
      if (!standing.has(device.id)) continue;
      const alarm = turn.draft.standingOf(alarmKey(absenceKey(device)));
      if (alarm === null) continue;
      const good = Number(alarm.detail['good'] ?? 0) + 1;
      if (good >= GOOD_SAMPLES) {
        turn.draft.clear(absenceKey(device));
        this.look(turn, device.id);
      } else {
        turn.draft.want({ ...alarm, detail: { ...alarm.detail, good } });
      }
    }
  }

  look(turn: Turn, deviceId: string): void {
    const { world, draft, book, judgement, nowMs } = turn;
    const device = world.register.devices.get(deviceId);
    if (device === undefined) return;
    const rule = book.ruleFor(device, 'silent');
    if (rule === null || !rule.enabled || rule.condition.kind !== 'absence') {
      draft.clear(absenceKey(device));
      return;
    }
    const state = world.stateOf(deviceId);
    const level = world.alarmLevelOf(deviceId) ?? 0;
    const inFlood = level >= 1 || rains(turn, device);
    const intervals = inFlood ? Math.min(INTERVALS_IN_FLOOD, rule.condition.intervals) : rule.condition.intervals;
    const limitMs = intervals * device.reportingIntervalMs + rule.raiseAfterS * 1_000;
    // While we do not see, silence is ours; and it counts from when we see.
    const { seeing, sinceMs } = judgement.visibility;
    const heardAtMs = Math.max(state.heardAtMs ?? sinceMs, sinceMs);
    const out = state.connectivity === 'down' || state.connectivity === 'blind' || state.servedAtMs === null;
    if (!seeing || out || nowMs < heardAtMs + limitMs) {
      turn.lookAgain('absence', deviceId, out || !seeing ? nowMs + limitMs : heardAtMs + limitMs);
      return;
    }
    turn.lookAgain('absence', deviceId, nowMs + device.reportingIntervalMs);
    draft.want({
      ...ofDevice(device),
      type: 'gaugeSilent',
      qualifier: '',
      severity: inFlood ? SEVERITY_IN_FLOOD : rule.condition.severity,
      probableCause: rule.probableCause,
      text: rule.text,
      action: rule.action,
      estimated: false,
      beganAtMs: heardAtMs,
      ruleId: rule.id,
      detail: { good: 0, level },
    });
  }
}

export function absenceKey(device: Pick<RegisteredDevice, 'id'>): AlarmKey {
  return { resource: { kind: 'device', id: device.id }, type: 'gaugeSilent', qualifier: '' };
}

/** Heavy rain is told by a gauge of the same river. */
function rains({ world, draft }: Turn, device: RegisteredDevice): boolean {
  const river = device.attributes['river'];
  for (const other of world.register.devicesByCommune.get(device.communeCode) ?? []) {
    if (other.deviceClass !== 'flood' || other.attributes['river'] !== river) continue;
    for (const qualifier of RAIN_RULES) {
      const key: AlarmKey = { resource: { kind: 'device', id: other.id }, type: 'rain', qualifier };
      if (draft.standingOf(alarmKey(key)) !== null) return true;
    }
  }
  return false;
}
const RAIN_RULES = ['rain12hMm', 'rain24hMm'] as const;
