import { DEVICE_CLASSES, SEVERITIES, type AlarmRule, type LocalizedText } from '@ioc/contract';

type Translate = (key: string, values?: Record<string, string | number>) => string;

/** A condition in a line: what it looks at, and its values from the mildest to the worst. */
export function conditionText(
  { condition, deviceClass, enabled }: Pick<AlarmRule, 'condition' | 'deviceClass' | 'enabled'>,
  locale: keyof LocalizedText,
  t: Translate,
): string {
  const parts: string[] = enabled ? [] : [t('rules.disabled')];
  parts.push(t(`rules.condition.${condition.kind}`));
  const metric =
    'metric' in condition
      ? DEVICE_CLASSES[deviceClass].metrics.find(({ name }) => name === condition.metric)
      : undefined;
  const metricName = metric?.label[locale] ?? ('metric' in condition ? condition.metric : '');
  if (condition.kind === 'limit')
    parts.push(t(condition.above ? 'rules.above' : 'rules.below', { metric: metricName }));
  else if (metricName !== '') parts.push(metricName);
  const values = 'values' in condition ? condition.values : 'minutes' in condition ? condition.minutes : null;
  if (values !== null) {
    const unit = 'minutes' in condition ? 'min' : metric !== undefined && 'unit' in metric ? metric.unit : '';
    const listed = [...SEVERITIES]
      .reverse()
      .flatMap((severity) =>
        values[severity] === undefined ? [] : [`${t(`ui.severity.${severity}`)} ${values[severity]}`],
      );
    parts.push(`${listed.join(' / ')} ${unit}`.trim());
  }
  if ('severity' in condition) parts.push(t(`ui.severity.${condition.severity}`));
  return parts.join(' · ');
}
