import type { DeviceClassDefinition, NumberMetric } from '@ioc/contract';
import type { DefaultRule } from './default-rule.js';

/** What a class says of a metric's rule beyond its limit. */
export type LimitOverride = Partial<
  Pick<DefaultRule, 'type' | 'probableCause' | 'text' | 'action' | 'condition' | 'raiseAfterS' | 'basis' | 'source'>
>;

/** A rule for every metric of a class that has a limit; a class that is added has them by itself. */
export function limitRules(
  definition: DeviceClassDefinition,
  overrides: Readonly<Record<string, LimitOverride>> = {},
): readonly DefaultRule[] {
  return definition.metrics.flatMap((metric) => {
    if (metric.kind !== 'number' || metric.limit === undefined) return [];
    return [{ ...limitRule(metric, metric.limit), ...overrides[metric.name] }];
  });
}

function limitRule(metric: NumberMetric, limit: NonNullable<NumberMetric['limit']>): DefaultRule {
  const { above, values, hysteresis, raiseAfterS, clearAfterS, basis, source } = limit;
  return {
    key: metric.name,
    type: 'metricLimit',
    condition: { kind: 'limit', metric: metric.name, above, values: { ...values }, hysteresis },
    raiseAfterS,
    clearAfterS,
    basis,
    source,
    text: {
      vi: `${metric.label.vi} ${above ? 'cao' : 'thấp'}`,
      en: `${metric.label.en} ${above ? 'high' : 'low'}`,
    },
  };
}
