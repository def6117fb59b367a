import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** A secret as it is kept: readable only with the key, and only for what it was sealed for. */
export interface SealedSecret {
  /** Which key; not a part of the key. */
  readonly keyId: string;
  /** Initialisation vector, ciphertext and tag, each as base64url, joined by dots. */
  readonly sealed: string;
}

export type OpenedSecret =
  | { readonly ok: true; readonly secret: string }
  /** `unknown-key`: sealed with a key that is not here · `damaged`: sealed for something else, or changed since. */
  | { readonly ok: false; readonly reason: 'unknown-key' | 'damaged' };

const IV_BYTES = 12;

/** The keys that secrets at rest are sealed with (AES-256-GCM): the first seals, all of them open. */
export class SecretKeys {
  readonly #keys: ReadonlyMap<string, Buffer>;
  /** Of the key that seals. */
  readonly currentId: string;

  /** @param texts at least one, 32 bytes each, as base64 or base64url */
  constructor(texts: readonly [string, ...string[]]) {
    const entries = texts.map((text) => {
      const key = Buffer.from(text, 'base64');
      if (key.length !== 32) throw new RangeError('a secret key has 32 bytes');
      return [idOf(key), key] as const;
    });
    this.#keys = new Map(entries);
    this.currentId = entries[0]?.[0] ?? '';
  }

  /** @param purpose what the secret is for: it is opened for nothing else */
  seal(secret: string, purpose: string): SealedSecret {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys.get(this.currentId) ?? Buffer.alloc(0), iv);
    cipher.setAAD(Buffer.from(purpose, 'utf8'));
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    const sealed = [iv, body, cipher.getAuthTag()].map((part) => part.toString('base64url')).join('.');
    return { keyId: this.currentId, sealed };
  }

  open({ keyId, sealed }: SealedSecret, purpose: string): OpenedSecret {
    const key = this.#keys.get(keyId);
    if (key === undefined) return { ok: false, reason: 'unknown-key' };
    const [iv = '', body = '', tag = ''] = sealed.split('.');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(purpose, 'utf8'));
      decipher.setAuthTag(Buffer.from(tag, 'base64url'));
      const secret = Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]);
      return { ok: true, secret: secret.toString('utf8') };
    } catch {
      return { ok: false, reason: 'damaged' };
    }
  }
}

/** A key of its own making, as text. */
export function makeSecretKey(): string {
  return randomBytes(32).toString('base64url');
}

/** Says which key it is without telling anything of it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('ioc secret key id\0').update(key).digest('hex').slice(0, 8);
}
