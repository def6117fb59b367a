import {
  SEVERITIES,
  type DeviceReadingLive,
  type MetricDefinition,
  type MetricValue,
  type NumberMetric,
  type Severity,
} from '@ioc/contract';

/** A metric of the class with what the latest reading says of it. */
export interface MetricNow {
  readonly metric: MetricDefinition;
  /** Undefined when the reading did not carry it. */
  readonly value: MetricValue | undefined;
  readonly suspect: boolean;
  /** The severity whose default limit the value passes; null while it is within its limits, suspect or absent. */
  readonly passes: Severity | null;
}

/** The worst default limit that a value passes. A suspect value passes none: it raises nothing until a second one agrees. */
export function passedLimit(metric: NumberMetric, value: number): Severity | null {
  if (metric.limit === undefined) return null;
  const { above, values } = metric.limit;
  for (const severity of SEVERITIES) {
    const limit = values[severity];
    if (limit !== undefined && (above ? value > limit : value < limit)) return severity;
  }
  return null;
}

/** Every metric of a class, in the order of its definition, with its present value. */
export function metricsNow(metrics: readonly MetricDefinition[], latest: DeviceReadingLive | null): MetricNow[] {
  return metrics.map((metric) => {
    const value = latest?.metrics[metric.name];
    const suspect = latest?.suspect.includes(metric.name) ?? false;
    const passes =
      metric.kind === 'number' && typeof value === 'number' && !suspect ? passedLimit(metric, value) : null;
    return { metric, value, suspect, passes };
  });
}

/** `54,02` in Vietnamese: as many decimals as the metric is worth. */
export function numberText(value: number, decimals: number, locale: 'vi' | 'en'): string {
  return new Intl.NumberFormat(locale === 'vi' ? 'vi-VN' : 'en-GB', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

/** A value with its unit. */
export function withUnit(text: string, unit: string): string {
  return unit === '' ? text : unit === '%' ? `${text} %` : `${text} ${unit}`;
}
