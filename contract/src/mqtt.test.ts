import { describe, expect, it } from 'vitest';
import { batchPayload, deviceTopic, gatewayTopic, parseTopic, statusPayload, telemetryPayload } from './mqtt.js';

describe('topics', () => {
  it('are read back as they were written', () => {
    expect(parseTopic(deviceTopic('21025', 'bts', 'BTS-1', 'telemetry'))).toEqual({
      ok: true,
      topic: {
        of: 'device',
        kind: 'telemetry',
        commune: '21025',
        deviceClass: 'bts',
        device: 'BTS-1',
      },
    });
    expect(parseTopic(gatewayTopic('GW-VNPT', 'batch'))).toEqual({
      ok: true,
      topic: { of: 'gateway', kind: 'batch', gateway: 'GW-VNPT' },
    });
  });

  it.each([
    ['ioc/v2/51/21025/bts/B1/telemetry', 'topic-shape'],
    ['ioc/v1/48/21025/bts/B1/telemetry', 'topic-province'],
    ['ioc/v1/51/2102/bts/B1/telemetry', 'topic-commune'],
    ['ioc/v1/51/21025/camera/B1/telemetry', 'topic-class'],
    ['ioc/v1/51/21025/bts/B 1/telemetry', 'topic-id'],
    ['ioc/v1/51/21025/bts/B1/config', 'topic-kind'],
    ['ioc/v1/51/21025/bts/B1/telemetry/more', 'topic-shape'],
    ['ioc/v1/51/gateways/GW/telemetry', 'topic-kind'],
    ['', 'topic-shape'],
  ])('%s is refused as %s', (topic, reason) => {
    expect(parseTopic(topic)).toEqual({ ok: false, reason });
  });
});

describe('payloads', () => {
  it('take a moment as epoch milliseconds or as RFC 3339 text with an offset', () => {
    const at = Date.UTC(2025, 10, 18, 1);
    expect(telemetryPayload.parse({ ts: at, metrics: {} }).ts).toBe(at);
    expect(telemetryPayload.parse({ ts: '2025-11-18T08:00:00+07:00', metrics: {} }).ts).toBe(at);
  });

  it.each([{ ts: '2025-11-18T08:00:00' }, { ts: 1.5 }, { ts: Number.NaN }, { ts: null }, {}])(
    'refuse %j as a moment',
    (bad) => {
      expect(telemetryPayload.safeParse({ ...bad, metrics: {} }).success).toBe(false);
    },
  );

  it('refuse a batch of more than 1,000 readings and a status without its session', () => {
    expect(
      batchPayload.safeParse({
        ts: 1,
        readings: Array.from({ length: 1_001 }, () => ({})),
      }).success,
    ).toBe(false);
    expect(statusPayload.safeParse({ ts: 1, state: 'online' }).success).toBe(false);
  });
});
