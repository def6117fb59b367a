import { entityId, wireInstant, type SessionState } from '@ioc/contract';
import { ok, reject, type Ok, type Reject } from './outcome.js';

/** A reading as it came, its fields of the right types, its metrics not looked at yet. */
export interface WireReading {
  /** Null in a telemetry message, whose topic names the device. */
  readonly device: string | null;
  readonly atMs: number;
  readonly seq: number | null;
  readonly historical: boolean;
  readonly state: SessionState | null;
  readonly reason: string | null;
  readonly metrics: Readonly<Record<string, unknown>> | null;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LONGEST_REASON = 200;
/** PostgreSQL keeps no NUL in a text. */
export const hasNul = (text: string): boolean => text.includes('\u0000');

/** Epoch ms, or null. By hand for numbers, which nearly all are; text by the contract's schema. */
export function readInstant(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  if (typeof value !== 'string') return null;
  const parsed = wireInstant.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/**
 * One reading, of a telemetry message or of a batch. By hand, because it runs for every reading; it takes what the
 * contract's schemas take (a test compares them).
 */
export function readWireReading(value: unknown, inBatch: boolean): Ok<WireReading> | Reject {
  if (!isJsonObject(value)) return reject('payload-shape', 'not an object');
  const { ts, seq, historical, metrics } = value;
  const device = inBatch ? value['device'] : null;
  if (inBatch && (typeof device !== 'string' || !entityId.safeParse(device).success)) return badField('device');
  const atMs = readInstant(ts);
  if (atMs === null) return badField('ts');
  if (seq !== undefined && !(typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0)) return badField('seq');
  if (historical !== undefined && typeof historical !== 'boolean') return badField('historical');
  if (metrics !== undefined && !isJsonObject(metrics)) return badField('metrics');
  if (metrics === undefined && !inBatch) return badField('metrics');
  const state = inBatch ? value['state'] : undefined;
  if (state !== undefined && state !== 'online' && state !== 'offline') return badField('state');
  const reason = inBatch ? value['reason'] : undefined;
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > LONGEST_REASON || hasNul(reason))) {
    return badField('reason');
  }
  return ok({
    device: typeof device === 'string' ? device : null,
    atMs,
    seq: seq ?? null,
    historical: historical ?? false,
    state: state ?? null,
    reason: reason ?? null,
    metrics: metrics ?? null,
  });
}

function badField(path: string): Reject {
  return reject('payload-shape', path);
}
