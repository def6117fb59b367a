import {
  COMMUNE_BY_CODE,
  findMetric,
  SEVERITIES,
  type AlarmRuleBody,
  type DeviceClassId,
  type LocalizedText,
  type RuleCondition,
  type RuleScope,
} from '@ioc/contract';
import type { Register } from '../devices/registered-device.js';

/** What is wrong with a rule, by the path of the field. */
export interface RuleIssue {
  readonly path: string;
  readonly reason: LocalizedText;
}

type LimitCondition = Extract<RuleCondition, { kind: 'limit' }>;
type Values = LimitCondition['values'];

/**
 * What a rule of a class must satisfy beyond its shape: it judges metrics that the class has, its limits grow with their
 * severity, and a limit is not below its own hysteresis, where nothing would ever end its alarm.
 * @param standard the class's own condition: a rule keeps its kind
 */
export function checkRule(
  deviceClass: DeviceClassId,
  rule: AlarmRuleBody,
  standard: RuleCondition,
): readonly RuleIssue[] {
  const { condition } = rule;
  const issues: RuleIssue[] = [];
  if (condition.kind !== standard.kind) {
    issues.push(
      issue('condition.kind', `Quy tắc này phải là loại ${standard.kind}`, `This rule is of kind ${standard.kind}`),
    );
    return issues;
  }
  switch (condition.kind) {
    case 'limit':
      issues.push(...checkMetric(deviceClass, condition.metric, 'condition.metric'));
      issues.push(...checkValues(condition.values, condition.above, 'condition.values'));
      issues.push(...checkHysteresis(deviceClass, condition));
      if (condition.also !== undefined) {
        issues.push(...checkMetric(deviceClass, condition.also.metric, 'condition.also.metric', true));
      }
      issues.push(...checkBaseline(condition), ...checkSustained(condition));
      break;
    case 'rate':
      issues.push(...checkMetric(deviceClass, condition.metric, 'condition.metric'));
      issues.push(...checkValues(condition.values, true, 'condition.values'));
      break;
    case 'stuck':
    case 'jump':
      issues.push(...checkMetric(deviceClass, condition.metric, 'condition.metric'));
      break;
    case 'batteryTime':
    case 'riverForecast':
      issues.push(...checkValues(condition.minutes, false, 'condition.minutes', condition.kind === 'batteryTime'));
      break;
    case 'capacity':
      issues.push(...checkValues(condition.values, true, 'condition.values'));
      break;
    case 'meeting':
      issues.push(...checkValues(condition.minutes, false, 'condition.minutes'));
      issues.push(...checkLeads(condition.minutes));
      break;
    case 'flapping':
      if (condition.offPercent > condition.onPercent) {
        issues.push(
          issue(
            'condition.offPercent',
            'Mức tắt phải không cao hơn mức bật',
            'It must not be above the level to begin at',
          ),
        );
      }
      break;
    case 'absence':
      if (condition.inFlood !== undefined && condition.inFlood.intervals > condition.intervals) {
        issues.push(
          issue(
            'condition.inFlood.intervals',
            'Khi có lũ phải báo không muộn hơn lúc bình thường',
            'In a flood it must not be later than on a calm day',
          ),
        );
      }
      break;
    case 'connectivity':
    case 'event':
    case 'riverLevel':
    case 'clock':
      break;
  }
  return issues;
}

/** Whether what a scope names exists. */
export function checkScope(deviceClass: DeviceClassId, scope: RuleScope, register: Register): readonly RuleIssue[] {
  switch (scope.kind) {
    case 'class':
      return [issue('scope.kind', 'Quy tắc của loại thiết bị đã có sẵn', 'A class has its rule already: change that')];
    case 'owner':
      if (register.organisations.has(scope.id)) return [];
      return [issue('scope.id', 'Không có đơn vị này', 'There is no such organisation')];
    case 'commune':
      if (COMMUNE_BY_CODE.has(scope.id)) return [];
      return [issue('scope.id', 'Không có xã này', 'There is no such commune')];
    case 'device':
      if (register.devices.get(scope.id)?.deviceClass === deviceClass) return [];
      return [issue('scope.id', 'Không có thiết bị này trong loại', 'The class has no such device')];
  }
}

function checkMetric(deviceClass: DeviceClassId, name: string, path: string, booleanToo = false): readonly RuleIssue[] {
  const metric = findMetric(deviceClass, name);
  if (metric === undefined) {
    return [issue(path, `Loại thiết bị này không có chỉ số ${name}`, `The class has no metric ${name}`)];
  }
  if (metric.kind === 'number' || booleanToo) return [];
  return [issue(path, `Chỉ số ${name} không phải là số`, `The metric ${name} is no number`)];
}

/** The worse a severity, the further its limit. */
function checkValues(values: Values, above: boolean, path: string, mayBeEmpty = false): readonly RuleIssue[] {
  const given = SEVERITIES.flatMap((severity) => {
    const value = values[severity];
    return value === undefined ? [] : [{ severity, value }];
  });
  if (given.length === 0 && !mayBeEmpty) {
    return [issue(path, 'Phải có ít nhất một ngưỡng', 'At least one severity needs a limit')];
  }
  return given.flatMap(({ severity, value }, index) => {
    const milder = given[index + 1];
    if (milder === undefined || (above ? value > milder.value : value < milder.value)) return [];
    return [
      issue(
        `${path}.${severity}`,
        above ? 'Mức nặng hơn phải có ngưỡng cao hơn' : 'Mức nặng hơn phải có ngưỡng thấp hơn',
        above ? 'A worse severity needs a higher limit' : 'A worse severity needs a lower limit',
      ),
    ];
  });
}

/** Before a meeting: at most a day. */
function checkLeads(minutes: Values): readonly RuleIssue[] {
  return SEVERITIES.flatMap((severity) => {
    const lead = minutes[severity];
    if (lead === undefined || (lead >= 0 && lead <= LONGEST_LEAD_MINUTES)) return [];
    const range = `0–${LONGEST_LEAD_MINUTES}`;
    return [issue(`condition.minutes.${severity}`, `Phải nằm trong khoảng ${range}`, `It must lie within ${range}`)];
  });
}
const LONGEST_LEAD_MINUTES = 1_440;

/** A multiple of what is usual is a limit only where more is worse, and needs a floor for devices of which little is known. */
function checkBaseline({ above, values, baseline }: LimitCondition): readonly RuleIssue[] {
  if (baseline === undefined) return [];
  if (!above) {
    return [
      issue(
        'condition.baseline.times',
        'Chỉ dùng bội số của trung vị khi giá trị lớn là xấu',
        'A multiple of the median is a limit only where a large value is bad',
      ),
    ];
  }
  if (values[baseline.severity] !== undefined) return [];
  return [
    issue(
      `condition.values.${baseline.severity}`,
      'Mức này cần giá trị sàn cho thiết bị chưa đủ số liệu',
      'This severity needs a floor for devices of which too little is known',
    ),
  ];
}

function checkSustained({ also, sustained }: LimitCondition): readonly RuleIssue[] {
  if (sustained === undefined) return [];
  if (also !== undefined) {
    return [
      issue(
        'condition.sustained.minutes',
        'Không dùng chung với điều kiện ở chỉ số khác',
        'It cannot be used together with a condition on another metric',
      ),
    ];
  }
  if (sustained.minutes <= sustained.of) return [];
  return [
    issue(
      'condition.sustained.minutes',
      'Không thể nhiều hơn số phút được xét',
      'There are not so many minutes to look at',
    ),
  ];
}

/** A value must be able to come back past a limit by the hysteresis, within what the metric can be. */
function checkHysteresis(
  deviceClass: DeviceClassId,
  { metric, above, values, hysteresis, hysteresisPercent = 0 }: LimitCondition,
): readonly RuleIssue[] {
  const definition = findMetric(deviceClass, metric);
  if (definition?.kind !== 'number') return [];
  const { min, max } = definition.range;
  return SEVERITIES.flatMap((severity) => {
    const limit = values[severity];
    if (limit === undefined) return [];
    if (limit < min || limit > max) {
      const range = `${min}–${max}`;
      return [issue(`condition.values.${severity}`, `Phải nằm trong khoảng ${range}`, `It must lie within ${range}`)];
    }
    const back = Math.max(hysteresis, (limit * hysteresisPercent) / 100);
    if (above ? limit - back >= min : limit + back <= max) return [];
    return [
      issue(
        'condition.hysteresis',
        'Độ trễ lớn hơn ngưỡng: cảnh báo sẽ không bao giờ kết thúc',
        'The hysteresis is larger than the limit: the alarm would never end',
      ),
    ];
  });
}

function issue(path: string, vi: string, en: string): RuleIssue {
  return { path, reason: { vi, en } };
}
