import { ruleCondition, SEVERITIES, severity, type Problem, type RuleCondition, type Severity } from '@ioc/contract';
import { z } from 'zod';

/*
 * A condition as fields of a form. A field is named by its path in the condition: `hysteresis`, `values.major`,
 * `baseline.times`. The server names fields by the same paths when it refuses a rule.
 */

/** Conditions name what they need; a screen shows these parts in this order. */
const NUMBER_FIELDS = [
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

/** Parts of a condition that some rules have, each with its own numbers, in the order in which they are shown. */
const GROUPS = {
  baseline: ['times', 'days'],
  sustained: ['minutes', 'of'],
  also: ['value', 'hysteresis'],
  inStep: ['devices', 'withinS'],
  inFlood: ['intervals', 'rainMm', 'rainOverS'],
} as const;
type Group = keyof typeof GROUPS;

/** What a person types, as text, by the path of the field. */
export type ConditionTexts = Readonly<Record<string, string>>;

export interface ConditionGroup {
  /** Null: the condition itself. */
  readonly name: Group | null;
  /** Paths of numbers. */
  readonly numbers: readonly string[];
  /** Paths of severities. */
  readonly choices: readonly string[];
}

export interface ConditionParts {
  readonly groups: readonly ConditionGroup[];
  /** Values by severity: in the metric's unit, or minutes. */
  readonly severities: 'values' | 'minutes' | null;
  readonly hasEventType: boolean;
}

/** What is wrong with a field. `integer` asks for a whole number; bounds are the smallest and the largest that is allowed. */
export type FieldFault =
  | { readonly kind: 'number' | 'integer' | 'choice' | 'text' }
  | { readonly kind: 'atLeast' | 'above' | 'atMost' | 'below'; readonly bound: number };

export type CheckedCondition =
  | { readonly ok: true; readonly condition: RuleCondition }
  | { readonly ok: false; readonly faults: ReadonlyMap<string, FieldFault> };

export function partsOf(condition: RuleCondition): ConditionParts {
  const given = Object.entries(condition);
  const own: ConditionGroup = {
    name: null,
    numbers: NUMBER_FIELDS.filter((name) => name in condition),
    choices: ['severity', 'onBattery'].filter((name) => name in condition),
  };
  const optional = groupsOf(condition).map((name): ConditionGroup => {
    const part = partOf(given, name);
    return {
      name,
      numbers: GROUPS[name].map((field) => `${name}.${field}`),
      choices: 'severity' in part ? [`${name}.severity`] : [],
    };
  });
  return {
    groups: [own, ...optional],
    severities: 'values' in condition ? 'values' : 'minutes' in condition ? 'minutes' : null,
    hasEventType: condition.kind === 'event',
  };
}

/** Every field that a screen shows of a condition, by its path. */
export function fieldsOf(condition: RuleCondition): ReadonlySet<string> {
  const { groups, severities, hasEventType } = partsOf(condition);
  return new Set([
    ...groups.flatMap(({ numbers, choices }) => [...numbers, ...choices]),
    ...(severities === null ? [] : [severities, ...SEVERITIES.map((each) => `${severities}.${each}`)]),
    ...(hasEventType ? ['eventType'] : []),
  ]);
}

function groupsOf(condition: RuleCondition): readonly Group[] {
  const given = Object.entries(condition);
  const names: readonly Group[] = ['baseline', 'sustained', 'also', 'inStep', 'inFlood'];
  return names.filter((name) => Object.keys(partOf(given, name)).length > 0);
}

const part = z.record(z.string(), z.unknown());
function partOf(given: readonly (readonly [string, unknown])[], name: string): Readonly<Record<string, unknown>> {
  return part.safeParse(given.find(([key]) => key === name)?.[1]).data ?? {};
}

export function textsOf(condition: RuleCondition): ConditionTexts {
  const texts: Record<string, string> = {};
  const given = Object.entries(condition);
  const note = (path: string, value: unknown) => {
    if (typeof value === 'number' || typeof value === 'string') texts[path] = String(value);
    else if (value === null) texts[path] = '';
  };
  for (const [name, value] of given) {
    if (name === 'values' || name === 'minutes') {
      const values = z.partialRecord(severity, z.number()).parse(value);
      for (const each of SEVERITIES) texts[`${name}.${each}`] = values[each] === undefined ? '' : String(values[each]);
    } else note(name, value);
  }
  for (const group of groupsOf(condition)) {
    for (const [name, value] of Object.entries(partOf(given, group))) note(`${group}.${name}`, value);
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

/** The condition with what was typed, or what is wrong with which field. */
export function conditionWith(condition: RuleCondition, texts: ConditionTexts): CheckedCondition {
  const faults = new Map<string, FieldFault>();
  const next: Record<string, unknown> = { ...condition };
  const { groups, severities, hasEventType } = partsOf(condition);
  const given = Object.entries(condition);
  for (const { name, numbers, choices } of groups) {
    const into: Record<string, unknown> = name === null ? next : { ...partOf(given, name) };
    for (const path of numbers) {
      const value = numberOf(texts[path] ?? '');
      if (value === null) faults.set(path, { kind: 'number' });
      into[lastOf(path)] = value;
    }
    for (const path of choices) into[lastOf(path)] = texts[path] === '' ? null : texts[path];
    if (name !== null) next[name] = into;
  }
  if (severities !== null) {
    const values: Partial<Record<Severity, number>> = {};
    for (const each of SEVERITIES) {
      const path = `${severities}.${each}`;
      const text = texts[path] ?? '';
      if (text.trim() === '') continue;
      const value = numberOf(text);
      if (value === null) faults.set(path, { kind: 'number' });
      else values[each] = value;
    }
    next[severities] = values;
  }
  if (hasEventType) next['eventType'] = texts['eventType'];
  const checked = ruleCondition.safeParse(next);
  if (checked.success) return { ok: true, condition: checked.data };
  for (const issue of checked.error.issues) {
    const path = issue.path.join('.');
    if (!faults.has(path)) faults.set(path, faultOf(issue));
  }
  return { ok: false, faults };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

export function faultOf(issue: z.core.$ZodIssue): FieldFault {
  if ('origin' in issue && issue.origin === 'string') return { kind: 'text' };
  if (issue.code === 'too_small') {
    return { kind: issue.inclusive === false ? 'above' : 'atLeast', bound: Number(issue.minimum) };
  }
  if (issue.code === 'too_big') {
    return { kind: issue.inclusive === false ? 'below' : 'atMost', bound: Number(issue.maximum) };
  }
  if (issue.code === 'invalid_type') return { kind: issue.expected === 'int' ? 'integer' : 'number' };
  return { kind: 'choice' };
}

/** Where the server says that a rule stands in what it was sent: a rule alone, or a rule for a scope. */
const RULE_PREFIXES = ['body.rule.', 'body.'] as const;

/**
 * What the server says of each field of a rule, by the path within the rule: `condition.hysteresis`, `raiseAfterS`; of a scope
 * it is `scope.id`.
 */
export function refusedFields(
  errors: readonly { readonly path: string; readonly message: string }[] = [],
): ReadonlyMap<string, string> {
  const refused = new Map<string, string>();
  for (const { path, message } of errors) {
    const field = fieldIn(path);
    if (!refused.has(field)) refused.set(field, message);
  }
  return refused;
}

function fieldIn(path: string): string {
  const prefix = RULE_PREFIXES.find((each) => path.startsWith(each)) ?? '';
  return path.slice(prefix.length);
}

/** What the server says of what no field shows, such as a metric that the class does not have. */
export function withoutFields(problem: Problem, shown: ReadonlySet<string>): Problem {
  if (problem.errors === undefined) return problem;
  const { detail, errors, ...rest } = problem;
  const others = errors.filter(({ path }) => !shown.has(fieldIn(path)));
  if (others.length === errors.length) return problem;
  return others.length === 0 ? rest : { ...rest, ...(detail === undefined ? {} : { detail }), errors: others };
}
