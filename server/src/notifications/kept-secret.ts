/** A secret as a row holds it; `keyId` null: as it was given, from before secrets were sealed. */
export interface KeptSecret {
  readonly keyId: string | null;
  readonly sealed: string;
}

/** Why a secret cannot be used, for logs and the log of messages. */
export const UNREADABLE = {
  'unknown-key': 'its secret was sealed with a key that this console does not have (IOC_SECRET_KEY)',
  damaged: 'its secret is damaged, or was sealed for another host',
} as const;

/** A secret was given to a host: to another one it is not sent, whoever changes the row. */
export function webhookPurpose(url: string): string {
  return `webhook ${new URL(url).origin}`;
}

export function vapidPurpose(publicKey: string): string {
  return `vapid ${publicKey}`;
}
