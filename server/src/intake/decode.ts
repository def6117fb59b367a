import { isUtf8 } from 'node:buffer';
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_READINGS,
  MAX_PAYLOAD_BYTES,
  eventPayload,
  parseTopic,
  statusPayload,
  type EventPayload,
  type StatusPayload,
  type Topic,
} from '@ioc/contract';
import type { z } from 'zod';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import { drop, ok, reject, type Ok, type Outcome, type Reject } from './outcome.js';
import { hasNul, isJsonObject, readInstant, readWireReading, type WireReading } from './wire-reading.js';

export type DeviceTopic = Extract<Topic, { of: 'device' }>;

/** What a message says, by its topic. */
export type Decoded =
  | { readonly kind: 'telemetry'; readonly topic: DeviceTopic; readonly reading: WireReading }
  | { readonly kind: 'status'; readonly topic: DeviceTopic; readonly status: StatusPayload }
  | { readonly kind: 'event'; readonly topic: DeviceTopic; readonly event: EventPayload }
  | { readonly kind: 'gatewayStatus'; readonly gateway: string; readonly status: StatusPayload }
  /** `readings` are read one by one: a bad one is rejected alone. */
  | {
      readonly kind: 'batch';
      readonly gateway: string;
      readonly sentAtMs: number;
      readonly readings: readonly unknown[];
    };

/** Topics repeat with every message: what they say is remembered, for at most so many. */
const REMEMBERED_TOPICS = 200_000;

/** Topic and payload of a message. Bounded before anything is parsed. */
export function createDecode(): (message: IncomingMessage) => Outcome<Decoded> {
  const topics = new Map<string, Topic>();

  function readTopic(text: string): Ok<Topic> | Reject {
    const known = topics.get(text);
    if (known !== undefined) return ok(known);
    const parsed = parseTopic(text);
    if (!parsed.ok) return reject(parsed.reason);
    if (topics.size >= REMEMBERED_TOPICS) topics.clear();
    topics.set(text, parsed.topic);
    return ok(parsed.topic);
  }

  return (message) => {
    const topic = readTopic(message.topic);
    if (topic.kind !== 'ok') return topic;
    const { kind } = topic.value;
    const limit = kind === 'batch' ? MAX_BATCH_BYTES : MAX_PAYLOAD_BYTES;
    if (message.payloadBytes > limit) return reject('payload-too-large', `${message.payloadBytes} > ${limit}`);
    // An empty retained message takes the retained one away; it says nothing.
    if (kind === 'status' && message.payloadBytes === 0) return drop('status-cleared');
    if (!isUtf8(message.payload)) return reject('payload-not-json', 'not UTF-8');
    const json = parseJson(message.payload);
    if (json.kind !== 'ok') return json;
    return read(topic.value, json.value);
  };
}

function parseJson(payload: Buffer): Ok<unknown> | Reject {
  try {
    return ok<unknown>(JSON.parse(payload.toString('utf8')));
  } catch (error) {
    return reject('payload-not-json', error instanceof Error ? error.message : null);
  }
}

function read(topic: Topic, json: unknown): Outcome<Decoded> {
  if (topic.of === 'gateway') {
    if (topic.kind === 'batch') return readBatch(topic.gateway, json);
    const status = readStatus(json);
    return status.kind === 'ok' ? ok({ kind: 'gatewayStatus', gateway: topic.gateway, status: status.value }) : status;
  }
  switch (topic.kind) {
    case 'telemetry': {
      const reading = readWireReading(json, false);
      return reading.kind === 'ok' ? ok({ kind: 'telemetry', topic, reading: reading.value }) : reading;
    }
    case 'status': {
      const status = readStatus(json);
      return status.kind === 'ok' ? ok({ kind: 'status', topic, status: status.value }) : status;
    }
    case 'event': {
      const event = readBy(eventPayload, json);
      if (event.kind !== 'ok') return event;
      const { type, text } = event.value;
      if (hasNul(type) || (text !== undefined && hasNul(text))) return reject('payload-shape', 'U+0000');
      return ok({ kind: 'event', topic, event: event.value });
    }
  }
}

function readBatch(gateway: string, json: unknown): Ok<Decoded> | Reject {
  if (!isJsonObject(json)) return reject('payload-shape', 'not an object');
  const sentAtMs = readInstant(json['ts']);
  if (sentAtMs === null) return reject('payload-shape', 'ts');
  const readings = json['readings'];
  if (!Array.isArray(readings)) return reject('payload-shape', 'readings');
  if (readings.length > MAX_BATCH_READINGS) {
    return reject('batch-too-long', `${readings.length} > ${MAX_BATCH_READINGS}`);
  }
  return ok({ kind: 'batch', gateway, sentAtMs, readings });
}

function readStatus(json: unknown): Ok<StatusPayload> | Reject {
  const status = readBy(statusPayload, json);
  if (status.kind === 'ok' && hasNul(status.value.reason ?? '')) return reject('payload-shape', 'reason');
  return status;
}

function readBy<S extends z.ZodType>(schema: S, json: unknown): Ok<z.output<S>> | Reject {
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  return reject('payload-shape', parsed.error.issues[0]?.path.join('.') ?? null);
}
