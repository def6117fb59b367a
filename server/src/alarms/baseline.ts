import { findMetric, type AlarmRule, type DeviceClassId } from '@ioc/contract';

/** A metric's usual value, asked for by rules: the median over so many days. */
export interface WantedBaseline {
  readonly deviceClass: DeviceClassId;
  readonly metric: string;
  readonly days: number;
}

/** What is usual for a device, in the unit of the metric, of so many 5-minute means. */
export interface Baseline {
  readonly deviceId: string;
  readonly metric: string;
  readonly days: number;
  readonly median: number;
  readonly buckets: number;
}

const BUCKETS_A_DAY = 288;
/** The median of fewer of a span's 5-minute means says nothing of the span: such a device has no baseline yet. */
const LEAST_COVERED = 0.5;

/** So many 5-minute means are needed. */
export function leastBuckets(days: number): number {
  return Math.ceil(LEAST_COVERED * days * BUCKETS_A_DAY);
}

/** What the rules hold devices against, each once. */
export function wantedBaselines(rules: Iterable<AlarmRule>): readonly WantedBaseline[] {
  const wanted = new Map<string, WantedBaseline>();
  for (const { enabled, condition, deviceClass } of rules) {
    if (!enabled || condition.kind !== 'limit' || condition.baseline === undefined) continue;
    const { metric, baseline } = condition;
    if (findMetric(deviceClass, metric)?.kind !== 'number') continue;
    wanted.set(`${deviceClass} ${metric} ${baseline.days}`, { deviceClass, metric, days: baseline.days });
  }
  return [...wanted.values()];
}

/** Every device's baselines; immutable, replaced as a whole. */
export class Baselines {
  readonly #medians: ReadonlyMap<string, number>;

  constructor(baselines: readonly Baseline[] = []) {
    this.#medians = new Map(
      baselines.map(({ deviceId, metric, days, median }) => [`${deviceId} ${metric} ${days}`, median]),
    );
  }

  /** Null: too little is known of those days. */
  medianOf(deviceId: string, metric: string, days: number): number | null {
    return this.#medians.get(`${deviceId} ${metric} ${days}`) ?? null;
  }
}
