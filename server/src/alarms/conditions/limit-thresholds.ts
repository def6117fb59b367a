import { findMetric, SEVERITIES, type AlarmRule, type LocalizedText, type RuleCondition } from '@ioc/contract';
import type { RegisteredDevice } from '../../devices/registered-device.js';
import type { AlarmDetail } from '../alarm.js';
import { thresholdsOf, worstActive, type Levels, type Thresholds } from './levels.js';
import type { RuleSurroundings, Verdict } from './reading-rule.js';
import { decimalsEn, decimalsVi } from './wording.js';

export type LimitCondition = Extract<RuleCondition, { kind: 'limit' }>;

/** The limits of a rule on a metric: the same for every device, unless one of them rests on what is usual for the device. */
export interface LimitThresholds {
  /** What no device's limits are below (or above, where a small value is bad). */
  readonly floor: Thresholds;
  of(device: RegisteredDevice, around: RuleSurroundings): Thresholds;
  /** What the worst active severity says; null when none is. `beganAtMs`: when what it tells of began. */
  verdict(levels: Levels | null, device: RegisteredDevice, around: RuleSurroundings, beganAtMs: number): Verdict | null;
}

export function limitThresholds(rule: AlarmRule, condition: LimitCondition): LimitThresholds {
  const { metric, above, values, hysteresis, hysteresisPercent = 0, baseline } = condition;
  const { raiseAfterS, clearAfterS } = rule;
  const withValues = (given: LimitCondition['values']) =>
    thresholdsOf({
      above,
      values: given,
      hysteresisOf: (limit) => Math.max(hysteresis, (limit * hysteresisPercent) / 100),
      raiseAfterS,
      clearAfterS,
    });
  const floor = withValues(values);
  const byDevice = new WeakMap<RegisteredDevice, { readonly median: number; readonly thresholds: Thresholds }>();
  const definition = findMetric(rule.deviceClass, metric);
  const unit = definition?.kind === 'number' && definition.unit !== '' ? ` ${definition.unit}` : '';
  const sign = above ? '>' : '<';

  function medianOf(device: RegisteredDevice, around: RuleSurroundings): number | null {
    return baseline === undefined ? null : around.medianOf(device, metric, baseline.days);
  }

  function of(device: RegisteredDevice, around: RuleSurroundings): Thresholds {
    const median = medianOf(device, around);
    if (baseline === undefined || median === null) return floor;
    const known = byDevice.get(device);
    if (known?.median === median) return known.thresholds;
    const limit = Math.max(values[baseline.severity] ?? 0, baseline.times * median);
    const thresholds = withValues({ ...values, [baseline.severity]: limit });
    byDevice.set(device, { median, thresholds });
    return thresholds;
  }

  return {
    floor,
    of,
    verdict(levels, device, around, beganAtMs) {
      const index = worstActive(levels);
      const severity = SEVERITIES[index];
      const limit = of(device, around).limits[index];
      if (severity === undefined || limit === undefined || limit === null) return null;
      const median = medianOf(device, around);
      const detail: AlarmDetail = { metric, limit };
      const made =
        baseline === undefined || baseline.severity !== severity
          ? { vi: '', en: '' }
          : madeOf(baseline, median, unit, limit > (values[severity] ?? 0));
      return {
        severity,
        beganAtMs,
        text: {
          vi: `${rule.text.vi} (${sign} ${decimalsVi(limit)}${unit}${made.vi})`,
          en: `${rule.text.en} (${sign} ${decimalsEn(limit)}${unit}${made.en})`,
        },
        estimated: false,
        detail: median === null ? detail : { ...detail, median },
        step: 0,
      };
    },
  };
}

/** Which of the two a limit is, the floor or a multiple of what is usual, and why. */
function madeOf(
  { times, days }: NonNullable<LimitCondition['baseline']>,
  median: number | null,
  unit: string,
  isMultiple: boolean,
): LocalizedText {
  if (median === null) {
    return {
      vi: `, mức sàn: chưa đủ số liệu ${days} ngày`,
      en: `, the floor: too little is known of the last ${days} days`,
    };
  }
  const vi = `${decimalsVi(times)} × trung vị ${days} ngày ${decimalsVi(median)}${unit}`;
  const en = `${decimalsEn(times)} × the ${days}-day median of ${decimalsEn(median)}${unit}`;
  if (isMultiple) return { vi: ` = ${vi}`, en: ` = ${en}` };
  return { vi: `, mức sàn: ${vi} thấp hơn`, en: `, the floor: ${en} is less` };
}
