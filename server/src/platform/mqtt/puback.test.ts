import mqttPacket from 'mqtt-packet';
import { expect, test } from 'vitest';
import { pubacks } from './puback.js';

test('the PUBACKs of a batch are one buffer that both protocol versions read as that many acknowledgements', () => {
  const ids = [1, 255, 256, 65_535];
  const bytes = pubacks(ids);
  expect(bytes.length).toBe(4 * ids.length);
  for (const protocolVersion of [4, 5]) {
    const read: unknown[] = [];
    const parser = mqttPacket.parser({ protocolVersion });
    parser.on('packet', ({ cmd, messageId }) => read.push([cmd, messageId]));
    parser.parse(bytes);
    expect(read).toEqual(ids.map((id) => ['puback', id]));
  }
});

test('an empty batch is no bytes', () => {
  expect(pubacks([])).toHaveLength(0);
});
