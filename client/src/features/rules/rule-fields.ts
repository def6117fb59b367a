import { ruleCondition, SEVERITIES, severity, type RuleCondition, type Severity } from '@ioc/contract';
import { z } from 'zod';

/** Conditions name what they need; a screen shows these parts in this order. */
export const NUMBER_FIELDS = [
  'hysteresis',
  'hysteresisPercent',
  'hysteresisMinutes',
  'hysteresisM',
  'overS',
  'minSamples',
  'intervals',
  'changes',
  'withinS',
  'onPercent',
  'offPercent',
  'samples',
  'neighbourMoves',
  'goodSamples',
  'percentile',
  'days',
  'droppedAfterS',
] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

/** What a person types, as text: the numbers by their name, `values.major`, `severity`, `onBattery`, `eventType`. */
export type ConditionTexts = Readonly<Record<string, string>>;

export interface ConditionParts {
  readonly numbers: readonly NumberField[];
  /** Values by severity: in the metric's unit, or minutes. */
  readonly severities: 'values' | 'minutes' | null;
  readonly choices: readonly ('severity' | 'onBattery')[];
  readonly hasEventType: boolean;
}

export function partsOf(condition: RuleCondition): ConditionParts {
  return {
    numbers: NUMBER_FIELDS.filter((name) => name in condition),
    severities: 'values' in condition ? 'values' : 'minutes' in condition ? 'minutes' : null,
    choices: (['severity', 'onBattery'] as const).filter((name) => name in condition),
    hasEventType: condition.kind === 'event',
  };
}

export function textsOf(condition: RuleCondition): ConditionTexts {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(condition)) {
    if (name === 'values' || name === 'minutes') {
      const values = z.partialRecord(severity, z.number()).parse(value);
      for (const each of SEVERITIES) texts[`${name}.${each}`] = values[each] === undefined ? '' : String(values[each]);
    } else if (typeof value === 'number' || typeof value === 'string') texts[name] = String(value);
    else if (value === null) texts[name] = '';
  }
  return texts;
}

/** `1,5` as Vietnamese write it, and `1.5`; null when it is no number. */
export function numberOf(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}

/** The condition with what was typed; null while something typed is not valid. */
export function conditionWith(condition: RuleCondition, texts: ConditionTexts): RuleCondition | null {
  const next: Record<string, unknown> = { ...condition };
  const { numbers, severities, choices, hasEventType } = partsOf(condition);
  for (const name of numbers) next[name] = numberOf(texts[name] ?? '');
  if (severities !== null) {
    const values: Partial<Record<Severity, number>> = {};
    for (const each of SEVERITIES) {
      const text = texts[`${severities}.${each}`] ?? '';
      if (text.trim() === '') continue;
      const value = numberOf(text);
      if (value === null) return null;
      values[each] = value;
    }
    next[severities] = values;
  }
  for (const name of choices) next[name] = texts[name] === '' ? null : texts[name];
  if (hasEventType) next['eventType'] = texts['eventType'];
  return ruleCondition.safeParse(next).data ?? null;
}
