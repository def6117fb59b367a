import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { FrameFilter, type OversizedPublish } from './frame-filter.js';

const LIMIT = 2_000;

function publish(topic: string, payload: Buffer, qos: 0 | 1, messageId: number): Buffer {
  const common = { cmd: 'publish', topic, payload, retain: false, dup: false } as const;
  return mqttPacket.generate(qos === 0 ? { ...common, qos } : { ...common, qos, messageId });
}

/** What passes and what is taken out of a stream that arrives in chunks cut at `cuts`. */
function filterInChunks(
  stream: Buffer,
  cuts: readonly number[],
): { pass: Buffer; oversized: OversizedPublish[] } | null {
  const filter = new FrameFilter(LIMIT);
  const ends = [...new Set([...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].sort((a, b) => a - b);
  const pass: Buffer[] = [];
  const oversized: OversizedPublish[] = [];
  let from = 0;
  for (const end of ends) {
    const result = filter.push(Buffer.from(stream.subarray(from, end)));
    if (!result.ok) return null;
    pass.push(result.pass);
    oversized.push(...result.oversized);
    from = end;
  }
  return { pass: Buffer.concat(pass), oversized };
}

describe('The frame filter', () => {
  test('takes out exactly what is too long, however the bytes are cut into chunks', () => {
    const message = fc.record({
      topic: fc.stringMatching(/^[a-z/]{1,40}$/),
      size: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 2_100, max: 9_000 })),
      qos: fc.constantFrom(0 as const, 1 as const),
      id: fc.integer({ min: 1, max: 65_535 }),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (messages, cuts) => {
        const made = messages.map(({ topic, size, qos, id }) => {
          const payload = Buffer.alloc(size, topic);
          return { topic, size, qos, id, payload, frame: publish(topic, payload, qos, id) };
        });
        const tooLong = made.filter(({ size }) => size > 2_000);
        const result = filterInChunks(Buffer.concat(made.map(({ frame }) => frame)), cuts);
        expect(result?.pass).toEqual(Buffer.concat(made.filter(({ size }) => size <= 2_000).map(({ frame }) => frame)));
        expect(result?.oversized).toEqual(
          tooLong.map(({ topic, size, qos, id, payload }) => ({
            topic,
            packetId: qos === 0 ? null : id,
            payloadStart: payload.subarray(0, 1_024),
            payloadBytes: size,
          })),
        );
      }),
    );
  });

  test('passes a chunk without anything too long as it is, without a copy', () => {
    const chunk = publish('a/b', Buffer.alloc(100), 1, 7);
    const result = new FrameFilter(LIMIT).push(chunk);
    expect(result.ok && result.pass).toBe(chunk);
  });

  test('refuses any other packet that is too long, and lengths that no packet has', () => {
    const connect = Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0x03]), Buffer.alloc(10)]);
    expect(new FrameFilter(LIMIT).push(connect)).toEqual({ ok: false });
    expect(new FrameFilter(LIMIT).push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]))).toEqual({ ok: false });
  });
});
