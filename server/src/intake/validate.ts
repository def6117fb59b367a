import {
  DEVICE_CLASSES,
  type DeviceClassId,
  type MetricDefinition,
  type MetricValue,
  type Metrics,
} from '@ioc/contract';
import { ok, reject, type Ok, type Reject } from './outcome.js';

/** Metrics of the right names and types. */
export interface ValidMetrics {
  readonly metrics: Metrics;
  /** Names that the class does not have: ignored, and counted. */
  readonly unknown: number;
  /** Metrics dropped for their type, `name: what it was`; null when none. */
  readonly wrongType: string | null;
}

/** Largest and smallest magnitudes of a `real` column: beyond the one the row would be refused, below the other too. */
const LARGEST_REAL = 3.4028234e38;
const SMALLEST_REAL = 1.1754944e-38;

/** The metrics of a reading, by the definition of its class. */
export function createValidate(): (
  deviceClass: DeviceClassId,
  metrics: Readonly<Record<string, unknown>>,
) => Ok<ValidMetrics> | Reject {
  const kinds = new Map<DeviceClassId, Kinds>();
  for (const { id, metrics } of Object.values(DEVICE_CLASSES)) {
    kinds.set(id, new Map(metrics.map(({ name, kind }) => [name, kind])));
  }

  return (deviceClass, metrics) => {
    const expected = kinds.get(deviceClass) ?? NONE;
    // Nearly always all are good, and what was parsed is kept as it is: a copy would cost as much as all other steps.
    return areMetrics(metrics, expected) ? ok({ metrics, unknown: 0, wrongType: null }) : pick(metrics, expected);
  };
}

type Kinds = ReadonlyMap<string, MetricDefinition['kind']>;
const NONE: Kinds = new Map();

function areMetrics(metrics: Readonly<Record<string, unknown>>, expected: Kinds): metrics is Metrics {
  let any = false;
  for (const name in metrics) {
    if (!fits(metrics[name], expected.get(name))) return false;
    any = true;
  }
  return any;
}

function fits(value: unknown, kind: MetricDefinition['kind'] | undefined): value is MetricValue {
  if (kind === 'number') return typeof value === 'number' && isStorable(value);
  return kind === 'boolean' && typeof value === 'boolean';
}

/** The good ones of mixed metrics. */
function pick(metrics: Readonly<Record<string, unknown>>, expected: Kinds): Ok<ValidMetrics> | Reject {
  const good: Record<string, MetricValue> = {};
  const wrong: string[] = [];
  let unknown = 0;
  for (const [name, value] of Object.entries(metrics)) {
    const kind = expected.get(name);
    if (kind === undefined) unknown += 1;
    else if (fits(value, kind)) good[name] = value;
    else wrong.push(`${name}: ${nameType(value)}`);
  }
  const wrongType = wrong.length === 0 ? null : wrong.join(', ');
  if (Object.keys(good).length > 0) return ok({ metrics: good, unknown, wrongType });
  return wrongType === null ? reject('no-metrics') : reject('metric-type', wrongType);
}

/** JSON knows no NaN or infinity, but 1e999 reads as one. */
function isStorable(value: number): boolean {
  const size = Math.abs(value);
  return size <= LARGEST_REAL && (size >= SMALLEST_REAL || size === 0);
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' && !isStorable(value)) return Number.isFinite(value) ? 'not storable' : 'not finite';
  return typeof value;
}
