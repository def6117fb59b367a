import { describe, expect, it } from 'vitest';
import type { Problem, RuleCondition } from '@ioc/contract';
import { conditionWith, fieldsOf, numberOf, partsOf, refusedFields, textsOf, withoutFields } from './rule-fields.js';

const limit: RuleCondition = {
  kind: 'limit',
  metric: 'rttMs',
  above: true,
  values: { warning: 50, minor: 150, major: 450 },
  hysteresis: 0,
  hysteresisPercent: 20,
  baseline: { severity: 'warning', times: 3, days: 7 },
};
const absence: RuleCondition = {
  kind: 'absence',
  intervals: 3,
  severity: 'warning',
  inFlood: { intervals: 2, severity: 'major', rainMm: 50, rainOverS: 21_600 },
};
const conditionOf = (condition: RuleCondition, texts: Record<string, string>) => {
  const checked = conditionWith(condition, { ...textsOf(condition), ...texts });
  return checked.ok ? checked.condition : Object.fromEntries(checked.faults);
};

describe('the fields of a condition', () => {
  it('that are not touched come back as they were', () => {
    expect(conditionOf(limit, {})).toEqual(limit);
    expect(conditionOf(absence, {})).toEqual(absence);
  });

  it('take a value with a comma, or none', () => {
    expect(conditionOf(limit, { 'values.warning': '52,5', 'values.minor': '' })).toMatchObject({
      values: { warning: 52.5, major: 450 },
    });
    expect(numberOf('1.5.2')).toBeNull();
  });

  it('say which of them is wrong, and how', () => {
    expect(conditionOf(limit, { 'values.major': 'nhiều', hysteresis: '' })).toEqual({
      'values.major': { kind: 'number' },
      hysteresis: { kind: 'number' },
    });
    expect(conditionOf(limit, { hysteresis: '-1', hysteresisPercent: '95' })).toEqual({
      hysteresis: { kind: 'atLeast', bound: 0 },
      hysteresisPercent: { kind: 'atMost', bound: 90 },
    });
    expect(conditionOf(absence, { 'inFlood.intervals': '1,5', 'inFlood.rainMm': '0' })).toEqual({
      'inFlood.intervals': { kind: 'integer' },
      'inFlood.rainMm': { kind: 'above', bound: 0 },
    });
  });

  it('are those of the parts that the rule has', () => {
    expect(partsOf(absence).groups).toEqual([
      { name: null, numbers: ['intervals'], choices: ['severity'] },
      {
        name: 'inFlood',
        numbers: ['inFlood.intervals', 'inFlood.rainMm', 'inFlood.rainOverS'],
        choices: ['inFlood.severity'],
      },
    ]);
    expect(conditionOf(limit, { 'baseline.times': '2,5', 'baseline.severity': 'minor' })).toMatchObject({
      baseline: { severity: 'minor', times: 2.5, days: 7 },
    });
  });

  it('may leave a severity out where the rule does not need it', () => {
    const battery: RuleCondition = {
      kind: 'batteryTime',
      onBattery: 'warning',
      minutes: { major: 60 },
      hysteresisMinutes: 15,
    };
    expect(partsOf(battery)).toEqual({
      groups: [{ name: null, numbers: ['hysteresisMinutes'], choices: ['onBattery'] }],
      severities: 'minutes',
      hasEventType: false,
    });
    expect(conditionOf(battery, { onBattery: '' })).toMatchObject({ onBattery: null });
  });
});

describe('what the server refuses', () => {
  const errors = [
    { path: 'body.rule.condition.hysteresis', message: 'Độ trễ lớn hơn ngưỡng' },
    { path: 'body.rule.condition.metric', message: 'Loại thiết bị này không có chỉ số rttMs' },
    { path: 'body.scope.id', message: 'Không có xã này' },
  ];
  const problem: Problem = { type: 'about:blank', title: '', status: 400, code: 'bad-request', detail: 'x', errors };

  it('stands beside its field, whether the rule was sent alone or for a scope', () => {
    const fields = refusedFields(errors);
    expect(fields.get('condition.hysteresis')).toBe('Độ trễ lớn hơn ngưỡng');
    expect(fields.get('scope.id')).toBe('Không có xã này');
    expect(refusedFields([{ path: 'body.condition.hysteresis', message: 'y' }]).get('condition.hysteresis')).toBe('y');
  });

  it('of what has no field is said all the same', () => {
    const shown = new Set([...fieldsOf(limit)].map((path) => `condition.${path}`)).add('scope.id');
    expect(withoutFields(problem, shown)).toEqual({ ...problem, errors: [errors[1]] });
    const beside = withoutFields({ ...problem, errors: errors.slice(0, 1) }, shown);
    expect(beside.errors).toBeUndefined();
    expect(beside.detail).toBeUndefined();
  });
});
