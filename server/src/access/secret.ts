import { createHash, randomBytes } from 'node:crypto';

/** A cookie's or display token's secret: 256 random bits, base64url, 43 characters. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of it. Plain SHA-256 will do: nobody guesses 256 random bits. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password to be read from a screen and typed: four groups of five, 99 random bits. */
export function makePassword(): string {
  const letters: string[] = [];
  while (letters.length < 20) {
    // 248 is the largest multiple of 31 in a byte: what lies above would make some letters likelier.
    for (const byte of randomBytes(32)) if (byte < 248 && letters.length < 20) letters.push(ALPHABET.charAt(byte % 31));
  }
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join('')).join('-');
}
