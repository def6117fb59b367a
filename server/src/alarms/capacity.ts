import { SEVERITIES, type AlarmRule, type RuleCondition, type Severity } from '@ioc/contract';
import type { RegisteredDevice } from '../devices/registered-device.js';
import { alarmKey, type AlarmKey } from './alarm.js';
import { decimalsEn, decimalsVi } from './conditions/wording.js';
import { ofDevice } from './loss-alarm.js';
import type { Turn } from './turn.js';
import { LOCAL_OFFSET_MS } from './window-schedule.js';

/** Judged once a day, at this local time. */
const JUDGED_AT_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
/** A percentile of fewer of a span's 5-minute samples is none. */
const LEAST_COVERED = 0.5;

/** The next 07:00 after a moment. */
export function nextJudgedAtMs(nowMs: number): number {
  const today = Math.floor((nowMs + LOCAL_OFFSET_MS) / DAY_MS) * DAY_MS - LOCAL_OFFSET_MS + JUDGED_AT_MS;
  return today > nowMs ? today : today + DAY_MS;
}

/** What a link carried: the percentile of each direction's 5-minute means. */
export interface CarriedLoad {
  readonly inMbps: number | null;
  readonly outMbps: number | null;
  readonly samples: number;
}

export type CapacityCondition = Extract<RuleCondition, { kind: 'capacity' }>;

/** Worse of the two directions against the contracted capacity, percent; null when too little was measured. */
export function usedPercent(load: CarriedLoad, capacityMbps: number, days: number): number | null {
  if (load.samples < LEAST_COVERED * days * 288 || !(capacityMbps > 0)) return null;
  return (Math.max(load.inMbps ?? 0, load.outMbps ?? 0) / capacityMbps) * 100;
}

/** Raises, changes or ends the alarm on a link's capacity. */
export function judgeCapacity(turn: Turn, device: RegisteredDevice, rule: AlarmRule, used: number | null): void {
  if (rule.condition.kind !== 'capacity') return;
  const { values, percentile, days } = rule.condition;
  const key: AlarmKey = { resource: { kind: 'device', id: device.id }, type: 'linkCapacity', qualifier: '' };
  const severity = rule.enabled && used !== null ? worstPast(values, used) : null;
  if (severity === null) {
    if (used !== null || !rule.enabled) turn.draft.clear(key);
    return;
  }
  const standing = turn.draft.standingOf(alarmKey(key));
  const limit = values[severity] ?? 0;
  const figure = `${percentile} %, ${days}`;
  turn.draft.want({
    ...ofDevice(device),
    type: 'linkCapacity',
    qualifier: '',
    severity,
    probableCause: rule.probableCause,
    text: {
      vi: `${rule.text.vi} (> ${decimalsVi(limit)} % dung lượng; bách phân vị ${figure} ngày)`,
      en: `${rule.text.en} (> ${decimalsEn(limit)} % of capacity; percentile ${figure} days)`,
    },
    action: rule.action,
    estimated: false,
    beganAtMs: standing?.beganAtMs ?? turn.nowMs,
    ruleId: rule.id,
    detail: { usedPercent: used === null ? null : Math.round(used * 10) / 10 },
  });
}

function worstPast(values: CapacityCondition['values'], used: number): Severity | null {
  return SEVERITIES.find((severity) => used > (values[severity] ?? Number.POSITIVE_INFINITY)) ?? null;
}
