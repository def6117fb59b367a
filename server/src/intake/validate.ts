import { DEVICE_CLASSES, type DeviceClassId, type MetricValue, type Metrics } from '@ioc/contract';
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
  const kinds = new Map<DeviceClassId, ReadonlyMap<string, 'number' | 'boolean'>>();
  for (const { id, metrics } of Object.values(DEVICE_CLASSES)) {
    kinds.set(id, new Map(metrics.map(({ name, kind }) => [name, kind])));
  }

  return (deviceClass, metrics) => {
    const expected = kinds.get(deviceClass);
    const good: Record<string, MetricValue> = {};
    let kept = 0;
    let unknown = 0;
    let wrong: string[] | null = null;
    for (const name in metrics) {
      const kind = expected?.get(name);
      const value = metrics[name];
      if (kind === undefined) {
        unknown += 1;
      } else if (kind === 'number' && typeof value === 'number' && isStorable(value)) {
        good[name] = value;
        kept += 1;
      } else if (kind === 'boolean' && typeof value === 'boolean') {
        good[name] = value;
        kept += 1;
      } else {
        (wrong ??= []).push(`${name}: ${nameType(value)}`);
      }
    }
    const wrongType = wrong === null ? null : wrong.join(', ');
    if (kept === 0) return wrongType === null ? reject('no-metrics') : reject('metric-type', wrongType);
    return ok({ metrics: good, unknown, wrongType });
  };
}

/** JSON knows no NaN or infinity, but 1e999 reads as one. */
function isStorable(value: number): boolean {
  const size = Math.abs(value);
  return size <= LARGEST_REAL && (size >= SMALLEST_REAL || size === 0);
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isFinite(value) ? 'not storable' : 'not finite';
  return typeof value;
}
