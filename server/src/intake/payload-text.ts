import { isUtf8 } from 'node:buffer';

/** A character of UTF-8 takes at most four bytes: a payload that was cut may end with up to three of one. */
const MOST_CUT_BYTES = 3;

/** A kept payload for a person to read: as text where it is UTF-8, else its bytes as `\xNN`. */
export function payloadText(payload: Buffer): string {
  for (let cut = 0; cut <= Math.min(MOST_CUT_BYTES, payload.length); cut += 1) {
    const whole = payload.subarray(0, payload.length - cut);
    if (isUtf8(whole)) return whole.toString('utf8');
  }
  return Array.from(payload, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
