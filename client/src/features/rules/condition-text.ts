import { DEVICE_CLASSES, SEVERITIES, type AlarmRule, type LocalizedText, type RuleCondition } from '@ioc/contract';

type Locale = keyof LocalizedText;
type Translate = (key: string, values?: Record<string, string | number>) => string;

/** A condition in a line: what it looks at, its values from the mildest to the worst, and what they are made of. */
export function conditionText(
  { condition, deviceClass, enabled }: Pick<AlarmRule, 'condition' | 'deviceClass' | 'enabled'>,
  locale: Locale,
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
  const unit = 'minutes' in condition ? 'min' : metric !== undefined && 'unit' in metric ? metric.unit : '';
  const values = valuesText(condition, locale, t);
  if (values !== '') parts.push(`${values} ${unit}`.trim());
  if ('severity' in condition) parts.push(t(`ui.severity.${condition.severity}`));
  parts.push(...partsText(condition, unit, locale, t));
  return parts.join(' · ');
}

function valuesText(condition: RuleCondition, locale: Locale, t: Translate): string {
  const values = 'values' in condition ? condition.values : 'minutes' in condition ? condition.minutes : {};
  const baseline = condition.kind === 'limit' ? condition.baseline : undefined;
  return [...SEVERITIES]
    .reverse()
    .flatMap((severity) => {
      const value = values[severity];
      if (value === undefined) return [];
      const floor = figure(value, locale);
      if (baseline?.severity !== severity) return [`${t(`ui.severity.${severity}`)} ${floor}`];
      const { times, days } = baseline;
      const second = t('rules.text.times', { times: figure(times, locale), days });
      const made = t('rules.text.larger', { first: floor, second });
      return [`${t(`ui.severity.${severity}`)} ${made}`];
    })
    .join(' / ');
}

/** What else a condition looks at, each part in a few words. */
function partsText(condition: RuleCondition, unit: string, locale: Locale, t: Translate): readonly string[] {
  switch (condition.kind) {
    case 'limit':
      return [
        ...(condition.sustained === undefined ? [] : [t('rules.text.sustained', condition.sustained)]),
        ...hysteresisText(condition, unit, locale, t),
      ];
    case 'absence': {
      const { intervals, inFlood } = condition;
      const calm = t('rules.text.absence', { intervals });
      if (inFlood === undefined) return [calm];
      const flood = t('rules.text.inFlood', {
        rain: figure(inFlood.rainMm, locale),
        hours: figure(inFlood.rainOverS / 3_600, locale),
        intervals: inFlood.intervals,
        severity: t(`ui.severity.${inFlood.severity}`),
      });
      return [calm, flood];
    }
    case 'flapping': {
      const { changes, withinS, inStep } = condition;
      const often = t('rules.text.flapping', { changes, minutes: figure(withinS / 60, locale) });
      if (inStep === undefined) return [often];
      const { devices, severity } = inStep;
      const step = { devices, seconds: inStep.withinS, severity: t(`ui.severity.${severity}`) };
      return [often, t('rules.text.inStep', step)];
    }
    default:
      return [];
  }
}

function hysteresisText(
  { hysteresis, hysteresisPercent = 0 }: Extract<RuleCondition, { kind: 'limit' }>,
  unit: string,
  locale: Locale,
  t: Translate,
): readonly string[] {
  const [first, second] = [
    ...(hysteresis === 0 ? [] : [`${figure(hysteresis, locale)} ${unit}`.trim()]),
    ...(hysteresisPercent === 0 ? [] : [t('rules.text.ofLimit', { value: figure(hysteresisPercent, locale) })]),
  ];
  if (first === undefined) return [];
  const value = second === undefined ? first : t('rules.text.larger', { first, second });
  return [t('rules.text.hysteresis', { value })];
}

/** A comma in Vietnamese, a point in English, as people type it into the fields. */
function figure(value: number, locale: Locale): string {
  return locale === 'vi' ? String(value).replace('.', ',') : String(value);
}
