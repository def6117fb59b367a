import type { EventPayload, StatusPayload } from '@ioc/contract';
import type { RegisteredDevice, Register } from '../devices/registered-device.js';
import type { IncomingMessage } from '../platform/mqtt/message-source.js';
import type { Reading } from '../readings/reading.js';
import type { IntakeBatch } from './batch.js';
import { createCheckTime } from './check-time.js';
import type { IntakeCounters } from './counters.js';
import { createDecode, type DeviceTopic } from './decode.js';
import { createDeviceTracks } from './device-track.js';
import { createIdentify } from './identify.js';
import { reject, type Drop, type Reject } from './outcome.js';
import { createQuarantineWriter } from './quarantine.js';
import { createLetterWriter } from './rejection.js';
import { createReadStatus } from './read-status.js';
import { findSuspect } from './suspect.js';
import { createValidate } from './validate.js';
import { readWireReading, type WireReading } from './wire-reading.js';

export interface PipelineParts {
  readonly register: () => Register;
  readonly maxBackfillMs: number;
  /** Whether what was held up at the broker, or in a device, is arriving now. */
  readonly backlogDrains: () => boolean;
  /** How old a live message was on arrival, ms; the backlog is known by these. */
  readonly onAge: (ageMs: number) => void;
  /** The highest session number that is known of a device or gateway; null: none. */
  readonly sessionOf: (device: RegisteredDevice) => number | null;
  readonly gatewaySessionOf: (gatewayId: string) => number | null;
  /** The clock offset with which a device was taken before the last restart. */
  readonly clockOffsetOf: (device: RegisteredDevice) => number | null;
  readonly counters: IntakeCounters;
  /** Real time for rates. */
  readonly monotonicMs: () => number;
}

export interface Pipeline {
  /** Understands one message, and adds what came of it to the batch. Never throws for bad input. */
  take(message: IncomingMessage, batch: IntakeBatch): void;
  followRegister(register: Register): void;
}

/** The way of a message: decode → identify → validate → check time → find what is suspect → an observation of the batch. */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { counters } = parts;
  const decode = createDecode();
  const identify = createIdentify(parts.register);
  const validate = createValidate();
  const checkTime = createCheckTime(parts.maxBackfillMs);
  const readStatus = createReadStatus(parts.maxBackfillMs);
  const tracks = createDeviceTracks(parts.clockOffsetOf);
  const writeLetter = createLetterWriter(parts.monotonicMs);
  const noteUnknown = createQuarantineWriter(parts.monotonicMs);

  function take(message: IncomingMessage, batch: IntakeBatch): void {
    batch.messages.push(message);
    counters.messages += 1;
    const decoded = decode(message);
    if (decoded.kind !== 'ok') return refuse(decoded, message, batch);
    const { value } = decoded;
    switch (value.kind) {
      case 'telemetry': {
        const device = identify.byTopic(value.topic);
        if (device.kind !== 'ok') return refuse(device, message, batch, undefined, value.topic);
        if (!value.reading.historical) parts.onAge(message.receivedAtMs - value.reading.atMs);
        return takeReading(device.value, value.reading, message, batch);
      }
      case 'batch':
        return takeBatch(value.gateway, value.sentAtMs, value.readings, message, batch);
      case 'status':
        return takeStatus(value.topic, value.status, message, batch);
      case 'gatewayStatus':
        return takeGatewayStatus(value.gateway, value.status, message, batch);
      case 'event':
        return takeEvent(value.topic, value.event, message, batch);
    }
  }

  function takeReading(
    device: RegisteredDevice,
    wire: WireReading,
    message: IncomingMessage,
    batch: IntakeBatch,
    ofBatch?: unknown,
  ): void {
    const inBatch = ofBatch !== undefined;
    const said = wire.state === null ? null : { state: wire.state, reason: wire.reason };
    const track = tracks.of(device);
    const timing = checkTime(track.clock, {
      atMs: wire.atMs,
      receivedAtMs: message.receivedAtMs,
      redelivered: message.redelivered,
      historical: wire.historical,
      inBatch,
      backlog: parts.backlogDrains(),
    });
    if (timing.kind !== 'ok') return refuse(timing, message, batch, ofBatch);
    const { effectiveAtMs, live, clockOffsetMs } = timing.value;
    const { receivedAtMs } = message;

    const valid = wire.metrics === null ? reject('no-metrics') : validate(device.deviceClass, wire.metrics);
    if (valid.kind !== 'ok') {
      // A gateway may say a device's state without a metric, or beside bad ones.
      if (said === null || valid.reason === 'metric-type') refuse(valid, message, batch, ofBatch);
      if (said === null) return;
      counters.count('ok', 'reading');
      batch.take({ kind: 'said', device, atMs: effectiveAtMs, receivedAtMs, live, ...said }, message);
      return;
    }
    const { metrics, unknown, wrongType } = valid.value;
    counters.unknownMetrics += unknown;
    if (wrongType !== null) refuse(reject('metric-type', wrongType), message, batch, ofBatch);

    const reading: Reading = {
      device,
      atMs: wire.atMs,
      receivedAtMs,
      effectiveAtMs,
      seq: wire.seq,
      live,
      clockOffsetMs,
      metrics,
      suspect: findSuspect(track.values, metrics, timing.value),
    };
    counters.count('ok', 'reading');
    batch.take({ kind: 'reading', reading, said }, message);
  }

  function takeBatch(
    gatewayId: string,
    sentAtMs: number,
    readings: readonly unknown[],
    message: IncomingMessage,
    batch: IntakeBatch,
  ): void {
    const gateway = identify.gateway(gatewayId);
    if (gateway.kind !== 'ok') return refuse(gateway, message, batch);
    parts.onAge(message.receivedAtMs - sentAtMs);
    batch.take({ kind: 'gatewayBatch', gatewayId, receivedAtMs: message.receivedAtMs }, message);
    for (const raw of readings) {
      const wire = readWireReading(raw, true);
      if (wire.kind !== 'ok') {
        refuse(wire, message, batch, raw ?? null);
        continue;
      }
      const device = identify.inBatch(wire.value.device ?? '', gatewayId);
      if (device.kind === 'ok') {
        takeReading(device.value, wire.value, message, batch, raw);
      } else if (device.kind === 'drop') {
        counters.count('drop', device.reason);
        const unknown = { id: wire.value.device ?? '', communeCode: null, deviceClass: null, gatewayId };
        const payload = () => Buffer.from(JSON.stringify(raw));
        noteUnknown(batch.quarantine, { ...unknown, receivedAtMs: message.receivedAtMs }, payload);
      } else {
        refuse(device, message, batch, raw);
      }
    }
  }

  function takeStatus(topic: DeviceTopic, status: StatusPayload, message: IncomingMessage, batch: IntakeBatch): void {
    const device = identify.byTopic(topic);
    if (device.kind !== 'ok') return refuse(device, message, batch, undefined, topic);
    const session = readStatus(status, message, parts.sessionOf(device.value));
    if (session.kind !== 'ok') return refuse(session, message, batch);
    counters.count('ok', 'status');
    batch.take({ kind: 'session', device: device.value, ...session.value }, message);
  }

  function takeGatewayStatus(
    gatewayId: string,
    status: StatusPayload,
    message: IncomingMessage,
    batch: IntakeBatch,
  ): void {
    const gateway = identify.gateway(gatewayId);
    if (gateway.kind !== 'ok') return refuse(gateway, message, batch);
    const session = readStatus(status, message, parts.gatewaySessionOf(gatewayId));
    if (session.kind !== 'ok') return refuse(session, message, batch);
    counters.count('ok', 'status');
    batch.take({ kind: 'gatewaySession', gatewayId, ...session.value }, message);
  }

  function takeEvent(topic: DeviceTopic, event: EventPayload, message: IncomingMessage, batch: IntakeBatch): void {
    const device = identify.byTopic(topic);
    if (device.kind !== 'ok') return refuse(device, message, batch, undefined, topic);
    const { clock } = tracks.of(device.value);
    // An event comes when something happens, not steadily: it says nothing of the clock.
    const timing = checkTime(clock, {
      atMs: event.ts,
      receivedAtMs: message.receivedAtMs,
      redelivered: message.redelivered,
      historical: false,
      inBatch: false,
      backlog: true,
    });
    if (timing.kind !== 'ok') return refuse(timing, message, batch);
    counters.count('ok', 'event');
    const { effectiveAtMs, live } = timing.value;
    // What was so long ago is no state of now.
    if (!live) return;
    const { type, state, severity = null, text = null } = event;
    batch.take({ kind: 'event', device: device.value, atMs: effectiveAtMs, type, state, severity, text }, message);
  }

  /** `ofBatch`: the reading at fault, when it came in a batch. `topic`: of a device that may not be registered. */
  function refuse(
    outcome: Drop | Reject,
    message: IncomingMessage,
    batch: IntakeBatch,
    ofBatch?: unknown,
    topic?: DeviceTopic,
  ): void {
    counters.count(outcome.kind, outcome.reason);
    if (outcome.kind === 'reject') {
      batch.reject(outcome, writeLetter(message, outcome, ofBatch));
    } else if (outcome.reason === 'unknown-device' && topic !== undefined) {
      const { device: id, commune: communeCode, deviceClass } = topic;
      const speaker = { id, communeCode, deviceClass, gatewayId: null, receivedAtMs: message.receivedAtMs };
      noteUnknown(batch.quarantine, speaker, () => message.payload);
    }
  }

  return { take, followRegister: (register) => tracks.follow(register) };
}
