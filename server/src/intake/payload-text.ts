import { isUtf8 } from 'node:buffer';

/** A character of UTF-8 takes at most four bytes: a payload that was cut may end with up to three of one. */
const MOST_CUT_BYTES = 3;

/** Whether these bytes are the beginning of one character of UTF-8. */
function beginsCharacter([lead, ...rest]: readonly number[]): boolean {
  return lead !== undefined && lead >= 0xc2 && lead <= 0xf4 && rest.every((byte) => byte >= 0x80 && byte < 0xc0);
}

/** A kept payload for a person to read: as text where it is UTF-8, else its bytes as `\xNN`. */
export function payloadText(payload: Buffer): string {
  for (let cut = 0; cut <= MOST_CUT_BYTES; cut += 1) {
    const end = Math.max(0, payload.length - cut);
    const whole = payload.subarray(0, end);
    if ((cut === 0 || beginsCharacter([...payload.subarray(end)])) && isUtf8(whole)) return whole.toString('utf8');
  }
  return Array.from(payload, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
