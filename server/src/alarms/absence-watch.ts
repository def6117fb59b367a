import type { LocalizedText, RuleCondition } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { alarmKey, type AlarmKey } from './alarm.js';
import { decimalsEn, decimalsVi } from './conditions/wording.js';
import { ofDevice } from './loss-alarm.js';
import type { Turn } from './turn.js';

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
    const { intervals, severity, inFlood } = rule.condition;
    const state = world.stateOf(deviceId);
    const flood = inFlood === undefined ? null : floodNear(turn, device, inFlood);
    const fewest = inFlood === undefined ? intervals : Math.min(inFlood.intervals, intervals);
    const afterMs = (many: number) => many * device.reportingIntervalMs + rule.raiseAfterS * 1_000;
    // While we do not see, silence is ours; and it counts from when we see.
    const { seeing, sinceMs } = judgement.visibility;
    const heardAtMs = Math.max(state.heardAtMs ?? sinceMs, sinceMs);
    const out = state.connectivity === 'down' || state.connectivity === 'blind' || state.servedAtMs === null;
    if (!seeing || out) {
      turn.lookAgain('absence', deviceId, nowMs + afterMs(fewest));
      return;
    }
    if (nowMs < heardAtMs + afterMs(flood === null ? intervals : fewest)) {
      // Once for a flood, and again for a calm day, on which a flood may have come near meanwhile.
      const soonestMs = heardAtMs + afterMs(fewest);
      turn.lookAgain('absence', deviceId, nowMs < soonestMs ? soonestMs : heardAtMs + afterMs(intervals));
      return;
    }
    turn.lookAgain('absence', deviceId, nowMs + device.reportingIntervalMs);
    draft.want({
      ...ofDevice(device),
      type: 'gaugeSilent',
      qualifier: '',
      severity: flood === null || inFlood === undefined ? severity : inFlood.severity,
      probableCause: rule.probableCause,
      text:
        flood === null
          ? rule.text
          : { vi: `${rule.text.vi} (${flood.text.vi})`, en: `${rule.text.en} (${flood.text.en})` },
      action: rule.action,
      estimated: false,
      beganAtMs: heardAtMs,
      ruleId: rule.id,
      detail: { good: 0, level: flood?.level ?? 0, rainMm: flood?.rainMm ?? null },
    });
  }
}

type InFlood = NonNullable<Extract<RuleCondition, { kind: 'absence' }>['inFlood']>;

/** Why a gauge must not be silent for long now: its river is at an alarm level, or it poured in its basin. */
interface FloodNear {
  readonly text: LocalizedText;
  readonly level: number;
  /** The most that a gauge of the basin told of, mm. */
  readonly rainMm: number | null;
}

function floodNear(
  { world, basins }: Turn,
  device: RegisteredDevice,
  { rainMm, rainOverS }: InFlood,
): FloodNear | null {
  const level = world.alarmLevelOf(device.id) ?? 0;
  if (level >= 1) {
    return { text: { vi: `sông đang ở báo động ${level}`, en: `river at alarm level ${level}` }, level, rainMm: null };
  }
  const fallenMm = Math.max(0, ...basins.gaugesOf(device).map((id) => world.rainOver(id, rainOverS * 1_000)));
  if (fallenMm < rainMm) return null;
  const hours = rainOverS / 3_600;
  return {
    text: {
      vi: `mưa ${decimalsVi(fallenMm, 0)} mm trong ${decimalsVi(hours, 1)} giờ ở lưu vực`,
      en: `${decimalsEn(fallenMm, 0)} mm of rain in ${decimalsEn(hours, 1)} h in the basin`,
    },
    level,
    rainMm: Math.round(fallenMm),
  };
}

export function absenceKey(device: Pick<RegisteredDevice, 'id'>): AlarmKey {
  return { resource: { kind: 'device', id: device.id }, type: 'gaugeSilent', qualifier: '' };
}
