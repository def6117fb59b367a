const PUBACK = 0x40;
const BYTES_PER_ACK = 4;

/**
 * The PUBACKs of these packet ids as one buffer (`40 02 idHi idLo` each). MQTT 5 reads the same short form as "success,
 * no properties".
 */
export function pubacks(packetIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(packetIds.length * BYTES_PER_ACK);
  let offset = 0;
  for (const id of packetIds) {
    bytes[offset] = PUBACK;
    bytes[offset + 1] = 2;
    bytes[offset + 2] = id >>> 8;
    bytes[offset + 3] = id & 0xff;
    offset += BYTES_PER_ACK;
  }
  return bytes;
}
