import { DEVICE_CLASSES, DEVICE_CLASS_IDS } from '@ioc/contract';
import { describe, expect, test } from 'vitest';
import { createValidate } from './validate.js';

const validate = createValidate();

describe('Metrics', () => {
  test.each(DEVICE_CLASS_IDS)('all metrics of %s with values of their types are kept as they are', (deviceClass) => {
    const metrics = Object.fromEntries(
      DEVICE_CLASSES[deviceClass].metrics.map(({ name, kind }) => [name, kind === 'number' ? 1.5 : true]),
    );
    expect(validate(deviceClass, metrics)).toEqual({
      kind: 'ok',
      value: { metrics, unknown: 0, wrongType: null },
    });
  });

  test('unknown ones are left out and counted', () => {
    expect(validate('link', { rttMs: 3, colour: 'red', __proto__: null, constructor: 1 })).toMatchObject({
      kind: 'ok',
      value: { metrics: { rttMs: 3 }, unknown: 2, wrongType: null },
    });
  });

  test('one of a wrong type is dropped with its reason, the others are kept', () => {
    const json = '{"rttMs":1e999,"jitterMs":"4","linkUp":1,"lossPercent":null,"inMbps":[1],"outMbps":2}';
    const read = validate('link', JSON.parse(json) as Record<string, unknown>);
    expect(read).toEqual({
      kind: 'ok',
      value: {
        metrics: { outMbps: 2 },
        unknown: 0,
        wrongType: 'rttMs: not finite, jitterMs: string, linkUp: number, lossPercent: null, inMbps: array',
      },
    });
  });

  test('numbers that a real column cannot hold are dropped', () => {
    expect(validate('link', { rttMs: 1e300, jitterMs: 1e-300, lossPercent: 0, linkUp: true })).toMatchObject({
      kind: 'ok',
      value: { metrics: { lossPercent: 0, linkUp: true }, wrongType: 'rttMs: not storable, jitterMs: not storable' },
    });
  });

  test('a text is a wrong type even where it could be an enumeration', () => {
    expect(validate('vcs', { registered: 'yes' })).toEqual({
      kind: 'reject',
      reason: 'metric-type',
      detail: 'registered: string',
    });
  });

  test('none at all, or none that is known, is a reading without metrics', () => {
    expect(validate('link', {})).toMatchObject({ kind: 'reject', reason: 'no-metrics' });
    expect(validate('link', { colour: 'red' })).toMatchObject({ kind: 'reject', reason: 'no-metrics' });
  });
});
