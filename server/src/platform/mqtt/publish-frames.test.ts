import fc from 'fast-check';
import { generate, parser, type IPublishPacket, type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { PublishFrames } from './publish-frames.js';

interface Taken {
  readonly topic: string;
  readonly payload: string;
  readonly packetId: number;
  readonly retained: boolean;
  readonly redelivered: boolean;
}

/** What comes of bytes that arrive in such chunks, while `mostTogether` messages may wait. */
function walk(protocolVersion: 4 | 5, bytes: Buffer, chunkBytes: number, mostTogether = Infinity) {
  const taken: Taken[] = [];
  const others: Buffer[] = [];
  let waiting = 0;
  const frames = new PublishFrames(protocolVersion, {
    onPublish: (topic, payload, packetId, retained, redelivered) => {
      taken.push({ topic, payload: payload.toString('latin1'), packetId, retained, redelivered });
      waiting += 1;
      return waiting < mostTogether;
    },
    onOther: (other) => void others.push(Buffer.from(other)),
  });
  let most = 0;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    let goesOn = frames.push(bytes.subarray(at, at + chunkBytes));
    while (!goesOn) {
      most = Math.max(most, waiting);
      waiting = 0;
      goesOn = frames.resume();
    }
  }
  return { taken, other: Buffer.concat(others), most };
}

/** What MQTT.js's own parser makes of the same bytes. */
function parsed(protocolVersion: 4 | 5, bytes: Buffer): readonly Taken[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet: Packet) => packets.push(packet));
  reader.parse(bytes);
  return packets
    .filter((packet): packet is IPublishPacket => packet.cmd === 'publish')
    .map(({ topic, payload, messageId, retain, dup }) => ({
      topic,
      payload: payload.toString('latin1'),
      packetId: messageId ?? 0,
      retained: retain,
      redelivered: dup,
    }));
}

const publish = fc
  .record({
    topic: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }).filter((topic) => !/[\0+#]/.test(topic)),
    payload: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 400 })),
    qos: fc.constantFrom(0 as const, 1 as const),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    retain: fc.boolean(),
    dup: fc.boolean(),
    expiryS: fc.option(fc.nat({ max: 100_000 })),
  })
  .map(({ payload, expiryS, qos, dup, ...rest }): Packet => ({
    cmd: 'publish',
    ...rest,
    qos,
    dup: qos === 1 && dup,
    payload: Buffer.from(payload),
    ...(expiryS !== null && { properties: { messageExpiryInterval: expiryS, userProperties: { a: 'b' } } }),
  }));
const other = fc.constantFrom<Packet>({ cmd: 'pingresp' }, { cmd: 'suback', messageId: 7, granted: [1] });
const chunkBytes = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 3_000 }));

describe.each([4, 5] as const)('Frames of protocol version %i', (protocolVersion) => {
  const bytesOf = (packets: readonly Packet[]) =>
    Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion })));

  test('a PUBLISH says what MQTT.js reads in it, all else passes unchanged, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(publish, other), { maxLength: 12 }), chunkBytes, (packets, size) => {
        const bytes = bytesOf(packets);
        const { taken, other } = walk(protocolVersion, bytes, size);
        expect(taken).toEqual(parsed(protocolVersion, bytes));
        expect(other).toEqual(bytesOf(packets.filter(({ cmd }) => cmd !== 'publish')));
      }),
    );
  });

  test('whoever says "no more" gets no more before he asks, and then the rest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(publish, other), { maxLength: 12 }),
        chunkBytes,
        fc.integer({ min: 1, max: 4 }),
        (packets, size, mostTogether) => {
          const bytes = bytesOf(packets);
          const { taken, most } = walk(protocolVersion, bytes, size, mostTogether);
          expect(taken).toEqual(parsed(protocolVersion, bytes));
          expect(most).toBeLessThanOrEqual(mostTogether);
        },
      ),
    );
  });

  test('QoS 2, an empty topic and a frame that is too short for its topic are left to MQTT.js', () => {
    const unusual = [
      generate(
        { cmd: 'publish', topic: 'a/b', payload: 'x', qos: 2, messageId: 3, retain: false, dup: false },
        { protocolVersion },
      ),
      Buffer.from(protocolVersion === 5 ? [0x30, 3, 0, 0, 0] : [0x30, 2, 0, 0]),
      Buffer.from([0x30, 3, 0, 9, 0x61]),
      Buffer.from([0x30, 1, 0]),
    ];
    for (const bytes of unusual) {
      const { taken, other } = walk(protocolVersion, bytes, 1_000);
      expect(taken).toEqual([]);
      expect(other).toEqual(bytes);
    }
  });

  test('bytes that are no MQTT are left to MQTT.js, whatever follows', () => {
    const nonsense = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    const bytes = Buffer.concat([nonsense, bytesOf([{ cmd: 'pingresp' }])]);
    expect(walk(protocolVersion, bytes, 7)).toMatchObject({ taken: [], other: bytes });
  });
});
