import { expect, it } from 'vitest';
import type { RuleCondition } from '@ioc/contract';
import { conditionWith, numberOf, partsOf, textsOf } from './rule-fields.js';

const limit: RuleCondition = {
  kind: 'limit',
  metric: 'rttMs',
  above: true,
  values: { warning: 50, minor: 150, major: 450 },
  hysteresis: 10,
};

it('what is not touched comes back as it was', () => {
  expect(conditionWith(limit, textsOf(limit))).toEqual(limit);
});

it('a value may be written with a comma, taken away, and must be a number', () => {
  const texts = { ...textsOf(limit), 'values.warning': '52,5', 'values.minor': '' };
  expect(conditionWith(limit, texts)).toMatchObject({ values: { warning: 52.5, major: 450 } });
  expect(conditionWith(limit, { ...texts, 'values.major': 'nhiều' })).toBeNull();
  expect(conditionWith(limit, { ...texts, hysteresis: '' })).toBeNull();
  expect(numberOf('1.5.2')).toBeNull();
});

it('a severity that may be absent is absent when nothing is chosen', () => {
  const battery: RuleCondition = {
    kind: 'batteryTime',
    onBattery: 'warning',
    minutes: { major: 60 },
    hysteresisMinutes: 15,
  };
  expect(partsOf(battery)).toEqual({
    numbers: ['hysteresisMinutes'],
    severities: 'minutes',
    choices: ['onBattery'],
    hasEventType: false,
  });
  expect(conditionWith(battery, { ...textsOf(battery), onBattery: '' })).toMatchObject({ onBattery: null });
});
