import {
  DEVICE_CLASSES,
  DEVICE_CLASS_IDS,
  metricColumn,
  type DeviceClassId,
  type MetricDefinition,
  type Metrics,
} from '@ioc/contract';
import type { Reading } from './reading.js';

/** A class's table: one row a message, one column a metric, as its definition in the contract says. */
export interface ReadingTable {
  readonly deviceClass: DeviceClassId;
  readonly name: string;
  readonly metrics: readonly MetricColumn[];
}

export interface MetricColumn {
  readonly name: string;
  readonly column: string;
  readonly kind: MetricDefinition['kind'];
  readonly decimals: number;
}

/** What is made once for every class, and then looked up. */
export function perClass<T>(make: (deviceClass: DeviceClassId) => T): (deviceClass: DeviceClassId) => T {
  const made = new Map(DEVICE_CLASS_IDS.map((deviceClass) => [deviceClass, make(deviceClass)]));
  return (deviceClass) => {
    const thing = made.get(deviceClass);
    if (thing === undefined) throw new RangeError(`there is no device class ${deviceClass}`);
    return thing;
  };
}

export const readingTable = perClass((deviceClass): ReadingTable => ({
  deviceClass,
  name: `${deviceClass}_reading`,
  metrics: DEVICE_CLASSES[deviceClass].metrics.map((metric) => ({
    name: metric.name,
    column: metricColumn(metric.name),
    kind: metric.kind,
    decimals: metric.kind === 'number' ? metric.decimals : 0,
  })),
}));

/** Every class's readings of a batch, classes without any left out. */
export function readingsByClass(readings: readonly Reading[]): ReadonlyMap<DeviceClassId, readonly Reading[]> {
  const byClass = new Map<DeviceClassId, Reading[]>();
  for (const deviceClass of DEVICE_CLASS_IDS) {
    const ofClass = readings.filter(({ device }) => device.deviceClass === deviceClass);
    if (ofClass.length > 0) byClass.set(deviceClass, ofClass);
  }
  return byClass;
}

/**
 * Readings as the array parameters of a class's insert, one PostgreSQL array literal a column: device numbers, sample times
 * and arrivals in epoch ms, sequence numbers, suspect names (joined by commas), then the metrics in the order of the class.
 * Written by hand because the driver's own, general way took several times as long.
 */
export function insertParameters(table: ReadingTable, readings: readonly Reading[]): string[] {
  return [
    arrayLiteral(readings, ({ device }) => String(device.no)),
    arrayLiteral(readings, ({ atMs }) => String(atMs)),
    arrayLiteral(readings, ({ receivedAtMs }) => String(receivedAtMs)),
    arrayLiteral(readings, ({ seq }) => (seq !== null && Number.isSafeInteger(seq) ? String(seq) : null)),
    arrayLiteral(readings, ({ suspect }) => suspectLiteral(table, suspect)),
    ...table.metrics.map(({ name, kind }) =>
      arrayLiteral(readings, ({ metrics }) =>
        kind === 'number' ? numberLiteral(metrics[name]) : booleanLiteral(metrics[name]),
      ),
    ),
  ];
}

function arrayLiteral(readings: readonly Reading[], valueOf: (reading: Reading) => string | null): string {
  let literal = '{';
  for (const reading of readings) {
    if (literal.length > 1) literal += ',';
    literal += valueOf(reading) ?? 'NULL';
  }
  return literal + '}';
}

// Only names of the class's own metrics: whatever else stands there can neither break the literal nor the row.
function suspectLiteral(table: ReadingTable, suspect: readonly string[]): string | null {
  if (suspect.length === 0) return null;
  const known = table.metrics.filter(({ name }) => suspect.includes(name)).map(({ name }) => name);
  return known.length > 0 ? `"${known.join(',')}"` : null;
}

const LARGEST_REAL = 3.402_823e38;
const SMALLEST_REAL = 1.175_5e-38;

// PostgreSQL refuses a number beyond the range of `real`, and with it the whole batch: such a value is kept as the largest
// there is (it is suspect anyway), one too close to 0 as 0.
function numberLiteral(value: Metrics[string] | undefined): string | null {
  if (typeof value !== 'number' || Number.isNaN(value)) return null;
  if (Math.abs(value) < SMALLEST_REAL) return '0';
  return String(Math.min(Math.max(value, -LARGEST_REAL), LARGEST_REAL));
}

function booleanLiteral(value: Metrics[string] | undefined): string | null {
  if (typeof value !== 'boolean') return null;
  return value ? 't' : 'f';
}

const DAY_MS = 86_400_000;
/** Asia/Ho_Chi_Minh has had no other offset since 1975. */
const OFFSET_MS = 7 * 3_600_000;

/** One moment of every day (cut in Asia/Ho_Chi_Minh) that has a reading outside [fromMs, toMs); epoch ms. */
export function daysOutside(readings: readonly Reading[], fromMs: number, toMs: number): readonly number[] {
  const days = new Set<number>();
  for (const { atMs } of readings) {
    if (atMs < fromMs || atMs >= toMs) days.add(Math.floor((atMs + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS);
  }
  return [...days];
}
