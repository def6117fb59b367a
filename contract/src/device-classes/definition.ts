import { z } from 'zod';
import type { DeviceClassId, LocalizedText, Severity } from '../vocabulary.js';

/** Where a figure comes from: law, a source in docs/SOURCES.md, or the judgement of people who ran such desks. */
export type Basis = 'law' | 'source' | 'judgement';

/**
 * A default limit of a metric; people may override it per device, owner or commune. Times in seconds, values in the
 * metric's unit. `above: true` raises when the value is greater than a severity's value, otherwise when it is less.
 */
export interface LimitDefinition {
  readonly above: boolean;
  readonly values: Readonly<Partial<Record<Severity, number>>>;
  /** How far back past the limit a value must come before the alarm clears. */
  readonly hysteresis: number;
  readonly raiseAfterS: number;
  readonly clearAfterS: number;
  readonly basis: Basis;
  readonly source: LocalizedText;
}

interface MetricBase {
  /** camelCase with its unit as suffix; the name on the wire. Its column is the same in snake_case. */
  readonly name: string;
  readonly label: LocalizedText;
  readonly description: LocalizedText;
}

export interface NumberMetric extends MetricBase {
  readonly kind: 'number';
  /** As shown behind the value; empty for a ratio or a count. */
  readonly unit: string;
  readonly decimals: number;
  /** The physically plausible range; a value outside is kept and marked suspect. */
  readonly range: { readonly min: number; readonly max: number };
  /** A change faster than this (unit per minute) makes a value suspect. */
  readonly maxRatePerMinute?: number;
  readonly limit?: LimitDefinition;
  /** Whether it is drawn as bars of a sum (rain) instead of a line. */
  readonly chart?: 'line' | 'bar';
}

export interface BooleanMetric extends MetricBase {
  readonly kind: 'boolean';
  /** What the two values mean to a person. */
  readonly values: {
    readonly true: LocalizedText;
    readonly false: LocalizedText;
  };
  /** The value that is normal; undefined where neither is better. */
  readonly normal?: boolean;
}

export type MetricDefinition = NumberMetric | BooleanMetric;

/** All that the system knows of a class; ids, payload schema, tables, screens, charts and exports derive from it. */
export interface DeviceClassDefinition {
  readonly id: DeviceClassId;
  readonly label: LocalizedText;
  readonly plural: LocalizedText;
  /** Prefix of the ids of the demo fleet. */
  readonly idPrefix: string;
  readonly defaultReportingIntervalMs: number;
  /** `gateway`: reports in its operator's batches; `session`: has an MQTT session and last will of its own. */
  readonly reportsThrough: 'gateway' | 'session';
  /** Append only: never reorder, never rename; a retired metric stays. */
  readonly metrics: readonly MetricDefinition[];
  /** The metrics a tile or tooltip shows first, at most three. */
  readonly headline: readonly string[];
  /** What the register keeps of a device of this class besides the common columns; flat strings, numbers and booleans. */
  readonly attributes: z.ZodObject;
}

/** What an attribute of a class is called on screens, and its values where they are words of ours. */
export interface AttributeText {
  readonly label: LocalizedText;
  readonly values?: Readonly<Record<string, LocalizedText>>;
}
const attributeTexts = z.registry<AttributeText>();

/** An attribute of a class with its texts: `technology: attribute(z.enum(['4G', '5G']), { label: … })`. */
export function attribute<const T extends z.ZodType>(schema: T, text: AttributeText): T {
  attributeTexts.add(schema, text);
  return schema;
}

/** The texts of an attribute; undefined when the class has none of that name. */
export function attributeText(definition: DeviceClassDefinition, name: string): AttributeText | undefined {
  const schema: unknown = definition.attributes.shape[name];
  return schema instanceof z.ZodType ? attributeTexts.get(schema) : undefined;
}

/** `rttMs` → `rtt_ms`: the column of a metric in its class's reading table. */
export function metricColumn(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
