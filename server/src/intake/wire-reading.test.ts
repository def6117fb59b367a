import { batchReading, telemetryPayload } from '@ioc/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWireReading } from './wire-reading.js';

const instant = fc.oneof(
  fc.integer(),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-11-18T07:00:00+07:00',
    '2026-11-18',
    '2026-11-18T07:00:00',
    'yesterday',
    1.5,
    null,
    true,
    [],
    {},
  ),
);
const anything = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer()),
  fc.double(),
);
const metrics = fc.oneof(fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,20}$/), anything), anything);

/** Mostly right, each field sometimes wrong or missing. */
const reading = fc.record(
  {
    device: fc.oneof(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), anything),
    ts: instant,
    seq: fc.oneof(fc.nat(), anything),
    historical: fc.oneof(fc.boolean(), anything),
    state: fc.oneof(fc.constantFrom('online', 'offline'), anything),
    reason: fc.oneof(fc.string({ maxLength: 250 }), anything),
    metrics,
  },
  { requiredKeys: [] },
);

describe('A reading by hand is what the contract says', () => {
  test('in a batch', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: reading }, { weight: 1, arbitrary: anything }), (value) => {
        const wanted = batchReading.safeParse(value);
        const nul = wanted.success && (wanted.data.reason?.includes('\u0000') ?? false);
        const read = readWireReading(value, true);
        expect(read.kind === 'ok').toBe(wanted.success && !nul);
        if (read.kind !== 'ok' || !wanted.success) return;
        const { device, ts, seq, historical, state, reason, metrics } = wanted.data;
        expect(read.value).toEqual({
          device,
          atMs: ts,
          seq: seq ?? null,
          historical: historical ?? false,
          state: state ?? null,
          reason: reason ?? null,
          metrics: metrics ?? null,
        });
      }),
      { numRuns: 2_000 },
    );
  });

  test('in a telemetry message, whose device is its topic’s', () => {
    fc.assert(
      fc.property(reading, (value) => {
        const wanted = telemetryPayload.safeParse(value);
        const read = readWireReading(value, false);
        expect(read.kind === 'ok').toBe(wanted.success);
        if (read.kind === 'ok') expect(read.value).toMatchObject({ device: null, state: null, reason: null });
      }),
      { numRuns: 2_000 },
    );
  });
});

test('what is wrong is named by its field', () => {
  expect(readWireReading({ ts: 1, seq: -1, metrics: {} }, false)).toEqual({
    kind: 'reject',
    reason: 'payload-shape',
    detail: 'seq',
  });
});
