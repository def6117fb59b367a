import { z } from 'zod';
import { PROVINCE_CODE, deviceClassId, entityId, severity, type DeviceClassId } from './vocabulary.js';

/** Topics and payloads of devices and gateways. Fixed; docs/WIRE.md tells it in full. */

/** Largest payloads taken, in bytes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
export const MAX_BATCH_BYTES = 512 * 1024;
/** Most readings of one batch. */
export const MAX_BATCH_READINGS = 1_000;
/** A reading further ahead of our clock than this is rejected. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** A reading older than this goes into history only. */
export const LIVE_WINDOW_MS = 10 * 60_000;

/** A moment on the wire: integer epoch milliseconds, or RFC 3339 text with an offset. Parsed to epoch milliseconds. */
export const wireInstant = z.union([
  z.number().int(),
  z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .pipe(z.number().int()),
]);

const seq = z.number().int().nonnegative();
const reason = z.string().max(200);
/** Values are judged one by one later: a metric of the wrong type is dropped alone, with a reason. */
const rawMetrics = z.record(z.string().max(64), z.unknown());

export const sessionState = z.enum(['online', 'offline']);
export type SessionState = z.infer<typeof sessionState>;

/** `…/{device}/telemetry`, not retained. */
export const telemetryPayload = z.object({
  ts: wireInstant,
  seq: seq.optional(),
  historical: z.boolean().optional(),
  metrics: rawMetrics,
});
export type TelemetryPayload = z.infer<typeof telemetryPayload>;

/** `…/status`, retained; `offline` is also the last will. `session` grows at every boot (epoch ms will do). */
export const statusPayload = z.object({
  ts: wireInstant,
  session: z.number().int().nonnegative(),
  state: sessionState,
  reason: reason.optional(),
});
export type StatusPayload = z.infer<typeof statusPayload>;

/** `…/{device}/event`, not retained. */
export const eventPayload = z.object({
  ts: wireInstant,
  type: z.string().min(1).max(64),
  state: z.enum(['raised', 'cleared']),
  severity: severity.optional(),
  text: z.string().max(500).optional(),
});
export type EventPayload = z.infer<typeof eventPayload>;

/** One reading of a gateway's batch; may say that the device is offline, and need not carry metrics. */
export const batchReading = z.object({
  device: entityId,
  ts: wireInstant,
  seq: seq.optional(),
  historical: z.boolean().optional(),
  state: sessionState.optional(),
  reason: reason.optional(),
  metrics: rawMetrics.optional(),
});
export type BatchReading = z.infer<typeof batchReading>;

/**
 * `…/gateways/{gateway}/batch`, not retained. Its readings are parsed one by one with `batchReading`: a bad one is
 * rejected alone.
 */
export const batchPayload = z.object({
  ts: wireInstant,
  readings: z.array(z.unknown()).max(MAX_BATCH_READINGS),
});
export type BatchPayload = z.infer<typeof batchPayload>;

export type DeviceTopicKind = 'telemetry' | 'status' | 'event';
export type GatewayTopicKind = 'batch' | 'status';

/** What a topic says, once it has been read. */
export type Topic =
  | {
      readonly of: 'device';
      readonly kind: DeviceTopicKind;
      readonly commune: string;
      readonly deviceClass: DeviceClassId;
      readonly device: string;
    }
  | {
      readonly of: 'gateway';
      readonly kind: GatewayTopicKind;
      readonly gateway: string;
    };

export type TopicReason =
  'topic-shape' | 'topic-province' | 'topic-commune' | 'topic-class' | 'topic-id' | 'topic-kind';

/** What the intake subscribes to: all of the province, so that a topic of the wrong shape arrives and can be told. */
export const SUBSCRIPTION = `ioc/v1/${PROVINCE_CODE}/#`;

export function deviceTopic(
  commune: string,
  deviceClass: DeviceClassId,
  device: string,
  kind: DeviceTopicKind,
): string {
  return `ioc/v1/${PROVINCE_CODE}/${commune}/${deviceClass}/${device}/${kind}`;
}

export function gatewayTopic(gateway: string, kind: GatewayTopicKind): string {
  return `ioc/v1/${PROVINCE_CODE}/gateways/${gateway}/${kind}`;
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const COMMUNE = /^\d{5}$/;

/** Reads a topic by hand instead of by expression: it runs once for every message. */
export function parseTopic(
  topic: string,
): { readonly ok: true; readonly topic: Topic } | { readonly ok: false; readonly reason: TopicReason } {
  const parts = topic.split('/');
  if (parts[0] !== 'ioc' || parts[1] !== 'v1') return { ok: false, reason: 'topic-shape' };
  if (parts[2] !== PROVINCE_CODE) return { ok: false, reason: 'topic-province' };
  if (parts[3] === 'gateways' && parts.length === 6) {
    const gateway = parts[4] ?? '';
    const kind = parts[5];
    if (!ID.test(gateway)) return { ok: false, reason: 'topic-id' };
    if (kind !== 'batch' && kind !== 'status') return { ok: false, reason: 'topic-kind' };
    return { ok: true, topic: { of: 'gateway', kind, gateway } };
  }
  if (parts.length !== 7) return { ok: false, reason: 'topic-shape' };
  const [, , , commune = '', rawClass = '', device = '', kind] = parts;
  if (!COMMUNE.test(commune)) return { ok: false, reason: 'topic-commune' };
  const deviceClass = deviceClassId.safeParse(rawClass);
  if (!deviceClass.success) return { ok: false, reason: 'topic-class' };
  if (!ID.test(device)) return { ok: false, reason: 'topic-id' };
  if (kind !== 'telemetry' && kind !== 'status' && kind !== 'event') return { ok: false, reason: 'topic-kind' };
  return {
    ok: true,
    topic: {
      of: 'device',
      kind,
      commune,
      deviceClass: deviceClass.data,
      device,
    },
  };
}
